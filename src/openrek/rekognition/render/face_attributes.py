"""Rekognition's face attributes: which engine attributes they need, and results as members of FaceDetail.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_FaceDetail.html
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.render.face_landmarks import MESH_LANDMARKS, estimated_landmarks
from openrek.rekognition.render.geometry import percent
from openrek.vision import FaceAttributesResult, Frame

Floats = NDArray[np.float32]

_WORDS: Mapping[str, str] = {
    "AGE_RANGE": "age",
    "BEARD": "beard",
    "EMOTIONS": "emotions",
    "EYEGLASSES": "eyeglasses",
    "EYES_OPEN": "eyes_open",
    "EYE_DIRECTION": "eye_direction",
    "FACE_OCCLUDED": "occluded",
    "GENDER": "gender",
    "MOUTH_OPEN": "mouth_open",
    "MUSTACHE": "mustache",
    "SMILE": "smile",
    "SUNGLASSES": "sunglasses",
}
_MEMBERS: Mapping[str, str] = {
    "smile": "Smile",
    "eyeglasses": "Eyeglasses",
    "sunglasses": "Sunglasses",
    "beard": "Beard",
    "mustache": "Mustache",
    "eyes_open": "EyesOpen",
    "mouth_open": "MouthOpen",
    "occluded": "FaceOccluded",
}
# CONFUSED has no counterpart in the engine's emotions.
_EMOTIONS: Mapping[str, str] = {
    "neutral": "CALM",
    "happy": "HAPPY",
    "sad": "SAD",
    "angry": "ANGRY",
    "fearful": "FEAR",
    "disgusted": "DISGUSTED",
    "surprised": "SURPRISED",
}


def wanted_of(attributes: Collection[str]) -> frozenset[str]:
    """The attributes to request from the engine: none for DEFAULT; for ALL all, and the mesh for landmarks."""
    if "ALL" in attributes:
        return frozenset({*_WORDS.values(), "mesh"})
    return frozenset(_WORDS[name] for name in attributes if name in _WORDS)


def members_of(found: FaceAttributesResult) -> dict[str, Any]:
    """Members of FaceDetail beyond the default ones, those that were requested."""
    members: dict[str, Any] = {}
    if found.age is not None:
        low, high = found.age
        members["AgeRange"] = {"Low": round(low), "High": round(high)}
    if found.man is not None:
        members["Gender"] = {"Value": "Male" if found.man >= 0.5 else "Female", "Confidence": _sureness(found.man)}
    for name, member in _MEMBERS.items():
        if name in found.traits:
            probability = found.traits[name]
            members[member] = {"Value": probability >= 0.5, "Confidence": _sureness(probability)}
    if found.eye_direction is not None:
        right, up, sure = found.eye_direction
        members["EyeDirection"] = {"Yaw": right, "Pitch": up, "Confidence": percent(sure)}
    if found.emotions is not None:
        emotions = sorted(found.emotions.items(), key=lambda emotion: -emotion[1])
        members["Emotions"] = [{"Type": _EMOTIONS[name], "Confidence": percent(sure)} for name, sure in emotions]
    return members


def mesh_landmarks(found: FaceAttributesResult, landmarks: Floats, image: Frame) -> list[dict[str, Any]]:
    """The 25 landmarks beside the default five, (5, 2) in pixels of the image: by the mesh, else by a mean face."""
    if found.mesh is None:
        points = estimated_landmarks(landmarks)
    else:
        points = {name: found.mesh[list(indices)].mean(axis=0) for name, indices in MESH_LANDMARKS.items()}
    return [
        {"Type": name, "X": float(x) / image.width, "Y": float(y) / image.height} for name, (x, y) in points.items()
    ]


def _sureness(probability: float) -> float:
    """Of the likelier of the two answers."""
    return percent(max(probability, 1 - probability))
