"""Image headers: format, size and orientation, checked against limits before a pixel is decoded."""

import io
import warnings
from dataclasses import dataclass
from functools import cache

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from openrek.errors import ImageFormatError, ImageTooLargeError, InvalidParameterError, RequestError
from openrek.imaging.decode import orientation_of

_SIDEWAYS = (5, 6, 7, 8)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

# `Limits` are checked first, and their messages say what is allowed.
Pillow.MAX_IMAGE_PIXELS = None


@cache
def supported_formats() -> tuple[str, ...]:
    """The supported formats that this build of Pillow reads; `Image.open` fails on the name of any other."""
    Pillow.init()
    return tuple(name for name in _FORMATS if name in Pillow.OPEN)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image may have. Checked before a pixel is decoded.

    The defaults are Rekognition's: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
    """

    max_bytes: int = 5_242_880
    min_side: int = 80
    max_side: int = 10_000
    max_pixels: int = 100_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the header of an image file declares."""

    format: str
    """Pillow's name, as "JPEG"."""
    width: int
    """Of the upright image."""
    height: int
    """Of the upright image."""
    orientation: int
    """EXIF's 1 to 8."""


def read_header(data: bytes, limits: Limits = DEFAULT_LIMITS) -> ImageHeader:
    """The header of an image file.

    Raises:
        ImageTooLargeError: more bytes or pixels than allowed.
        InvalidParameterError: fewer pixels than needed.
        ImageFormatError: not an image, or of an unsupported format.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(f"the picture has {len(data):,} bytes; it may have at most {limits.max_bytes:,}")
    if not data:
        raise ImageFormatError("the picture is empty: it has no bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is no reason to refuse
            with Pillow.open(io.BytesIO(data), formats=supported_formats()) as opened:
                name, size = opened.format or "", opened.size
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
    width, height = size[::-1] if orientation in _SIDEWAYS else size
    return ImageHeader(name.replace("MPO", "JPEG"), width, height, orientation)


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
