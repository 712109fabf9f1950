"""How much one small frame differs from another: in all, and after motion between them is made up for."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_REACH = 4
"""Cells that a block may have moved, in each direction: a sixteenth of the width."""
_BLOCK = 4
"""Cells on a side of a block."""

Pixels = NDArray[np.uint8]


def difference(one: Pixels, other: Pixels) -> float:
    """Mean difference of two (H, W, 3) frames over all values, 0 to 255."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def largest_difference(one: Pixels, other: Pixels) -> int:
    """The difference of the value that differs most in two (H, W, 3) frames, 0 to 255."""
    return int(np.abs(one.astype(np.int16) - other).max())


def unexplained_difference(one: Pixels, other: Pixels) -> float:
    """Mean difference of two (H, W, 3) frames, 0 to 255, each block compared with the most similar place near its own.

    Small where things or the camera moved; about as large as `difference` where the scene is another one. Computed at
    half the size.

    Args:
        one: The earlier frame; height and width are multiples of 8.
        other: The later frame, of the same shape.
    """
    blocks, whence = _halved(other), _halved(one)
    height, width = blocks.shape[:2]
    padded = np.pad(whence, ((_REACH, _REACH), (_REACH, _REACH), (0, 0)), mode="edge")
    best = np.full((height // _BLOCK, width // _BLOCK), np.inf)
    for shifted in _shifted(padded, height, width):
        each = np.abs(blocks - shifted).reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK * 3)
        best = np.minimum(best, each.sum(axis=(1, 3), dtype=np.int32))
    return float(best.mean()) / (_BLOCK * _BLOCK * 3)


def _halved(small: Pixels) -> NDArray[np.int16]:
    height, width = small.shape[:2]
    halved = small.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3))
    return np.asarray(halved, np.int16)


def _shifted(padded: NDArray[np.int16], height: int, width: int) -> Iterator[NDArray[np.int16]]:
    for down in range(2 * _REACH + 1):
        for across in range(2 * _REACH + 1):
            yield padded[down : down + height, across : across + width]
