"""What one frame of a video shows, for each kind of analysis."""

from typing import Any

from openrek.rekognition.operation import Request
from openrek.rekognition.operations.images import labels, moderation, text
from openrek.rekognition.operations.images.faces import MAX_FACES, face_of
from openrek.rekognition.operations.videos.samples import Item
from openrek.rekognition.render.face_attributes import members_of, mesh_landmarks, wanted_of
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.services import Services
from openrek.vision import FrameAnalysis

_MIN_CONFIDENCE = 50.0
_MIN_WORD_CONFIDENCE = 80.0
_ILLUSTRATED = "Illustrated"
# https://docs.aws.amazon.com/rekognition/latest/dg/faces-sqs-video.html
_NOT_IN_VIDEO = ("FaceOccluded", "EyeDirection")


def look_for_labels(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """Labels of StartLabelDetection: those with enough confidence that its filters let through."""
    filters = request.get("Settings", {}).get("GeneralLabels", {})
    found = labels.render(analysis.labels, analysis.frame, request.get("MinConfidence", _MIN_CONFIDENCE))
    return [{"Label": label} for label in found if not filters or labels.is_wanted(label, filters)]


def look_for_moderation(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """Labels of StartContentModeration, each with what kind of image it is in."""
    found = analysis.moderation
    drawn = percent(found.illustrated)
    types = [{"Confidence": drawn, "Name": _ILLUSTRATED}] if drawn >= _MIN_CONFIDENCE else []
    shown = moderation.render(found, request.get("MinConfidence", _MIN_CONFIDENCE))
    return [{"ModerationLabel": label, "ContentTypes": types} for label in shown]


def look_for_faces(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """The 100 largest faces, with all attributes that faces in videos have if the request wants them."""
    return [{"Face": face} for face in faces_in(analysis, request.get("FaceAttributes", "DEFAULT"))]


def faces_in(analysis: FrameAnalysis, attributes: str = "DEFAULT") -> list[dict[str, Any]]:
    """FaceDetail of the 100 largest faces of a frame."""
    frame, faces = analysis.frame, analysis.faces.largest(MAX_FACES)
    details = [face_of(faces, index, frame) for index in range(len(faces))]
    if wanted := wanted_of((attributes,)):
        for index, (detail, found) in enumerate(zip(details, analysis.attributes(faces, wanted), strict=True)):
            members = members_of(found)
            detail.update({name: members[name] for name in members if name not in _NOT_IN_VIDEO})
            detail["Landmarks"] += mesh_landmarks(found, faces.landmarks[index], frame)
    return details


def look_for_text(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """Lines and words of StartTextDetection; their Ids count within the frame."""
    filters = request.get("Filters", {})
    regions = [text.region_corners(region) for region in filters.get("RegionsOfInterest", ())]
    given = filters.get("WordFilter")
    words = {} if given is None else {"MinConfidence": _MIN_WORD_CONFIDENCE, **given}
    detections, _ = text.render(analysis.text, analysis.frame, words, regions)
    return [{"TextDetection": detection} for detection in detections]
