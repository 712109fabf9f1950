"""Which of the faces that one detector located are which of another's."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import iou

Box = tuple[float, float, float, float]
"""Left, top, width, height; ratios of the image's sides."""
_MIN_OVERLAP = 0.3
"""Intersection over union. Detectors disagree about foreheads and chins, not about where a face is."""


def match_boxes(ones: Sequence[Box], others: Sequence[Box]) -> dict[int, int]:
    """Position among `others` by position among `ones`, the pairs of greatest overlap first; each box once at most."""
    if not ones or not others:
        return {}
    overlaps = np.stack([iou(one, _corners(others)) for one in _corners(ones)])
    pairs: dict[int, int] = {}
    while overlaps.max() >= _MIN_OVERLAP:
        one, other = np.unravel_index(int(overlaps.argmax()), overlaps.shape)
        pairs[int(one)] = int(other)
        overlaps[one, :] = -1
        overlaps[:, other] = -1
    return pairs


def _corners(boxes: Sequence[Box]) -> NDArray[np.float32]:
    """(N, 4): left, top, right, bottom."""
    array = np.array(boxes, np.float32)
    array[:, 2:] += array[:, :2]
    return array
