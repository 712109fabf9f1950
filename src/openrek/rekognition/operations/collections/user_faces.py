"""AssociateFaces and DisassociateFaces.

https://docs.aws.amazon.com/rekognition/latest/dg/associate-faces.html
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.render.collection_faces import user_status
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.repeated_request import once
from openrek.rekognition.services import Services
from openrek.vision import face_similarity

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from openrek.state.users import Membership

_COLLECTION = "collection/{CollectionId}"
_THRESHOLD = 75.0
_REASONS = {
    "missing": "FACE_NOT_FOUND",
    "of another user": "ASSOCIATED_TO_A_DIFFERENT_USER",
    "unlike": "LOW_MATCH_CONFIDENCE",
}
_NO_CONFLICT = {**ONLY_CONSTRAINTS, "ConflictException": "changes of a collection wait for one another"}


@operation(
    "AssociateFaces",
    runs="database",
    resource=_COLLECTION,
    differs="UserStatus is never UPDATING: changes are in effect once the request is answered. A user that would have "
    "more than 100 faces is `ServiceQuotaExceededException`, and nothing is changed.",
    cannot_occur=_NO_CONFLICT,
)
def associate_faces(request: Request, services: Services) -> Response:
    """Gives faces to a user."""
    resources = services.resources
    threshold = request.get("UserMatchThreshold", _THRESHOLD) / 100

    def associate(connection: "Connection") -> Response:
        name = request["CollectionId"]
        membership = resources.users.associate(
            name,
            request["UserId"],
            request["FaceIds"],
            partial(face_similarity, model=resources.collections.get(name).model),
            threshold,
            connection,
        )
        return _response(membership, "AssociatedFaces", "UnsuccessfulFaceAssociations")

    response = once("AssociateFaces", request, services, associate)
    resources.users.erase()
    return response


@operation(
    "DisassociateFaces",
    runs="database",
    resource=_COLLECTION,
    differs="UserStatus is never UPDATING: changes are in effect once the request is answered.",
    cannot_occur=_NO_CONFLICT,
)
def disassociate_faces(request: Request, services: Services) -> Response:
    """Takes faces from a user."""
    users = services.resources.users

    def disassociate(connection: "Connection") -> Response:
        membership = users.disassociate(request["CollectionId"], request["UserId"], request["FaceIds"], connection)
        return _response(membership, "DisassociatedFaces", "UnsuccessfulFaceDisassociations")

    response = once("DisassociateFaces", request, services, disassociate)
    users.erase()
    return response


def _response(membership: "Membership", changed: str, unsuccessful: str) -> Response:
    rejected: list[dict[str, Any]] = []
    for face in membership.rejected:
        member: dict[str, Any] = {"FaceId": face.face_id, "Reasons": [_REASONS[face.reason]]}
        if face.user_id is not None:
            member["UserId"] = face.user_id
        if face.similarity is not None:
            member["Confidence"] = percent(face.similarity)
        rejected.append(member)
    key = "FaceId"
    return {
        changed: [{key: face_id} for face_id in membership.changed],
        unsuccessful: rejected,
        "UserStatus": user_status(membership.face_count),
    }
