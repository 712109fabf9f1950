"""Pixels of an image file, or of an image in memory, at a scale."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from openrek.imaging.decoders import decode_image
from openrek.imaging.header import ImageHeader

Pixels = NDArray[np.uint8]
_STRIP_PIXELS = 1_000_000


def read_pixels(header: ImageHeader, scale: int) -> Pixels:
    """The upright image as (H, W, 3) RGB, read-only, `scale` times smaller on a side.

    Args:
        header: Of the file; it holds what of the file is needed.
        scale: A power of two. A JPEG is never decoded larger than that (libjpeg's DCT scaling).

    Raises:
        ImageFormatError: the file is truncated or damaged, or takes longer to decode than any image needs.
        RequestCancelledError: the request was cancelled meanwhile.
    """
    decoded = decode_image(header.structure, scale)
    # A process of its own gives read-only memory, this one may give memory that could be written.
    return _frozen(np.frombuffer(decoded.pixels, np.uint8).reshape(decoded.height, decoded.width, 3))


def shrink_pixels(pixels: Pixels, scale: int) -> Pixels:
    """(H, W, 3) RGB `scale` times smaller on a side, read-only: as `read_pixels` shrinks a lossless file.

    In strips, because Pillow copies what it is given.
    """
    height, width = pixels.shape[:2]
    shrunk = np.empty((-(-height // scale), -(-width // scale), 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width // scale) * scale
    for top in range(0, height, rows):
        strip = np.asarray(Pillow.fromarray(pixels[top : top + rows]).reduce(scale))
        shrunk[top // scale : top // scale + len(strip)] = strip
    return _frozen(shrunk)


def _frozen(pixels: Pixels) -> Pixels:
    pixels.setflags(write=False)
    return pixels
