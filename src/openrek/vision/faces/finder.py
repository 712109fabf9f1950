"""Faces: boxes, five landmarks, pose and quality."""

from collections.abc import Callable
from concurrent.futures import Future

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.detection import MIN, FaceArrays
from openrek.vision.faces.pose import head_pose
from openrek.vision.faces.turned import TurnedFaceLocator
from openrek.vision.results import Faces
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache

_QUALITY_SIDE = 112
# Variance of the Laplacian of a 112 px face at which sharpness reads 50; a portrait in focus has some 500.
_SHARPNESS_MIDDLE = 150.0

Floats = NDArray[np.float32]


class FaceDetector:
    """Finds faces and describes them."""

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._search = TurnedFaceLocator(sessions, pool)

    def start(self, pixels: NDArray[np.uint8]) -> "Future[FaceArrays]":
        """Begins what `find` does first: one run of the detector on (H, W, 3) RGB."""
        return self._search.start(pixels)

    def sees(self, started: "Future[FaceArrays]") -> bool:
        """Whether the first run, which `start` returned, shows a face; further runs may find one where it does not."""
        return bool((started.result()[1] >= MIN).any())

    def find(
        self,
        pixels: NDArray[np.uint8],
        closer: Callable[[], NDArray[np.uint8]] | None = None,
        started: "Future[FaceArrays] | None" = None,
        person: Callable[[], float] | None = None,
    ) -> Faces:
        """Faces of (H, W, 3) RGB in its pixels, the most confident first.

        Args:
            pixels: The image.
            closer: Returns the same image with more pixels, to search in tiles as well.
            started: What `start` returned for these pixels; it is called here if left out.
            person: The confidence, 0 to 1, that there is a person; see TurnedFaceLocator.search.
        """
        shown, found = self._search.search(pixels, closer, started, person)
        scale = pixels.shape[1] / shown.shape[1], pixels.shape[0] / shown.shape[0]
        return describe(shown, *found).scaled(*scale)


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
