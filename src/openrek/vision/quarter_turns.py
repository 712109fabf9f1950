"""Quarter turns of images, and of the points and boxes in them. Counted counter-clockwise, as `numpy.rot90` does."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


def quarters_of(roll: float) -> int:
    """Quarter turns, 0 to 3, that bring what is tilted clockwise by `roll` degrees closest to upright."""
    return round(roll / 90) % 4


def turned_pixels(pixels: Pixels, quarters: int) -> Pixels:
    """(H, W, 3), turned; not copied if it stays as it is."""
    return np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters else pixels


def turned_points(points: Floats, width: float, height: float, quarters: int) -> Floats:
    """(…, 2) points of a (height, width) image where they lie in the turned image."""
    x, y = points[..., 0], points[..., 1]
    indices = ((x, y), (y, width - x), (width - x, height - y), (height - y, x))
    return np.asarray(np.stack(indices[quarters % 4], -1), np.float32)


def turned_boxes(xyxy: Floats, width: float, height: float, quarters: int) -> Floats:
    """(N, 4) boxes of a (height, width) image in the turned image: left, top, right, bottom."""
    corners = turned_points(xyxy.reshape(-1, 2, 2), width, height, quarters)
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def turned_size(width: int, height: int, quarters: int) -> tuple[int, int]:
    """Width and height of the turned image."""
    return (height, width) if quarters % 2 else (width, height)
