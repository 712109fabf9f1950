"""Pixels of an image file, or of an image in memory, at a scale."""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from openrek.errors import ImageFormatError
from openrek.imaging.decode import rgb, upright
from openrek.imaging.header import ImageHeader, supported_formats

Pixels = NDArray[np.uint8]


def read_pixels(data: bytes, header: ImageHeader, scale: int) -> Pixels:
    """The upright image as (H, W, 3) RGB, read-only, `scale` times smaller on a side.

    Args:
        data: The file.
        header: Its header.
        scale: A power of two. A JPEG is never decoded larger than that (libjpeg's DCT scaling).

    Raises:
        ImageFormatError: the file is truncated or damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(data), formats=supported_formats()) as opened:
                image = upright(rgb(opened, scale), header.orientation)
    except MemoryError:
        raise
    except Exception as error:  # Pillow's readers raise whatever broken data makes them
        raise ImageFormatError(f"the picture is cut off or damaged: {error}") from None
    return _frozen(np.asarray(image))


def shrink_pixels(pixels: Pixels, scale: int) -> Pixels:
    """(H, W, 3) RGB `scale` times smaller on a side, read-only: as `read_pixels` shrinks a lossless file."""
    return _frozen(np.asarray(Pillow.fromarray(pixels).reduce(scale)))


def _frozen(pixels: Pixels) -> Pixels:
    pixels.setflags(write=False)
    return pixels
