"""People of StartPersonTracking and StartFaceSearch: seen in single frames, then followed through the video.

https://docs.aws.amazon.com/rekognition/latest/dg/persons.html
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.face_search import face_matches
from openrek.rekognition.operation import Request
from openrek.rekognition.operations.images.faces import MAX_FACES, face_of
from openrek.rekognition.operations.images.protective_equipment import faces_by_person, person_candidates
from openrek.rekognition.operations.videos.samples import CONFIDENCE, Item, Sample
from openrek.rekognition.render.geometry import bounding_box
from openrek.rekognition.services import Services
from openrek.video import People, Trace, track
from openrek.vision import Faces, Frame, FrameAnalysis

# Of a body, in widths and heights of its face: from the middle of the face to either side, and below the face.
_BODY_HALF_WIDTH, _BODY_BELOW = 1.25, 6.0
# A box that the tracker neither begins nor continues a track with.
_MIN_CONFIDENCE = 0.15


def look_for_people(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """Everybody in the frame: bodies, each with its face if that is seen, and faces whose bodies are not seen."""
    return _seen(analysis, services)[0]


def look_for_faces_of(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """Everybody in the frame as `look_for_people` sees them, and for each face those of the collection like it."""
    people, faces = _seen(analysis, services)
    if not len(faces):
        return people
    collection = services.resources.collections.get(request["CollectionId"])
    vectors = analysis.embeddings(faces)
    for person in people:
        if (face := person.pop("face_index", None)) is not None:
            person["FaceMatches"] = face_matches(request, services, collection, vectors[face])
    return people


def follow(samples: Iterable[Sample], request: Request, services: Services, trace: Trace) -> Iterator[Item]:
    """An item for each time a person is seen, in the order of time. A person keeps the index through the video."""
    looks = list(samples)
    times = [look.ms for look in looks]
    cuts = trace.timestamps_ms[trace.cuts > 0]
    begun = np.searchsorted(cuts, times, side="right")  # how many cuts lie before each look
    frames = [
        People(
            look.ms,
            np.array([item["xyxy"] for item in look.items], np.float32).reshape(-1, 4),
            np.array([item["confidence"] for item in look.items], np.float32),
            after_cut=bool(index and begun[index] > begun[index - 1]),
        )
        for index, look in enumerate(looks)
    ]
    for look, numbers in zip(looks, track(frames), strict=True):
        for item, number in zip(look.items, numbers.tolist(), strict=True):
            if number >= 0:
                matches = {"FaceMatches": item["FaceMatches"]} if item.get("FaceMatches") else {}
                person = {"Index": number, **item["Person"]}
                yield {"Timestamp": look.ms, "Person": person, **matches, CONFIDENCE: item["confidence"]}


def check_collection(request: Request, services: Services) -> None:
    """Returns if the collection of StartFaceSearch can be searched.

    Raises:
        ResourceNotFoundError: It does not exist.
        InvalidParameterError: Another model embeds its faces.
    """
    services.resources.collections.get(request["CollectionId"]).require_model(services.engine.face_model)


def _seen(analysis: FrameAnalysis, services: Services) -> tuple[list[Item], Faces]:
    """People of a frame, and the faces that "face_index" counts in."""
    frame, faces = analysis.frame, analysis.faces.largest(MAX_FACES)
    names = services.engine.object_names
    boxes, scores = person_candidates(analysis, faces, names)
    owners = {person: face for person, (face, *_) in faces_by_person(boxes, faces).items()}
    people: list[Item] = []
    for index, box in enumerate(boxes):
        face = owners.get(index)
        confidence = float(scores[index]) if face is None else max(float(scores[index]), float(faces.confidence[face]))
        if confidence >= _MIN_CONFIDENCE:
            people.append(_person(box, confidence, {"BoundingBox": bounding_box(box, frame)}, faces, face, frame))
    for face in set(range(len(faces))) - set(owners.values()):
        body = _body_of(faces.xyxy[face], frame)
        people.append(_person(body, float(faces.confidence[face]), {}, faces, face, frame))
    return people, faces


def _person(
    xyxy: NDArray[np.float32], confidence: float, member: dict[str, Any], faces: Faces, face: int | None, frame: Frame
) -> Item:
    found: Item = {"xyxy": [float(side) for side in xyxy], "confidence": confidence, "Person": member}
    if face is not None:
        found["Person"] = {**member, "Face": face_of(faces, face, frame)}
        found["face_index"] = face
    return found


def _body_of(face: NDArray[np.float32], frame: Frame) -> NDArray[np.float32]:
    """(4,): about where the body of a face is, so that it is followed like bodies that are seen."""
    left, top, right, bottom = (float(side) for side in face)
    middle, width, height = (left + right) / 2, right - left, bottom - top
    body = [middle - _BODY_HALF_WIDTH * width, top, middle + _BODY_HALF_WIDTH * width, bottom + _BODY_BELOW * height]
    limits = np.array([frame.width, frame.height, frame.width, frame.height], np.float32)
    return np.clip(np.array(body, np.float32), 0, limits)
