"""Faces and users of collections as wire shapes."""

from typing import TYPE_CHECKING, Any

from openrek.rekognition.render.geometry import percent

if TYPE_CHECKING:
    from openrek.state import Face, User


def face_member(face: "Face") -> dict[str, Any]:
    """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Face.html"""
    left, top, width, height = face.box
    member: dict[str, Any] = {
        "FaceId": face.id,
        "BoundingBox": {"Width": width, "Height": height, "Left": left, "Top": top},
        "ImageId": face.image_id,
        "Confidence": percent(face.confidence),
        "IndexFacesModelVersion": face.model,
    }
    if face.external_image_id is not None:
        member["ExternalImageId"] = face.external_image_id
    if face.user_id is not None:
        member["UserId"] = face.user_id
    return member


def user_member(user: "User") -> dict[str, Any]:
    """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_User.html"""
    return {"UserId": user.id, "UserStatus": user_status(user.face_count)}


def user_status(face_count: int) -> str:
    """ACTIVE or, without faces, CREATED. Changes are in effect once a request is answered, so it is never UPDATING."""
    return "ACTIVE" if face_count else "CREATED"
