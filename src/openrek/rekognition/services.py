"""What an operation is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from openrek.config import ACCOUNT
from openrek.iam import Caller
from openrek.rekognition.admission import Admission
from openrek.rekognition.shared_image import SharedImage
from openrek.s3 import ObjectStore
from openrek.state import Repositories
from openrek.vision import Engine

LOCAL_CALLER = Caller.unrestricted(f"arn:aws:iam::{ACCOUNT}:root")
"""Who uses the client in their own process."""


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, the objects and what is kept between requests."""

    engine: Engine
    objects: ObjectStore
    resources: Repositories
    caller: Caller = LOCAL_CALLER
    """Whose request it is; every operation and every object needs their permission."""
    bucket: str = "openrek"
    """Bucket in which results of jobs are kept."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys of the request, as "aws:SourceIp"."""
    admission: Admission | None = None
    """Bounds the requests that use the engine; None where there is no bound."""
    image: SharedImage | None = None
    """The image that every operation looks at, whatever its request names: several of them share one analysis."""
