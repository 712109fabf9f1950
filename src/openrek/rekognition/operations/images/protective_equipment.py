"""DetectProtectiveEquipment: face covers and hard hats. Hands are left out: no model here can judge what is on them.

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
from openrek.vision.quarter_turns import quarters_of, turned_boxes, turned_size

MAX_PERSONS = 15
# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
_LIMITS = Limits(max_bytes=4 * 1024 * 1024, min_side=64, max_side=4096)
_PERSON = "Person"
_MIN_PERSON = 0.5
# A box in which a face is found is a person's, even if the object detector's confidence alone is too low.
_MIN_CANDIDATE = 0.0537
_MIN_COVER = 0.5
_FACE_COVER, _HEAD_COVER = "FACE_COVER", "HEAD_COVER"
_FACE, _HEAD = "FACE", "HEAD"
_PARTS = {_FACE_COVER: _FACE, _HEAD_COVER: _HEAD}
"""What each kind of equipment covers, of those that are detected."""
# From .8 on 95 of 100 hard hats are some, on collections of images that were left out of the training. A head that is
# neither surely covered nor surely not is not listed, lest somebody with a hat be reported without.
_MIN_HAT, _MAX_NO_HAT = 0.8, 0.5
# A hard hat as parts of the face's box: how far above it the hat begins and how far it reaches down, and its width.
_HAT_ABOVE, _HAT_DOWN, _HAT_WIDTH = 0.45, 0.15, 1.3
_WANTED = frozenset({"occluded"})
# A cover hides the face from the nose down: from here on, in parts of the box's height.
_COVER_TOP = 0.45


@operation(
    "DetectProtectiveEquipment",
    runs="engine",
    differs="Detects face covers and, from 80 %, hard hats as head covers; caps, cyclists' helmets and other hats are "
    "none. Only heads whose face is detected are judged; those that are uncertain, and hands, are not listed and count "
    "as indeterminate.",
)
def detect_protective_equipment(request: Request, services: Services) -> Response:
    """Up to 15 persons by descending confidence, and whether each visible face, and its head, is covered."""
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
    best = [int(index) for index in np.argsort(-scores, kind="stable") if scores[index] >= _MIN_PERSON][:MAX_PERSONS]
    shown = np.array([owner for index in best for owner in owners.get(index, ())], np.intp)
    hats = dict(zip(shown.tolist(), analysis.hard_hats(faces.take(shown)), strict=True))
    return [
        {
            "Id": number,
            "BoundingBox": bounding_box(boxes[index], image),
            "Confidence": percent(float(scores[index])),
            "BodyParts": [
                part
                for owner in owners.get(index, ())
                for part in (
                    _face(faces, owner, covered[owner], image),
                    *_head(faces, owner, hats[owner], image),
                )
            ],
        }
        for number, index in enumerate(best)
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
    cover = _cover(faces.xyxy[index], float(faces.pose[index, 0]))
    equipment = [_equipment(_FACE_COVER, cover, covered, image)] if covered >= _MIN_COVER else []
    return {"Name": _FACE, "Confidence": percent(float(faces.confidence[index])), "EquipmentDetections": equipment}


def _head(faces: Faces, index: int, hat: float | None, image: Frame) -> list[dict[str, Any]]:
    """The body part HEAD, with the hard hat on it if there is one; nothing where that is uncertain."""
    if hat is None or _MAX_NO_HAT < hat < _MIN_HAT:
        return []
    box = _hat(faces.xyxy[index], float(faces.pose[index, 0]), image)
    equipment = [_equipment(_HEAD_COVER, box, hat, image)] if hat >= _MIN_HAT else []
    return [{"Name": _HEAD, "Confidence": percent(float(faces.confidence[index])), "EquipmentDetections": equipment}]


def _equipment(kind: str, xyxy: NDArray[np.float32], confidence: float, image: Frame) -> dict[str, Any]:
    return {
        "Type": kind,
        "BoundingBox": bounding_box(xyxy, image),
        "Confidence": percent(confidence),
        "CoversBodyPart": {"Value": True, "Confidence": percent(confidence)},
    }


def _hat(xyxy: NDArray[np.float32], roll: float, image: Frame) -> NDArray[np.float32]:
    """(4,): where a hat sits on a face's (4,) box, for a face tilted clockwise by so many degrees; inside the image."""
    quarters = quarters_of(roll)
    left, top, right, bottom = turned_boxes(xyxy[None], image.width, image.height, quarters)[0]
    width, height = right - left, bottom - top
    middle, half = (left + right) / 2, _HAT_WIDTH * width / 2
    box = np.array([middle - half, top - _HAT_ABOVE * height, middle + half, top + _HAT_DOWN * height], np.float32)
    back = turned_boxes(box[None], *turned_size(image.width, image.height, quarters), -quarters)[0]
    return np.asarray(np.clip(back, 0, (image.width, image.height) * 2), np.float32)


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

    Of hands, of faces and heads that are not listed, and of covers with less confidence, nothing is known. Below 50 is
    as 50.
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
        worn = {_worn(person, kind, minimum) for kind in required}
        if False in worn:
            groups["PersonsWithoutRequiredEquipment"].append(person["Id"])
        elif worn == {True}:
            groups["PersonsWithRequiredEquipment"].append(person["Id"])
        else:
            groups["PersonsIndeterminate"].append(person["Id"])
    return groups


def _worn(person: dict[str, Any], kind: str, minimum: float) -> bool | None:
    """Whether a person wears equipment of a kind; None where that is not known."""
    name = _PARTS.get(kind)
    parts = [part for part in person["BodyParts"] if part["Name"] == name and part["Confidence"] >= minimum]
    covers = [found["Confidence"] for part in parts for found in part["EquipmentDetections"] if found["Type"] == kind]
    if not parts:
        return None
    if not covers:
        return False
    return True if max(covers) >= minimum else None
