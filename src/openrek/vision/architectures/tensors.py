"""Images as the float tensors that networks are fed with.

Arithmetic is in place on one float32 array, written once in the network's layout: several times as fast as expressions
on pixels with the channels last, whose intermediate results numpy allocates, and transposes pixel by pixel.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]


def channels_first(
    pixels: NDArray[np.uint8],
    mean: ArrayLike = 0.0,
    std: ArrayLike = 1.0,
    reverse: bool = False,
    out: Floats | None = None,
) -> Floats:
    """(1, 3, H, W): (value - mean) / std of (H, W, 3) pixels.

    Args:
        pixels: (H, W, 3).
        mean: One number or (3,), in the order of the tensor's channels.
        std: The same.
        reverse: Whether the channels are put in reverse order: blue, green, red of RGB.
        out: (1, 3, H, W) to write to, instead of a new array.
    """
    tensor = np.empty((1, 3, *pixels.shape[:2]), np.float32) if out is None else out
    tensor[0] = pixels.transpose(2, 0, 1)[::-1] if reverse else pixels.transpose(2, 0, 1)
    _normalize(tensor, _per_plane(mean), _per_plane(std))
    return tensor


def channels_last(pixels: NDArray[np.uint8], mean: ArrayLike = 0.0, std: ArrayLike = 1.0) -> Floats:
    """(1, H, W, 3): (value - mean) / std of (H, W, 3) pixels, whose channels keep their order."""
    tensor = pixels.astype(np.float32)[None]
    _normalize(tensor, np.asarray(mean, np.float32), np.asarray(std, np.float32))
    return tensor


def _per_plane(values: ArrayLike) -> Floats:
    """A number, or (3, 1, 1)."""
    array = np.asarray(values, np.float32)
    return array[:, None, None] if array.ndim else array


def _normalize(tensor: Floats, mean: Floats, std: Floats) -> None:
    if mean.any():
        tensor -= mean
    if (std != 1).any():
        tensor /= std
