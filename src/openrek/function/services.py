"""What the function is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from openrek.cloudwatch import Log
from openrek.function.analysis_store import AnalysisStore
from openrek.function.recognition import Recognition
from openrek.s3 import ObjectStore


class VideoClient(Protocol):
    """The part of a Rekognition client that videos need."""

    def start_label_detection(self, **request: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartLabelDetection.html"""

    def get_label_detection(self, **request: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetLabelDetection.html"""


@dataclass(frozen=True, slots=True)
class VideoAnalysis:
    """Where videos are analyzed."""

    client: VideoClient
    channel: Mapping[str, str]
    """Rekognition's NotificationChannel."""


Share = Callable[[str, str, str], str]
"""(origin such as "http://127.0.0.1:8420", bucket, key) → a link to the object that expires."""


@dataclass(frozen=True, slots=True)
class FunctionServices:
    """The function's world."""

    recognition: Recognition
    archive: AnalysisStore
    objects: ObjectStore
    """Where the archive is, too: uploads and the inbox are in the same bucket."""
    log: Log
    share: Share
    offer: Share
    """Likewise, a link that takes the object instead: by PUT."""
    link_seconds: int = 3600
    """How long links work."""
    max_image_bytes: int = 5_242_880
    videos: VideoAnalysis | None = None
    """None where videos are not analyzed."""
