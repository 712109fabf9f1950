"""DetectProtectiveEquipment: face covers. Heads and hands are left out, since no model here can judge what is on them.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectProtectiveEquipment.html
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.render.geometry import bounding_box, percent
from openrek.rekognition.render.taxonomy import label_of
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import Faces, Frame, FrameAnalysis, Limits
from openrek.vision.quarter_turns import quarters_of

MAX_PERSONS = 15
# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
_LIMITS = Limits(max_bytes=4 * 1024 * 1024, min_side=64, max_side=4096)
_PERSON = "Person"
_MIN_PERSON = 0.5
# A box in which a face is found is a person's, even if the object detector's confidence alone is too low.
_MIN_CANDIDATE = 0.0537
_MIN_COVER = 0.5
_FACE_COVER = "FACE_COVER"
_WANTED = frozenset({"occluded"})
# A cover hides the face from the nose down: from here on, in parts of the box's height.
_COVER_TOP = 0.45


@operation(
    "DetectProtectiveEquipment",
    runs="engine",
    differs="Detects face covers only. Heads and hands are never listed, and count as indeterminate.",
)
def detect_protective_equipment(request: Request, services: Services) -> Response:
    """Up to 15 persons by descending confidence, and whether each visible face is covered."""
    analysis = open_image(request["Image"], services, _LIMITS)
    persons = persons_of(analysis, services.engine.object_names)
    response: Response = {"ProtectiveEquipmentModelVersion": services.engine.version, "Persons": persons}
    if wanted := request.get("SummarizationAttributes"):
        response["Summary"] = summary(persons, set(wanted["RequiredEquipmentTypes"]), wanted["MinConfidence"])
    return response


def persons_of(analysis: FrameAnalysis, object_names: Sequence[str]) -> list[dict[str, Any]]:
    """Wire persons. Their confidence is that of the object or of the face in its box, whichever is higher."""
    analysis.start("faces", "objects")
    image, faces = analysis.frame, analysis.faces
    boxes, scores = person_candidates(analysis, faces, object_names)
    covered = [found.traits.get("occluded", 0.0) for found in analysis.attributes(faces, _WANTED)]
    owners = faces_by_person(boxes, faces)
    for index, (owner, *_) in owners.items():
        scores[index] = max(scores[index], faces.confidence[owner])
    best = [int(index) for index in np.argsort(-scores, kind="stable") if scores[index] >= _MIN_PERSON]
    return [
        {
            "Id": number,
            "BoundingBox": bounding_box(boxes[index], image),
            "Confidence": percent(float(scores[index])),
            "BodyParts": [_face(faces, owner, covered[owner], image) for owner in owners.get(index, ())],
        }
        for number, index in enumerate(best[:MAX_PERSONS])
    ]


def person_candidates(
    analysis: FrameAnalysis, faces: Faces, object_names: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes that may be persons', and their confidences; where the model for objects knows none, the faces alone."""
    kinds = [kind for kind, name in enumerate(object_names) if label_of(name) == _PERSON]
    if not kinds:
        return faces.xyxy, faces.confidence.copy()
    found = analysis.objects
    indices = np.flatnonzero(np.isin(found.class_id, kinds) & (found.confidence >= _MIN_CANDIDATE))
    return found.xyxy[indices], found.confidence[indices].copy()


def faces_by_person(boxes: NDArray[np.float32], faces: Faces) -> dict[int, list[int]]:
    """Faces by person: a face belongs to the smallest box that its middle lies in, and a person has one face."""
    owners: dict[int, list[int]] = {}
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for index in range(len(faces)):
        x, y = (faces.xyxy[index, :2] + faces.xyxy[index, 2:]) / 2
        around = np.flatnonzero((boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3]))
        around = np.array([person for person in around if int(person) not in owners], np.intp)
        if len(around):
            owners[int(around[areas[around].argmin()])] = [index]
    return owners


def _face(faces: Faces, index: int, covered: float, image: Frame) -> dict[str, Any]:
    """The body part FACE, with the cover on it if there is one."""
    equipment = []
    if covered >= _MIN_COVER:
        cover = _cover(faces.xyxy[index], float(faces.pose[index, 0]))
        equipment.append(
            {
                "Type": _FACE_COVER,
                "BoundingBox": bounding_box(cover, image),
                "Confidence": percent(covered),
                "CoversBodyPart": {"Value": True, "Confidence": percent(covered)},
            }
        )
    return {"Name": "FACE", "Confidence": percent(float(faces.confidence[index])), "EquipmentDetections": equipment}


def _cover(xyxy: NDArray[np.float32], roll: float) -> NDArray[np.float32]:
    """(4,): the part of a face's (4,) box below its nose, for a face tilted clockwise by so many degrees."""
    left, top, right, bottom = (float(side) for side in xyxy)
    width, height = right - left, bottom - top
    match quarters_of(roll):
        case 0:
            top += _COVER_TOP * height
        case 1:
            right -= _COVER_TOP * width
        case 2:
            bottom -= _COVER_TOP * height
        case _:
            left += _COVER_TOP * width
    return np.array([left, top, right, bottom], np.float32)


def summary(persons: list[dict[str, Any]], required: set[str], minimum: float) -> dict[str, list[int]]:
    """Who wears all that is required, of the persons who are at least so sure, 0 to 100, and as surely.

    Of heads and hands, of unseen faces, and of covers with less confidence, nothing is known. Below 50 is as 50.
    """
    minimum = max(minimum, 100 * _MIN_COVER)
    groups: dict[str, list[int]] = {
        "PersonsWithRequiredEquipment": [],
        "PersonsWithoutRequiredEquipment": [],
        "PersonsIndeterminate": [],
    }
    for person in persons:
        if person["Confidence"] < minimum:
            continue
        parts = [part for part in person["BodyParts"] if part["Confidence"] >= minimum]
        covers = [found["Confidence"] for part in parts for found in part["EquipmentDetections"]]
        worn = any(confidence >= minimum for confidence in covers)
        if _FACE_COVER in required and parts and not covers:
            groups["PersonsWithoutRequiredEquipment"].append(person["Id"])
        elif required == {_FACE_COVER} and worn:
            groups["PersonsWithRequiredEquipment"].append(person["Id"])
        else:
            groups["PersonsIndeterminate"].append(person["Id"])
    return groups
