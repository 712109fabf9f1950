"""Searches in collections: vectors compared, matches as wire shapes, and an audit record."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.operation import Request
from openrek.rekognition.render.collection_faces import face_member, user_member
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.services import Services
from openrek.vision import similarity_of

if TYPE_CHECKING:
    from openrek.state import Collection

DEFAULT_THRESHOLD = 80.0
DEFAULT_MATCHES = 80
"""Amazon does not document how many matches there are by default; this many are reported."""
Vector = NDArray[np.floating[Any]]
_Row = TypeVar("_Row")


def face_matches(
    request: Request, services: Services, collection: "Collection", vector: Vector, but: int | None = None
) -> list[dict[str, Any]]:
    """FaceMatches of a vector, by falling cosine; `but` is the number of a face that is not among them."""
    limit, threshold = _bounds(request, "MaxFaces", "FaceMatchThreshold")
    found = _nearest("faces", services, collection, vector, limit, threshold, but)
    return _matches(found, services.resources.faces.numbered, collection, lambda face: {"Face": face_member(face)})


def user_matches(
    request: Request, services: Services, collection: "Collection", vector: Vector, but: int | None = None
) -> list[dict[str, Any]]:
    """UserMatches of a vector, by falling cosine; `but` is the number of a user who is not among them."""
    limit, threshold = _bounds(request, "MaxUsers", "UserMatchThreshold")
    found = _nearest("users", services, collection, vector, limit, threshold, but)
    return _matches(found, services.resources.users.numbered, collection, lambda user: {"User": user_member(user)})


def audit(
    operation: str, services: Services, collection: "Collection", matches: Sequence[Any], ignored_faces: int = 0
) -> None:
    """Record a search: who searched which collection, and how many matches there were. No image, vector or id.

    Args:
        operation: Its name.
        services: Of the request.
        collection: What was searched.
        matches: The matches.
        ignored_faces: Faces of the image that were not searched for, because only the largest is.
    """
    if services.log is None:
        return
    message = ""
    if ignored_faces:
        others = "1 other face" if ignored_faces == 1 else f"{ignored_faces} other faces"
        message = f"Only the largest face was searched for; the image has {others}."
    services.log().emit(
        "searched",
        message,
        operation=operation,
        principal=services.caller.arn,
        collection=collection.name,
        matches=len(matches),
        ignored_faces=ignored_faces,
    )


def _bounds(request: Request, limit: str, threshold: str) -> tuple[int, float]:
    return request.get(limit, DEFAULT_MATCHES), request.get(threshold, DEFAULT_THRESHOLD)


def _nearest(
    kind: Literal["faces", "users"],
    services: Services,
    collection: "Collection",
    vector: Vector,
    limit: int,
    threshold: float,
    but: int | None,
) -> list[tuple[int, float]]:
    """Numbers and similarities of at least the threshold, both 0 to 100; the highest cosine first."""
    query = np.asarray(vector, np.float32)
    neighbours = services.vectors.search(kind, collection, query, limit + (but is not None))
    similarities = similarity_of(neighbours.cosines, collection.model)
    found = [
        (int(number), percent(float(value)))
        for number, value in zip(neighbours.numbers, similarities, strict=True)
        if number != but
    ]
    return [(number, value) for number, value in found if value >= threshold][:limit]


def _matches(
    found: list[tuple[int, float]],
    read: "Callable[[Collection, Sequence[int]], dict[int, _Row]]",
    collection: "Collection",
    member: Callable[[_Row], dict[str, Any]],
) -> list[dict[str, Any]]:
    # Who was deleted since the vectors were compared is left out.
    rows = read(collection, [number for number, _ in found]) if found else {}
    return [{"Similarity": value, **member(rows[number])} for number, value in found if number in rows]
