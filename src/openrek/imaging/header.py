"""Image headers: format, size and orientation, read with bounded work and checked before a pixel is decoded."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openrek.errors import ImageFormatError, ImageTooLargeError, InvalidParameterError
from openrek.imaging.file_types import SUPPORTED, format_of, name_of
from openrek.imaging.formats import avif, bmp, gif, jpeg, png, tiff, webp
from openrek.imaging.structure import ImageStructure

MAX_READER_BYTES = 450_000_000
"""Memory that a format's reader may allocate for one image, as `ImageStructure.reader_bytes` estimates it."""

_SIDEWAYS = (5, 6, 7, 8)
_READERS: Mapping[str, Callable[[bytes], ImageStructure]] = {
    "JPEG": jpeg.read,
    "PNG": png.read,
    "WEBP": webp.read,
    "GIF": gif.read,
    "BMP": bmp.read,
    "TIFF": tiff.read,
    "AVIF": avif.read,
}


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
    structure: ImageStructure
    """What a decoder needs of the file."""


def read_header(data: bytes, limits: Limits = DEFAULT_LIMITS) -> ImageHeader:
    """The header of an image file, in time proportional to the file's size. No decoder sees the file.

    Raises:
        ImageTooLargeError: more bytes or pixels than allowed, or its reader would need more memory than allowed.
        InvalidParameterError: fewer pixels than needed.
        ImageFormatError: not an image, of an unsupported format, damaged, or of more parts than an image needs.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(f"Image has {len(data):,} bytes; at most {limits.max_bytes:,} are allowed.")
    if not data:
        raise ImageFormatError("Image is empty: it has 0 bytes.")
    structure = _structure(data)
    _check_size((structure.width, structure.height), limits)
    if structure.reader_bytes > MAX_READER_BYTES:
        raise ImageTooLargeError(
            f"Decoding this {SUPPORTED[structure.format]} of {structure.width} × {structure.height} pixels takes "
            f"{structure.reader_bytes / 1e6:,.0f} MB of memory; at most {MAX_READER_BYTES / 1e6:,.0f} MB are allowed. "
            "Scale it down, or save it as a baseline JPEG."
        )
    sideways = structure.orientation in _SIDEWAYS
    width, height = (structure.height, structure.width) if sideways else (structure.width, structure.height)
    return ImageHeader(structure.format, width, height, structure.orientation, structure)


def _structure(data: bytes) -> ImageStructure:
    if (image_format := format_of(data)) is None:
        looks_like = name_of(data)
        raise ImageFormatError(
            f"Unsupported image format{f' (looks like {looks_like.name})' if looks_like else ''}. "
            f"Supported: {', '.join(SUPPORTED.values())}."
            f"{f' {looks_like.advice}' if looks_like else ''}"
        )
    try:
        return _READERS[image_format](data)
    except (struct.error, IndexError, OverflowError):  # BigTIFF's offsets have 64 bits, unsigned
        raise ImageFormatError(
            f"Image is cut off or damaged: its {SUPPORTED[image_format]} header ends too early."
        ) from None


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if max(size) > limits.max_side or width * height > limits.max_pixels:
        raise ImageTooLargeError(
            f"Image has {width} × {height} pixels; at most {limits.max_side:,} on a side and {limits.max_pixels:,} "
            "in all are allowed."
        )
    if min(size) < limits.min_side:
        raise InvalidParameterError(
            f"Image has {width} × {height} pixels; each side must be at least {limits.min_side}."
        )
