"""What an operation is given."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakValueDictionary

from openrek.config import ACCOUNT
from openrek.iam import Caller
from openrek.imaging.decode import LARGE_PIXELS
from openrek.s3 import ObjectStore
from openrek.state import Repositories
from openrek.vision import EncodedFrame, Engine, Limits

_KEPT_PICTURES = 8
LOCAL_CALLER = Caller.unrestricted(f"arn:aws:iam::{ACCOUNT}:root")
"""Who uses the client in their own process."""


class OpenImages:
    """Pictures under way, so that several operations on the same bytes decode once.

    Found by identity: a picture holds its bytes, so their `id` cannot be another's while it lives. It lives as long as
    an operation has it; the latest few live on, but for large ones.
    """

    def __init__(self, kept: int = _KEPT_PICTURES) -> None:
        self._lock = Lock()
        self._pictures: WeakValueDictionary[tuple[int, Limits], EncodedFrame] = WeakValueDictionary()
        self._latest: deque[EncodedFrame] = deque(maxlen=kept)

    def open(self, data: bytes, limits: Limits) -> EncodedFrame:
        """The picture of these bytes; see EncodedFrame.open."""
        key = (id(data), limits)
        with self._lock:
            found = self._pictures.get(key)
            if found is not None:
                return found
        image = EncodedFrame.open(data, limits)
        with self._lock:
            image = self._pictures.setdefault(key, image)
            if image.width * image.height < LARGE_PIXELS and image not in self._latest:
                self._latest.append(image)
        return image


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, the objects, what is kept between requests, and the pictures under way."""

    engine: Engine
    objects: ObjectStore
    resources: Repositories
    caller: Caller = LOCAL_CALLER
    """Who asks; every operation and every object needs their permission."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys of the request, as "aws:SourceIp"."""
    pictures: OpenImages = field(default_factory=OpenImages)
