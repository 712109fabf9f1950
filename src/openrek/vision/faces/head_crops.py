"""The square around a head, cut from its face, in which what is worn on it shows."""

import numpy as np
from numpy.typing import NDArray

_ABOVE = 0.55
_SIDE = 1.6
"""In face heights: how far above the face's box the square begins, and its side."""

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


def head_square(pixels: Pixels, xyxy: Floats) -> Pixels | None:
    """(h, w, 3): the part of (H, W, 3) around the head of an upright face's (4,) box; None if hardly any is inside."""
    left, top, right, bottom = (float(side) for side in xyxy)
    height = bottom - top
    return square(pixels, (left + right) / 2, top - _ABOVE * height, _SIDE * height)


def square(pixels: Pixels, middle: float, top: float, side: float) -> Pixels | None:
    """(h, w, 3): a square by the middle of its top edge, as far as it is inside; None below four pixels."""
    across = max(0, round(middle - side / 2)), min(pixels.shape[1], round(middle + side / 2))
    down = max(0, round(top)), min(pixels.shape[0], round(top + side))
    if across[1] - across[0] < 4 or down[1] - down[0] < 4:
        return None
    return pixels[down[0] : down[1], across[0] : across[1]]
