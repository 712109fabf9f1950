"""What an operation is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from openrek.cloudwatch import Log
from openrek.config import ACCOUNT
from openrek.iam import Caller
from openrek.rekognition.admission import Admission
from openrek.rekognition.collection_vectors import CollectionVectors
from openrek.rekognition.curation.crops import FaceCrops
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
    crops: FaceCrops | None = None
    """Where crops of indexed faces are kept; None if they are not."""
    image: SharedImage | None = None
    """The image that every operation looks at, whatever its request names: several of them share one analysis."""
    log: Callable[[], Log] | None = None
    """Where searches are recorded; None where there is no log."""
    vectors: CollectionVectors = None  # type: ignore[assignment]  # made of the resources unless it is given
    """The vectors of collections in memory."""

    def __post_init__(self) -> None:
        if getattr(self, "vectors", None) is None:
            object.__setattr__(self, "vectors", CollectionVectors(self.resources))
