"""What a file's header says of the image, read with bounded work and without a decoder."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openrek.errors import ImageFormatError, ImageTooLargeError
from openrek.imaging.file_types import SUPPORTED, format_of, name_of

MAX_READER_BYTES = 450_000_000
"""Memory that a format's reader may allocate to decode one image, as `ImageHeader.reader_bytes` estimates it."""

MAX_DECODED_PIXELS = 36_000_000
"""Pixels that an image is decoded to at most: what more of them would show, no model of ours sees."""

_SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """An image file whose structure was checked. Nothing of it was decoded."""

    format: str
    """Pillow's name of the format, as "JPEG"."""
    width: int
    """Pixels, as stored: not turned upright."""
    height: int
    orientation: int
    """EXIF's 1 to 8."""
    data: bytes
    """The part of the file that decides the pixels: a complete file without metadata and without further frames."""
    reader_bytes: int
    """Memory in bytes that the reader allocates, at most."""
    scans: int = 1
    """Of a JPEG: the scans in `data`. One scan of all components is decoded row by row, more of them all at once."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright image."""
        return (self.height, self.width) if self.orientation in _SIDEWAYS else (self.width, self.height)

    def check_reader_bytes(self) -> None:
        """Returns if decoding stays within MAX_READER_BYTES.

        Raises:
            ImageTooLargeError: it does not.
        """
        if self.reader_bytes > MAX_READER_BYTES:
            raise ImageTooLargeError(
                f"Decoding this {self.format} image of {self.width} × {self.height} pixels takes "
                f"{self.reader_bytes / 1e6:,.0f} MB of memory; at most {MAX_READER_BYTES / 1e6:,.0f} MB are allowed. "
                "Scale it down, or save it as a baseline JPEG."
            )


def read_header(data: bytes) -> ImageHeader:
    """Checks the file's structure and reads its header, in time proportional to the file's size.

    Raises:
        ImageFormatError: not an image format we read, or a damaged header, or more parts than any image needs.
        ImageTooLargeError: the image has more pixels than its format's reader can be given.
    """
    if not data:
        raise ImageFormatError("The image is empty: it has 0 bytes.")
    if (image_format := format_of(data)) is None:
        looks_like = name_of(data)
        raise ImageFormatError(
            f"Unsupported image format{f' (looks like {looks_like.name})' if looks_like else ''}. "
            f"Supported: {', '.join(SUPPORTED.values())}."
            f"{f' {looks_like.advice}' if looks_like else ''}"
        )
    try:
        return _reader(image_format)(data)
    except (struct.error, IndexError, ValueError) as error:
        raise ImageFormatError(f"The image is cut off or damaged: its {SUPPORTED[image_format]} header {_why(error)}.") from None


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else "ends too early"


def _reader(image_format: str) -> Callable[[bytes], ImageHeader]:
    from openrek.imaging.formats import avif, bmp, gif, jpeg, png, tiff, webp

    readers: Mapping[str, Callable[[bytes], ImageHeader]] = {
        "JPEG": jpeg.read,
        "PNG": png.read,
        "WEBP": webp.read,
        "GIF": gif.read,
        "BMP": bmp.read,
        "TIFF": tiff.read,
        "AVIF": avif.read,
    }
    return readers[image_format]
