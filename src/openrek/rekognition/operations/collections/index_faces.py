"""IndexFaces.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_IndexFaces.html
"""

import uuid
from typing import Any

import numpy as np

from openrek.rekognition.image_id import NAMESPACE, image_id
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.operations.images.faces import MAX_FACES, face_details
from openrek.rekognition.quality_filter import best, reasons
from openrek.rekognition.registry import operation
from openrek.rekognition.render.collection_faces import face_member
from openrek.rekognition.render.geometry import bounding_box
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import EncodedFrame, Faces, Frame


@operation(
    "IndexFaces",
    runs="engine",
    resource="collection/{CollectionId}",
    differs="The thresholds of QualityFilter are openrek's own; AUTO is LOW. If more faces are detected than MaxFaces, "
    "those that meet fewer of LOW, MEDIUM and HIGH are left out first, then the smaller ones. With an ExternalImageId, "
    "FaceIds are made of the collection, the image, the ExternalImageId and the box: they are the same when the "
    "collection is deleted and indexed anew, and differ between collections.",
)
def index_faces(request: Request, services: Services) -> Response:
    """Stores the faces of an image in a collection, the largest first."""
    from openrek.state import NewFace

    name, resources = request["CollectionId"], services.resources
    collection, model = resources.collections.get(name), services.engine.face_model
    collection.require_model(model)
    analysis = open_image(request["Image"], services)
    faces = analysis.faces.largest(MAX_FACES)
    why = [list(each) for each in reasons(faces, request.get("QualityFilter", "AUTO"))]
    good = np.array([index for index, each in enumerate(why) if not each], np.intp)
    kept = np.sort(good[best(faces.take(good), request.get("MaxFaces", MAX_FACES))])
    for index in set(good.tolist()) - set(kept.tolist()):
        why[index].append("EXCEEDS_MAX_FACES")
    details = face_details(analysis, faces, request.get("DetectionAttributes", ()))
    image = analysis.frame
    assert isinstance(image, EncodedFrame)
    identifier, external = image_id(image), request.get("ExternalImageId")
    chosen = faces.take(kept)
    vectors = analysis.embeddings(chosen) if len(chosen) else ()
    added = [
        NewFace(
            _face_id(name, identifier, external, chosen, index),
            identifier,
            external,
            _box(chosen, index, image),
            float(chosen.confidence[index]),
            vector,
        )
        for index, vector in enumerate(vectors)
    ]
    stored = resources.faces.add(name, model, added) if added else []
    if services.crops is not None and services.crops.is_on:
        services.crops.put_all(collection, stored, image, resources.faces)
    return {
        "FaceRecords": [
            {"Face": _without_user(face_member(face)), "FaceDetail": details[index]}
            for face, index in zip(stored, kept, strict=True)
        ],
        "FaceModelVersion": collection.model,
        "UnindexedFaces": [
            {"Reasons": each, "FaceDetail": detail} for each, detail in zip(why, details, strict=True) if each
        ],
    }


def _face_id(collection: str, image: str, external_image_id: str | None, faces: Faces, index: int) -> str:
    """The same for the same face of the same image, if the caller names the image; else a new one."""
    if external_image_id is None:
        return str(uuid.uuid4())
    box = " ".join(f"{side:.0f}" for side in faces.xyxy[index])
    return str(uuid.uuid5(NAMESPACE, "\0".join((collection, image, external_image_id, box))))


def _box(faces: Faces, index: int, image: Frame) -> tuple[float, float, float, float]:
    box = bounding_box(faces.xyxy[index], image)
    return box["Left"], box["Top"], box["Width"], box["Height"]


def _without_user(member: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name != "UserId"}
