"""Faces of a collection at AWS, from the output of ListFaces or from a manifest."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from openrek.errors import RequestError

Box = tuple[float, float, float, float]
"""Left, top, width, height; ratios of the image's sides."""


class FaceListError(RequestError):
    """The file is neither the output of ListFaces nor a manifest."""


@dataclass(frozen=True, slots=True)
class AwsFace:
    """A face that AWS knows. AWS gives out no vectors."""

    face_id: str
    image: str | None
    """Path or key of its image, from a manifest."""
    external_image_id: str | None
    box: Box | None
    user_id: str | None


def read_faces(data: bytes) -> list[AwsFace]:
    """The faces of a file.

    It is JSON: what `aws rekognition list-faces` prints, a list of faces, or one page or face a line. Or it is a CSV
    manifest with the columns face_id and image, and optionally external_image_id, user_id, left, top, width and height.

    Raises:
        FaceListError: The file is neither.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        faces = list(_from_json(text) if text[:1] in (b"{", b"[") else _from_csv(text.decode()))
    except KeyError as error:
        raise FaceListError(f"A face has no {error.args[0]}.") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise FaceListError(f"The list of faces cannot be read: {error}.") from None
    if not faces:
        raise FaceListError("The file lists no faces.")
    return faces


def _from_json(text: bytes) -> Iterator[AwsFace]:
    try:
        documents = [orjson.loads(text)]
    except orjson.JSONDecodeError:
        documents = [orjson.loads(line) for line in text.splitlines() if line.strip()]
    for document in documents:
        faces = document if isinstance(document, list) else document.get("Faces", [document])
        for face in faces:
            yield _face(face)


def _face(face: dict[str, Any]) -> AwsFace:
    box = face.get("BoundingBox")
    return AwsFace(
        face_id=str(face["FaceId"]),
        image=None,
        external_image_id=face.get("ExternalImageId"),
        box=None if box is None else (box["Left"], box["Top"], box["Width"], box["Height"]),
        user_id=face.get("UserId"),
    )


def _from_csv(text: str) -> Iterator[AwsFace]:
    for row in csv.DictReader(io.StringIO(text)):
        sides = [row.get(name) for name in ("left", "top", "width", "height")]
        yield AwsFace(
            face_id=row["face_id"],
            image=row["image"],
            external_image_id=row.get("external_image_id") or None,
            box=tuple(map(float, sides)) if all(sides) else None,  # type: ignore[arg-type]
            user_id=row.get("user_id") or None,
        )
