"""A picture: checked by its header, decoded once, at the smallest scale that serves."""

import io
import threading
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from openrek.errors import ImageFormatError, ImageTooLargeError, InvalidParameterError, RequestError
from openrek.imaging.decode import SCALES, orientation_of, rgb, upright

WORKING_SIDE = 960
"""Pixels of reach that serve every task of the default pack, so that a picture is decoded once."""
WIDEST = 2.5
"""A picture is long if its longer side is more than this many times the shorter one."""

MOST_DECODED = 36_000_000
"""Pixels that a picture is decoded to at most: what more of them would show, no model of ours sees."""

_SIDEWAYS = (5, 6, 7, 8)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

# Ours are checked first and say what is allowed.
Pillow.MAX_IMAGE_PIXELS = None


@cache
def _formats() -> tuple[str, ...]:
    """Those of the formats that this build of Pillow reads; it stumbles over the name of one that it does not."""
    Pillow.init()
    return tuple(name for name in _FORMATS if name in Pillow.OPEN)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may have. Checked before a pixel is decoded.

    The defaults are Rekognition's: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
    """

    max_bytes: int = 5_242_880
    min_side: int = 80
    max_side: int = 10_000
    max_pixels: int = 100_000_000


class Image:
    """A picture whose header was read. Safe to share between threads."""

    __slots__ = ("__weakref__", "_decoded", "_lock", "data", "format", "height", "orientation", "width")

    def __init__(self, data: bytes, kind: str, size: tuple[int, int], orientation: int) -> None:
        self.data = data
        """The file."""
        self.format = kind
        """As "JPEG"."""
        self.orientation = orientation
        """EXIF's 1 to 8; width, height and all coordinates are those of the upright picture."""
        self.width, self.height = size[::-1] if orientation in _SIDEWAYS else size
        self._decoded: dict[int, NDArray[np.uint8]] = {}
        self._lock = threading.Lock()

    @classmethod
    def open(cls, data: bytes, limits: Limits = Limits()) -> "Image":
        """Reads the header.

        Raises:
            ImageTooLargeError: more bytes or pixels than allowed.
            InvalidParameterError: fewer pixels than needed.
            ImageFormatError: no picture, or of a format that is not read.
        """
        if len(data) > limits.max_bytes:
            raise ImageTooLargeError(f"the picture has {len(data):,} bytes; it may have at most {limits.max_bytes:,}")
        if not data:
            raise ImageFormatError("the picture is empty: it has no bytes")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd metadata is no reason to refuse
                with Pillow.open(io.BytesIO(data), formats=_formats()) as opened:
                    kind, size = opened.format or "", opened.size
                    _check_size(size, limits)
                    orientation = orientation_of(opened)
        except RequestError:
            raise
        except UnidentifiedImageError:
            raise ImageFormatError(
                "this is no picture in a format that is read: JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"
            ) from None
        except Exception as error:  # Pillow's readers raise whatever a broken header makes them
            raise ImageFormatError(f"the picture's header is damaged: {error}") from None
        return cls(data, kind.replace("MPO", "JPEG"), size, orientation)

    def pixels(self, long_side: int = WORKING_SIDE) -> NDArray[np.uint8]:
        """The upright picture as (H, W, 3) RGB, read-only.

        Decoded at the smallest of the scales 1/8, 1/4, 1/2 and 1 that has at least `long_side` pixels of reach, and at
        most MOST_DECODED in all; a JPEG is never decoded larger than that (libjpeg's DCT scaling).

        Raises:
            ImageFormatError: the file is cut off or damaged.
        """
        whole = reach(self.width, self.height)
        scale = next((scale for scale in SCALES if whole // scale >= long_side), 1)
        while self.width * self.height > MOST_DECODED * scale**2:
            scale *= 2
        with self._lock:
            pixels = self._decoded.get(scale)
            if pixels is None:
                pixels = self._decoded[scale] = self._decode(scale)
        return pixels

    def _decode(self, scale: int) -> NDArray[np.uint8]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Pillow.open(io.BytesIO(self.data), formats=_formats()) as opened:
                    picture = upright(rgb(opened, scale), self.orientation)
        except MemoryError:
            raise
        except Exception as error:  # Pillow's readers raise whatever broken data makes them
            raise ImageFormatError(f"the picture is cut off or damaged: {error}") from None
        pixels = np.asarray(picture)
        pixels.setflags(write=False)
        return pixels


def reach(width: int, height: int) -> int:
    """The longer side; of a long picture as much as WIDEST allows its shorter one, lest a panorama shrink to a line."""
    return int(min(max(width, height), WIDEST * min(width, height)))


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if max(size) > limits.max_side or width * height > limits.max_pixels:
        raise ImageTooLargeError(
            f"the picture has {width} × {height} pixels; it may have at most {limits.max_side:,} on a side "
            f"and {limits.max_pixels:,} in all"
        )
    if min(size) < limits.min_side:
        raise InvalidParameterError(
            f"the picture has {width} × {height} pixels; it must have at least {limits.min_side} on each side"
        )
