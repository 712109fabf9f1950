"""Faces: boxes, five landmarks, pose and quality."""

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.blazeface import BlazeFace
from openrek.vision.architectures.facemesh import LEAST as MESH_LEAST
from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.architectures.registry import FACE_DETECTORS, opened
from openrek.vision.pool import InferencePool
from openrek.vision.pose import head_pose
from openrek.vision.results import Faces
from openrek.vision.sessions import Sessions

LEAST = 0.5
"""Less sure faces are not reported."""
_FALLBACK_LEAST = 0.8
# At 0.5 BlazeFace alone sees a face in a third of the pictures that show nobody; the mesh fits none of those.
_FALLBACK_WITH_MESH = 0.5
_PADDING = 0.3
_QUALITY_SIDE = 112
# Variance of the Laplacian of a 112 px face at which sharpness reads 50; a portrait in focus has some 500.
_SHARPNESS_MIDDLE = 150.0

Floats = NDArray[np.float32]
Found = tuple[Floats, Floats, Floats]


class FaceFinder:
    """CenterFace; where it sees nobody, once more with a margin around the picture, then BlazeFace.

    BlazeFace is believed where it is sure, and where it is less sure but the mesh's network sees a face there, too.

    A face that fills its picture has no surroundings to be recognised by; the margin gives it some. Where another model
    is chosen for faces, it takes CenterFace's place and BlazeFace is not asked.
    """

    def __init__(self, sessions: Sessions, pool: InferencePool) -> None:
        self._pool = pool
        chosen = sessions.chosen("faces")
        self._detector = opened(FACE_DETECTORS, chosen or sessions["centerface"], sessions.models)
        self._fallback = (
            (BlazeFace(sessions["blazeface_back"]), FaceMesh(sessions["facemesh"])) if chosen is None else None
        )

    def find(self, pixels: NDArray[np.uint8]) -> Faces:
        """Faces of (H, W, 3) RGB in its pixels, surest first."""
        found = self._pool.submit(self._detect, pixels).result()
        return describe(pixels, *found)

    def _detect(self, pixels: NDArray[np.uint8]) -> Found:
        found = self._detector.detect(pixels, LEAST)
        if len(found[0]):
            return found
        margin = round(max(pixels.shape[:2]) * _PADDING)
        padded = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)))
        found = _moved(self._detector.detect(padded, LEAST), margin)
        if len(found[0]) or self._fallback is None:
            return found
        detector, mesh = self._fallback
        boxes, confidence, points = _moved(detector.detect(padded, _FALLBACK_WITH_MESH), margin)
        landmarks = _five(points)
        believed = [
            sure >= _FALLBACK_LEAST or mesh.lay(pixels, box, marks)[1] >= MESH_LEAST
            for box, sure, marks in zip(boxes, confidence, landmarks, strict=True)
        ]
        kept = np.array(believed, bool)
        return boxes[kept], confidence[kept], landmarks[kept]


def describe(pixels: NDArray[np.uint8], xyxy: Floats, confidence: Floats, landmarks: Floats) -> Faces:
    """The faces with pose and quality."""
    limits = np.array([pixels.shape[1], pixels.shape[0]] * 2, np.float32)
    inside = np.clip(xyxy, 0, limits)
    quality = np.array([_quality(pixels, box) for box in inside], np.float32).reshape(-1, 2)
    pose = np.array([head_pose(marks) for marks in landmarks], np.float32)
    return Faces(
        inside,
        confidence.copy(),
        landmarks.copy(),
        pose.reshape(-1, 3),
        np.ascontiguousarray(quality[:, 0]),
        np.ascontiguousarray(quality[:, 1]),
    )


def _quality(pixels: NDArray[np.uint8], box: Floats) -> tuple[float, float]:
    """Brightness: mean luma as percent. Sharpness: variance of the Laplacian at a fixed size, squashed to 0-100."""
    left, top = np.floor(box[:2]).astype(int)
    right, bottom = np.ceil(box[2:]).astype(int)
    crop = pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
    if crop.size == 0:
        return 0.0, 0.0
    luma = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    face = cv2.resize(luma, (_QUALITY_SIDE, _QUALITY_SIDE), interpolation=cv2.INTER_AREA)
    variance = float(cv2.Laplacian(face, cv2.CV_32F).var())
    return float(luma.mean()) / 2.55, 100 * variance / (variance + _SHARPNESS_MIDDLE)


def _moved(found: Found, margin: int) -> Found:
    boxes, confidence, points = found
    return boxes - np.float32(margin), confidence, points - np.float32(margin)


def _five(points: Floats) -> Floats:
    """Mouth corners from its middle: half the eyes' distance apart, along the eyes' line."""
    if not len(points):
        return np.zeros((0, 5, 2), np.float32)
    across = (points[:, 1] - points[:, 0]) * np.float32(0.4)
    mouth = points[:, 3]
    return np.stack([points[:, 0], points[:, 1], points[:, 2], mouth - across, mouth + across], axis=1)
