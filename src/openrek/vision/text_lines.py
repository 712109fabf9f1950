"""Lines of text as quadrilaterals: cut out upright, put in order, divided into words."""

import cv2
import numpy as np
from numpy.typing import NDArray

_VERTICAL = 1.5
_SAME_ROW = 0.5

Floats = NDArray[np.float32]


def crop(pixels: NDArray[np.uint8], quad: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """The line turned upright, (h, w, 3), and its corners from its own top left.

    Args:
        pixels: (H, W, 3).
        quad: (4, 2), clockwise from the top left in the picture. One much higher than wide is read from its top down.
    """
    width = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    if height >= _VERTICAL * width:
        quad = np.roll(quad, -1, axis=0)
        width, height = height, width
    size = (max(1, int(width)), max(1, int(height)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, np.float32), target)
    upright = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(upright, np.uint8), np.ascontiguousarray(quad, np.float32)


def part(quad: Floats, start: float, end: float) -> Floats:
    """The stretch of a line from `start` to `end`, 0 to 1 along it: (4, 2)."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = [quad[0] + top * start, quad[0] + top * end, quad[3] + bottom * end, quad[3] + bottom * start]
    return np.array(corners, np.float32)


def reading_order(quads: Floats) -> NDArray[np.intp]:
    """Places of (N, 4, 2) lines from top to bottom, those side by side from left to right."""
    if not len(quads):
        return np.zeros(0, np.intp)
    middles, heights = quads.mean(axis=1), np.ptp(quads[..., 1], axis=1)
    order: list[int] = []
    row: list[int] = []
    for place in np.argsort(middles[:, 1], kind="stable"):
        if row and middles[place, 1] - middles[row[0], 1] > _SAME_ROW * min(heights[row[0]], heights[place]):
            order += sorted(row, key=lambda member: middles[member, 0])
            row = []
        row.append(int(place))
    order += sorted(row, key=lambda member: middles[member, 0])
    return np.array(order, np.intp)
