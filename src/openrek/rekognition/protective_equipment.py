"""DetectProtectiveEquipment: face covers. Heads and hands are left out, since no model here can judge what is on them.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectProtectiveEquipment.html
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.geometry import bounding_box, percent
from openrek.rekognition.picture import open_picture
from openrek.rekognition.registry import Request, Response, operation
from openrek.rekognition.services import Services
from openrek.rekognition.taxonomy import label_of
from openrek.vision import Faces, Image

MAX_PERSONS = 15
_PERSON = "Person"
_LEAST_PERSON = 0.5
# A box in which a face is found is a person's, even if the detector of objects alone would not be believed. On the
# calibrated scale this is what the detectors score with 0.15.
_LEAST_CANDIDATE = 0.0537
_LEAST_COVER = 0.5
_FACE_COVER = "FACE_COVER"
_WANTED = frozenset({"occluded"})
# A cover hides the face from the nose down: from here on, in parts of the box's height.
_COVER_TOP = 0.45


@operation("DetectProtectiveEquipment")
def detect_protective_equipment(request: Request, services: Services) -> Response:
    """Up to 15 persons, the surest first, and whether the face of each is covered, where a face is seen."""
    image = open_picture(request["Image"], services)
    faces = services.engine.faces(image)
    boxes, scores = _candidates(services, image, faces)
    covered = [found.traits.get("occluded", 0.0) for found in services.engine.attributes(image, faces, _WANTED)]
    owners = _owners(boxes, faces)
    believed = [place for place, score in enumerate(scores) if score >= _LEAST_PERSON or place in owners]
    persons = [
        {
            "Id": number,
            "BoundingBox": bounding_box(boxes[place], image),
            "Confidence": percent(float(scores[place])),
            "BodyParts": [_face(faces, owner, covered[owner], image) for owner in owners.get(place, ())],
        }
        for number, place in enumerate(believed[:MAX_PERSONS])
    ]
    response: Response = {"ProtectiveEquipmentModelVersion": services.engine.version, "Persons": persons}
    if wanted := request.get("SummarizationAttributes"):
        response["Summary"] = _summary(persons, set(wanted["RequiredEquipmentTypes"]), wanted["MinConfidence"])
    return response


def _candidates(services: Services, image: Image, faces: Faces) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes that may be persons', and their confidences; where the model for objects knows none, the faces alone."""
    kinds = [kind for kind, name in enumerate(services.engine.object_names) if label_of(name) == _PERSON]
    if not kinds:
        return faces.xyxy, faces.confidence
    found = services.engine.objects(image)
    places = np.flatnonzero(np.isin(found.class_id, kinds) & (found.confidence >= _LEAST_CANDIDATE))
    return found.xyxy[places], found.confidence[places]


def _owners(boxes: NDArray[np.float32], faces: Faces) -> dict[int, list[int]]:
    """Faces by person: a face belongs to the smallest box that its middle lies in, and a person has one face."""
    owners: dict[int, list[int]] = {}
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for place in range(len(faces)):
        x, y = (faces.xyxy[place, :2] + faces.xyxy[place, 2:]) / 2
        around = np.flatnonzero((boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3]))
        around = np.array([person for person in around if int(person) not in owners], np.intp)
        if len(around):
            owners[int(around[areas[around].argmin()])] = [place]
    return owners


def _face(faces: Faces, place: int, covered: float, image: Image) -> dict[str, Any]:
    """The body part FACE, with the cover on it if there is one."""
    equipment = []
    if covered >= _LEAST_COVER:
        left, top, right, bottom = (float(side) for side in faces.xyxy[place])
        cover = np.array([left, top + _COVER_TOP * (bottom - top), right, bottom], np.float32)
        equipment.append(
            {
                "Type": _FACE_COVER,
                "BoundingBox": bounding_box(cover, image),
                "Confidence": percent(covered),
                "CoversBodyPart": {"Value": True, "Confidence": percent(covered)},
            }
        )
    return {"Name": "FACE", "Confidence": percent(float(faces.confidence[place])), "EquipmentDetections": equipment}


def _summary(persons: list[dict[str, Any]], required: set[str], least: float) -> dict[str, list[int]]:
    """Who wears all that is required; of heads and hands, and of unseen faces, nothing can be said."""
    groups: dict[str, list[int]] = {
        "PersonsWithRequiredEquipment": [],
        "PersonsWithoutRequiredEquipment": [],
        "PersonsIndeterminate": [],
    }
    for person in persons:
        parts = [part for part in person["BodyParts"] if part["Confidence"] >= least]
        worn = any(found["Confidence"] >= least for part in parts for found in part["EquipmentDetections"])
        if _FACE_COVER in required and parts and not worn:
            groups["PersonsWithoutRequiredEquipment"].append(person["Id"])
        elif required == {_FACE_COVER} and worn:
            groups["PersonsWithRequiredEquipment"].append(person["Id"])
        else:
            groups["PersonsIndeterminate"].append(person["Id"])
    return groups
