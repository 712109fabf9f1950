"""Rows of faces as records."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, select

from openrek.db import faces, users

Box = tuple[float, float, float, float]
"""Left, top, width, height; ratios of the image's sides."""
Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Face:
    """A face of a collection."""

    id: str
    """FaceId: a UUID, lower-case."""
    image_id: str
    """ImageId: a UUID, the same for the same bytes of an image."""
    external_image_id: str | None
    box: Box
    confidence: float
    """That it is a face, 0 to 1."""
    model: str
    """Version of the model that made its vector."""
    user_id: str | None = None
    """The user that it belongs to."""
    number: int = 0
    """Its key in an index of vectors: the sequence number of its insertion."""


@dataclass(frozen=True, slots=True, eq=False)
class NewFace:
    """A face to be added."""

    id: str
    image_id: str
    external_image_id: str | None
    box: Box
    confidence: float
    """0 to 1."""
    vector: NDArray[np.floating[Any]]
    """(D,), of length 1."""


COLUMNS = (
    faces.c.id,
    faces.c.image_id,
    faces.c.external_image_id,
    faces.c.box_left,
    faces.c.box_top,
    faces.c.box_width,
    faces.c.box_height,
    faces.c.confidence,
    faces.c.model,
    users.c.id.label("user_id"),
    faces.c.number,
)
"""What `face_of` reads."""


def select_faces() -> Select[Any]:
    """Rows for `face_of`, of all collections."""
    of_user = and_(users.c.collection == faces.c.collection, users.c.number == faces.c.user_number)
    return select(*COLUMNS).select_from(faces.outerjoin(users, of_user))


def face_of(row: Any) -> Face:
    """The face of a row of `select_faces`."""
    identifier, image_id, external_image_id, left, top, width, height, confidence, model, user_id, number = row
    box = (left, top, width, height)
    return Face(identifier, image_id, external_image_id, box, confidence, model, user_id, number)


def row_of(face: NewFace, collection: int, number: int, model: str) -> dict[str, Any]:
    """The row of a new face."""
    left, top, width, height = face.box
    return {
        "collection": collection,
        "number": number,
        "id": face.id,
        "image_id": face.image_id,
        "external_image_id": face.external_image_id,
        "box_left": left,
        "box_top": top,
        "box_width": width,
        "box_height": height,
        "confidence": face.confidence,
        "model": model,
        "vector": to_bytes(face.vector),
    }


def to_bytes(vector: NDArray[np.floating[Any]]) -> bytes:
    """A vector as it is stored: half floats, little-endian."""
    return vector.astype("<f2").tobytes()


def to_vector(stored: bytes) -> Halves:
    """(D,): the vector that was stored so."""
    return np.frombuffer(stored, "<f2")
