"""What an operation is given."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from openrek.config import ACCOUNT
from openrek.iam import Caller
from openrek.resources import Resources
from openrek.s3 import ObjectStore
from openrek.vision import Engine, Image, Limits

_KEPT_PICTURES = 8
LOCAL_CALLER = Caller.unrestricted(f"arn:aws:iam::{ACCOUNT}:root")
"""Who uses the client in their own process."""


class OpenPictures:
    """Pictures under way, so that several operations on the same bytes decode once.

    Found by identity: the entry holds the bytes, so their `id` cannot be another's meanwhile.
    """

    def __init__(self, kept: int = _KEPT_PICTURES) -> None:
        self._kept = kept
        self._lock = Lock()
        self._pictures: OrderedDict[tuple[int, Limits], tuple[bytes, Image]] = OrderedDict()

    def open(self, data: bytes, limits: Limits) -> Image:
        """The picture of these bytes; see Image.open."""
        key = (id(data), limits)
        with self._lock:
            found = self._pictures.get(key)
            if found is not None:
                self._pictures.move_to_end(key)
                return found[1]
        image = Image.open(data, limits)
        with self._lock:
            found = self._pictures.setdefault(key, (data, image))
            if len(self._pictures) > self._kept:
                self._pictures.popitem(last=False)
        return found[1]


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, the objects, what is kept between requests, and the pictures under way."""

    engine: Engine
    objects: ObjectStore
    resources: Resources
    caller: Caller = LOCAL_CALLER
    """Who asks; every operation and every object needs their permission."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys of the request, as "aws:SourceIp"."""
    pictures: OpenPictures = field(default_factory=OpenPictures)
