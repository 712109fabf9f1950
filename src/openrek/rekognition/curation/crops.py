"""Crops of indexed faces: kept only where the operator turned that on, deleted with their faces."""

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from openrek.errors import ObjectNotReadableError
from openrek.s3 import ObjectStore
from openrek.vision import Frame

if TYPE_CHECKING:
    from openrek.state import Collection, Face, Faces

PREFIX = "faces/"
"""Crops are below this prefix of openrek's bucket."""
_MARGIN = 0.4
"""Of the box's sides, on each side: enough for the face to be detected and embedded again."""
_SIDE = 320
_QUALITY = 90
_AT_ONCE = 1000

Box = tuple[float, float, float, float]
"""Left, top, width, height; ratios of the image's sides."""


class FaceCrops:
    """Crops by collection and face.

    Args:
        objects: Where they are kept.
        bucket: openrek's.
        is_on: Whether crops of new faces are kept. Those that were kept before can be read and deleted either way.
    """

    def __init__(self, objects: ObjectStore, bucket: str, *, is_on: bool) -> None:
        self._objects, self._bucket, self.is_on = objects, bucket, is_on

    def put_all(self, collection: "Collection", indexed: "Sequence[Face]", frame: Frame, faces: "Faces") -> None:
        """Keep the crops of faces that were stored just now.

        A face that is deleted at the same time leaves no crop: whoever deletes it first removes its row, and rows are
        looked up once the crops are written.

        Args:
            collection: The faces'.
            indexed: The faces.
            frame: Their image.
            faces: The repository.
        """
        for face in indexed:
            self._objects.put(self._bucket, _key(collection.name, face.id), crop(frame, face.box))
        present = faces.numbered(collection, [face.number for face in indexed])
        self.delete(collection.name, [face.id for face in indexed if face.number not in present])

    def has_any(self, collection: str) -> bool:
        """Whether crops of the collection are kept."""
        return bool(self._objects.list_page(self._bucket, f"{PREFIX}{collection}/", limit=1).objects)

    def has(self, collection: str, face_id: str) -> bool:
        """Whether the face's crop is kept."""
        try:
            self._objects.head(self._bucket, _key(collection, face_id))
        except ObjectNotReadableError:
            return False
        return True

    def get(self, collection: str, face_id: str) -> bytes | None:
        """The crop, a JPEG; None if none is kept."""
        try:
            return self._objects.get(self._bucket, _key(collection, face_id)).data
        except ObjectNotReadableError:
            return None

    def delete(self, collection: str, face_ids: Iterable[str]) -> None:
        """Delete the crops of faces; those without one are ignored."""
        self._objects.delete(self._bucket, [_key(collection, face_id) for face_id in face_ids])

    def delete_all(self, collection: str) -> None:
        """Delete the crops of a collection."""
        keys = self._objects.keys(self._bucket, f"{PREFIX}{collection}/")
        for first in range(0, len(keys), _AT_ONCE):
            self._objects.delete(self._bucket, keys[first : first + _AT_ONCE])


def crop(frame: Frame, box: Box) -> bytes:
    """The face with some of what surrounds it, as a JPEG of at most 320 pixels on a side."""
    left, top, width, height = box
    edges = (left - _MARGIN * width, top - _MARGIN * height, left + (1 + _MARGIN) * width, top + (1 + _MARGIN) * height)
    longest = max((edges[2] - edges[0]) * frame.width, (edges[3] - edges[1]) * frame.height)
    reach = round(max(frame.width, frame.height) * min(1.0, _SIDE / max(longest, 1.0)))
    pixels = frame.pixels(max(reach, 1))
    rows, columns = pixels.shape[:2]
    x0, x1 = (min(max(round(edge * columns), 0), columns) for edge in (edges[0], edges[2]))
    y0, y1 = (min(max(round(edge * rows), 0), rows) for edge in (edges[1], edges[3]))
    image = Image.fromarray(pixels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)])
    image.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _key(collection: str, face_id: str) -> str:
    return f"{PREFIX}{collection}/{face_id}.jpg"
