"""DBNet as PP-OCR has it: where text lines are.

Liao et al. 2019: Real-time Scene Text Detection with Differentiable Binarization, https://arxiv.org/abs/1911.08947
"""

import cv2
import numpy as np
import pyclipper
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.runtime.session import Session

# Inputs are filled up to the next multiple of the network's stride. Coarser steps would mean fewer shapes, but words
# are lost to the empty margin: recall on ICDAR 2015 falls from .636 to .609 at 160.
STRIDE = 32
_MIN_SIDE_PIXELS = 3
_THRESHOLD = 0.3
_MIN = 0.4
_UNCLIP = 1.6
_MAX = 1000
_NEUTRAL = 127

Floats = NDArray[np.float32]


class DbNet:
    """Classifies each pixel: whether it lies in the middle of a line of text."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def look(self, pixels: NDArray[np.uint8]) -> Floats:
        """(H, W) probabilities, 0 to 1, for (H, W, 3) RGB; lines are some ten to a few hundred pixels high."""
        height, width = pixels.shape[:2]
        canvas = np.full((_filled(height), _filled(width), 3), _NEUTRAL, np.uint8)
        canvas[:height, :width] = pixels
        # Blue, green, red: OpenCV's order, as PaddleOCR trains.
        (maps,) = self._session.run([channels_first(canvas, 127.5, 127.5, reverse=True)]).values()
        return np.asarray(maps[0, 0, :height, :width], np.float32)


def line_quads(probability: Floats) -> Floats:
    """(N, 4, 2) corners of lines, clockwise from each one's top left, in pixels of the (H, W) probabilities.

    Regions of the map as rectangles, grown back to the size that training shrank them from.
    """
    mask = cv2.dilate((probability > _THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[:_MAX]:
        rectangle = cv2.minAreaRect(contour)
        if min(rectangle[1]) < _MIN_SIDE_PIXELS:  # as most are
            continue
        quad = _corners(rectangle)
        if _score(probability, quad) < _MIN:
            continue
        grown = _grow(quad)
        if grown is None:
            continue
        rectangle = cv2.minAreaRect(grown)
        if min(rectangle[1]) >= _MIN_SIDE_PIXELS + 2:
            found.append(_corners(rectangle))
    limits = np.array(probability.shape[::-1], np.float32)
    return np.clip(np.array(found, np.float32).reshape(-1, 4, 2), 0, limits)


def _filled(side: int) -> int:
    return -(-side // STRIDE) * STRIDE


def _corners(rectangle: cv2.typing.RotatedRect) -> Floats:
    """(4, 2): a rectangle's corners, clockwise from its top left."""
    corners = cv2.boxPoints(rectangle)
    by_left = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_left[:2][np.argsort(by_left[:2, 1], kind="stable")]
    right = by_left[2:][np.argsort(by_left[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def _score(probability: Floats, quad: Floats) -> float:
    """Mean probability within the quadrilateral."""
    low = np.clip(np.floor(quad.min(axis=0)), 0, None).astype(int)
    high = np.ceil(quad.max(axis=0)).astype(int) + 1
    window = probability[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(window.shape, np.uint8)
    cv2.fillPoly(mask, [(quad - low).astype(np.int32)], 1)
    return float(cv2.mean(window, mask)[0])


def _grow(quad: Floats) -> Floats | None:
    """Outwards by area × ratio / perimeter: the inverse of the shrinking in training (section 3.5)."""
    perimeter = float(np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1).sum())
    area = abs(float(cv2.contourArea(quad)))
    if perimeter <= 0 or area <= 0:
        return None
    clipper = pyclipper.PyclipperOffset()
    clipper.AddPath(np.round(quad).astype(int).tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    grown = clipper.Execute(area * _UNCLIP / perimeter)
    if not grown:
        return None
    return np.array(max(grown, key=len), np.float32)
