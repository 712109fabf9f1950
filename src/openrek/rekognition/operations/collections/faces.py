"""ListFaces and DeleteFaces.

https://docs.aws.amazon.com/rekognition/latest/dg/list-faces-in-collection-procedure.html
"""

from typing import Any

from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.page_token import issue_number_token, read_number_token
from openrek.rekognition.registry import operation
from openrek.rekognition.render.collection_faces import face_member
from openrek.rekognition.services import Services

_COLLECTION = "collection/{CollectionId}"
_PAGE = 1000


@operation(
    "ListFaces",
    runs="database",
    resource=_COLLECTION,
    differs="In the order in which faces were indexed. FaceIds that the collection does not have are left out.",
    cannot_occur=ONLY_CONSTRAINTS,
)
def list_faces(request: Request, services: Services) -> Response:
    """Faces of a collection in pages, all of them, those of a user, or those of a list."""
    resources = services.resources
    collection = resources.collections.get(request["CollectionId"])
    user, face_ids = request.get("UserId"), request.get("FaceIds")
    if user is not None:
        resources.users.get(collection, user)
    scope = ("ListFaces", collection.incarnation, user, face_ids and sorted(set(face_ids)))
    after = read_number_token(request.get("NextToken"), *scope)
    limit = request.get("MaxResults") or _PAGE
    found = resources.faces.page(collection, after, limit + 1, user, face_ids)
    response: Response = {
        "Faces": [face_member(face) for face in found[:limit]],
        "FaceModelVersion": collection.model,
    }
    if len(found) > limit:
        response["NextToken"] = issue_number_token(found[limit - 1].number, *scope)
    return response


@operation("DeleteFaces", runs="database", resource=_COLLECTION, cannot_occur=ONLY_CONSTRAINTS)
def delete_faces(request: Request, services: Services) -> Response:
    """Deletes faces that belong to no user."""
    name, wanted, resources = request["CollectionId"], request["FaceIds"], services.resources
    crops = services.crops if services.crops is not None and services.crops.has_any(name) else None
    if crops is not None:
        # Crops go first: a process that is killed in between leaves a face without its crop, never the reverse.
        faces = resources.faces.page(resources.collections.get(name), 0, len(wanted), face_ids=wanted)
        crops.delete(name, [face.id for face in faces if face.user_id is None])
    deletion = resources.faces.delete(name, wanted)
    if crops is not None:
        crops.delete(name, deletion.deleted)  # of faces that were indexed at the same time
    missing = set(deletion.missing)
    unsuccessful: list[dict[str, Any]] = []
    for face_id in dict.fromkeys(request["FaceIds"]):
        if face_id in missing:
            unsuccessful.append({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})
        elif user := deletion.associated.get(face_id):
            reason = "ASSOCIATED_TO_AN_EXISTING_USER"
            unsuccessful.append({"FaceId": face_id, "UserId": user, "Reasons": [reason]})
    return {"DeletedFaces": list(deletion.deleted), "UnsuccessfulFaceDeletions": unsuccessful}
