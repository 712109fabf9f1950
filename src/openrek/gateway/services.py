"""What the gateway is given."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openrek.cloudwatch import Log, LogStore
from openrek.function import Function
from openrek.function.video_library import VideoLibrary
from openrek.gateway.access import Access
from openrek.gateway.admission import ImageQueue
from openrek.gateway.body_budget import BodyBudget
from openrek.iam import AccessKeys, Caller
from openrek.rekognition.curation.curation import Curation
from openrek.s3 import LocalObjectStore, ObjectStore
from openrek.web.cors import CorsRule

Dispatch = Callable[[str, dict[str, Any], Caller, Mapping[str, str]], dict[str, Any]]
"""(operation, request, principal, condition keys of the request) → response; raises OpenrekError."""


@dataclass(frozen=True, slots=True)
class GatewayServices:
    """What the gateway calls."""

    access: Access
    keys: AccessKeys
    dispatch: Dispatch
    function: Function
    curation: Curation
    videos: VideoLibrary
    objects: ObjectStore
    local: LocalObjectStore | None
    """The same, where it is a local folder: it then answers S3's protocol."""
    log: Log
    log_store: LogStore
    static: Path
    """Folder of the console's files."""
    image_queue: ImageQueue
    """For what needs the engine."""
    executor: Executor
    """Threads for all else that blocks: reads stay quick however many images wait."""
    events: Executor
    """Threads for the function's events, as of the inbox. No client waits for them."""
    health: Callable[[], Mapping[str, Any]]
    max_image_bytes: int
    allowed_hosts: tuple[str, ...]
    public_origin: tuple[str, str]
    """Scheme of requests for a host, and this: a proxy that speaks TLS to it speaks none to us. Empty without one."""
    region: str
    bucket: str
    """Of the analyses; what is put under its inbox/ is analysed."""
    cors: CorsRule | None = None
    """What pages of other origins may do; None for nothing."""
    unverified: BodyBudget = field(default_factory=BodyBudget)
    """Bounds the bodies of requests whose signature is not verified yet."""
