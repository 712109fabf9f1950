"""Lines of text as quadrilaterals: cut out upright, divided into parts."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def crop(pixels: NDArray[np.uint8], quad: Floats) -> NDArray[np.uint8]:
    """The line turned upright, (h, w, 3).

    Args:
        pixels: (H, W, 3).
        quad: (4, 2), clockwise from the line's own top left.
    """
    width = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    size = (max(1, int(width)), max(1, int(height)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, np.float32), target)
    upright = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(upright, np.uint8)


def part(quad: Floats, start: float, end: float) -> Floats:
    """The stretch of a line from `start` to `end`, 0 to 1 along it: (4, 2)."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = [quad[0] + top * start, quad[0] + top * end, quad[3] + bottom * end, quad[3] + bottom * start]
    return np.array(corners, np.float32)
