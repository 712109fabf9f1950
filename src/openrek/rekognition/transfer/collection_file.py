"""The file format of `openrek collections export`: JSON lines. docs/collections.md describes it for other programs.

The first line is the header, then come users, then faces, then a footer that proves the file complete:

    {"format": "openrek-collection", "version": 1, "collection": "staff", "face_model": "…", …}
    {"user_id": "anh"}
    {"face_id": "…", "image_id": "…", "box": [0.1, 0.2, 0.3, 0.4], "confidence": 0.99, "vector": "<base64>", …}
    {"faces": 1, "users": 1}
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol
from uuid import UUID

import numpy as np
import orjson

from openrek.errors import RequestError
from openrek.state.face_rows import Face, Halves

FORMAT = "openrek-collection"
VERSION = 1
_MAX_LINE_BYTES = 1 << 20
_LENGTH_TOLERANCE = 0.01


class CollectionFileError(RequestError):
    """The file is not a collection that openrek exported."""


@dataclass(frozen=True, slots=True)
class Header:
    """The collection of a file."""

    collection: str
    face_model: str
    """Version of the model that made the vectors."""
    created_at: str
    """When the collection was created, ISO 8601, UTC."""
    exported_at: str
    """Likewise."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Header":
        """The header of a first line's fields.

        Raises:
            KeyError: A field is missing.
        """
        names = ("collection", "face_model", "created_at", "exported_at")
        return cls(*(str(fields[name]) for name in names))

    def as_line(self) -> bytes:
        """The first line."""
        return _line(
            {
                "format": FORMAT,
                "version": VERSION,
                "collection": self.collection,
                "face_model": self.face_model,
                "created_at": self.created_at,
                "exported_at": self.exported_at,
            }
        )


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user."""

    user_id: str

    def as_line(self) -> bytes:
        """One line."""
        return _line({"user_id": self.user_id})


@dataclass(frozen=True, slots=True, eq=False)
class FaceRecord:
    """A face and its vector."""

    face_id: str
    image_id: str
    external_image_id: str | None
    box: tuple[float, float, float, float]
    """Left, top, width, height; ratios of the image's sides."""
    confidence: float
    """That it is a face, 0 to 1."""
    face_model: str
    user_id: str | None
    vector: Halves
    """(D,)"""

    @classmethod
    def of(cls, face: Face, vector: Halves) -> "FaceRecord":
        """The record of a face and its vector, (D,)."""
        return cls(
            face.id, face.image_id, face.external_image_id, face.box, face.confidence, face.model, face.user_id, vector
        )

    @classmethod
    def checked(cls, fields: Mapping[str, Any], vector: Halves, face_model: str) -> "FaceRecord":
        """The record of a file's fields.

        Args:
            fields: As in a line.
            vector: (D,)
            face_model: Of the file.

        Raises:
            KeyError: A field is missing.
            TypeError: A field has another type.
            ValueError: A field is not valid.
        """
        length = float(np.linalg.norm(vector.astype(np.float32)))
        if not 1 - _LENGTH_TOLERANCE <= length <= 1 + _LENGTH_TOLERANCE:
            raise ValueError(f"the vector has the length {length:.3f}, not 1")
        if fields["face_model"] != face_model:
            raise ValueError(f"the face was embedded by {fields['face_model']!r}, others by {face_model!r}")
        left, top, width, height = (float(number) for number in fields["box"])
        external_id, user = fields.get("external_image_id"), fields.get("user_id")
        return cls(
            face_id=str(UUID(fields["face_id"])),
            image_id=str(UUID(fields["image_id"])),
            external_image_id=None if external_id is None else str(external_id),
            box=(left, top, width, height),
            confidence=float(fields["confidence"]),
            face_model=str(fields["face_model"]),
            user_id=None if user is None else str(user),
            vector=vector,
        )

    def as_line(self) -> bytes:
        """One line."""
        vector = base64.b64encode(self.vector.astype("<f2").tobytes()).decode("ascii")
        fields: dict[str, Any] = {
            "face_id": self.face_id,
            "image_id": self.image_id,
            "external_image_id": self.external_image_id,
            "user_id": self.user_id,
            "box": list(self.box),
            "confidence": self.confidence,
            "face_model": self.face_model,
            "vector": vector,
        }
        return _line({name: value for name, value in fields.items() if value is not None})


def footer_line(faces: int, users: int) -> bytes:
    """The last line."""
    return _line({"faces": faces, "users": users})


class CollectionSource(Protocol):
    """A collection in a file."""

    @property
    def header(self) -> Header:
        """Of the collection."""

    def records(self) -> Iterator[UserRecord | FaceRecord]:
        """Users, then faces.

        Raises:
            CollectionFileError: The file is damaged.
        """


class CollectionFile:
    """A file that is read line by line, in bounded memory.

    Args:
        file: At its beginning.

    Raises:
        CollectionFileError: The header is not valid, or of a newer openrek.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._lines = _numbered(file)
        self._dimensions = 0
        number, fields = next(self._lines, (1, {}))
        if fields.get("format") != FORMAT:
            raise CollectionFileError(f"Line {number} is not the header of a collection that openrek exported.")
        if fields.get("version") != VERSION:
            raise CollectionFileError(
                f"The file has version {fields.get('version')!r} of the format; this openrek reads version {VERSION}. "
                "Upgrade openrek."
            )
        with _valid(number):
            self.header = Header.of(fields)

    def records(self) -> Iterator[UserRecord | FaceRecord]:
        """Users, then faces.

        Raises:
            CollectionFileError: A line is not valid, or the file ends early.
        """
        faces = users = 0
        for number, fields in self._lines:
            if "faces" in fields:
                if (fields["faces"], fields.get("users")) != (faces, users):
                    raise CollectionFileError(f"Line {number} counts {fields['faces']} faces, the file has {faces}.")
                return
            with _valid(number):
                record = self._face(fields) if "face_id" in fields else UserRecord(str(fields["user_id"]))
            faces, users = (faces + 1, users) if isinstance(record, FaceRecord) else (faces, users + 1)
            yield record
        raise CollectionFileError(f"The file ends after {faces} faces, without its last line. Export it again.")

    def _face(self, fields: dict[str, Any]) -> FaceRecord:
        vector = np.frombuffer(base64.b64decode(fields["vector"], validate=True), "<f2")
        self._dimensions = self._dimensions or len(vector)
        if len(vector) != self._dimensions:
            raise ValueError(f"the vector has {len(vector)} numbers, others have {self._dimensions}")
        return FaceRecord.checked(fields, vector, self.header.face_model)


def _numbered(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := file.readline(_MAX_LINE_BYTES):
        number += 1
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise CollectionFileError(f"Line {number} is not valid JSON: {error}.") from None
        if not isinstance(fields, dict):
            raise CollectionFileError(f"Line {number} is not a JSON object.")
        yield number, fields


@contextmanager
def _valid(number: int) -> Iterator[None]:
    """Errors of a line name it."""
    try:
        yield
    except KeyError as error:
        raise CollectionFileError(f"Line {number} has no {error.args[0]!r}.") from None
    except (TypeError, ValueError) as error:
        raise CollectionFileError(f"Line {number} is not valid: {error}.") from None


def _line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
