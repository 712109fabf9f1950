"""SearchUsers and SearchUsersByImage.

https://docs.aws.amazon.com/rekognition/latest/dg/search-users.html
"""

from typing import Any

import numpy as np

from openrek.errors import InvalidParameterError
from openrek.rekognition.face_search import audit, user_matches
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.operations.images.faces import MAX_FACES, face_details
from openrek.rekognition.quality_filter import reasons
from openrek.rekognition.registry import operation
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services

_COLLECTION = "collection/{CollectionId}"
_DIFFERS = "At most 80 matches by default."


@operation("SearchUsers", runs="database", resource=_COLLECTION, differs=_DIFFERS)
def search_users(request: Request, services: Services) -> Response:
    """Users of the collection like a face of it, or like a user, who is not among them."""
    resources = services.resources
    collection = resources.collections.get(request["CollectionId"])
    user_id, face_id = request.get("UserId"), request.get("FaceId")
    if (user_id is None) is (face_id is None):
        raise InvalidParameterError("Specify exactly one of UserId and FaceId.")
    response: Response = {"FaceModelVersion": collection.model}
    if user_id is not None:
        user, mean = resources.users.vector(collection, user_id)
        response["SearchedUser"] = {"UserId": user_id}
        matches = [] if mean is None else user_matches(request, services, collection, mean, but=user.number)
    else:
        assert face_id is not None
        _, vector = resources.faces.vector(collection, face_id)
        response["SearchedFace"] = {"FaceId": face_id}
        matches = user_matches(request, services, collection, vector)
    audit("SearchUsers", services, collection, matches)
    return response | {"UserMatches": matches}


@operation(
    "SearchUsersByImage",
    runs="engine",
    resource=_COLLECTION,
    differs=f"{_DIFFERS} The thresholds of QualityFilter are openrek's own; AUTO is LOW.",
)
def search_users_by_image(request: Request, services: Services) -> Response:
    """Users of the collection like the largest face of an image; without a face, none."""
    resources, model = services.resources, services.engine.face_model
    resources.collections.get(request["CollectionId"]).require_model(model)
    analysis = open_image(request["Image"], services)
    faces = analysis.faces.largest(MAX_FACES)
    details = face_details(analysis, faces, ())
    why: list[list[str]] = [list(each) for each in reasons(faces, request.get("QualityFilter", "NONE"))]
    searched = next((index for index, each in enumerate(why) if not each), None)
    unsearched: list[dict[str, Any]] = [
        {"FaceDetails": details[index], "Reasons": each or ["FACE_NOT_LARGEST"]}
        for index, each in enumerate(why)
        if index != searched
    ]
    response: Response = {"FaceModelVersion": model, "UnsearchedFaces": unsearched}
    matches: list[dict[str, Any]] = []
    collection = resources.collections.get(request["CollectionId"])
    if searched is not None:
        (vector,) = analysis.embeddings(faces.take(np.array([searched], np.intp)))
        matches = user_matches(request, services, collection, vector)
        response["SearchedFace"] = {"FaceDetail": details[searched]}
    audit("SearchUsersByImage", services, collection, matches, len(unsearched))
    return response | {"UserMatches": matches}
