"""An image file before it is decoded, and after."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import mmap

MAX_DECODED_PIXELS = 36_000_000
"""Maximum number of pixels an image is decoded to; no model uses more."""


@dataclass(frozen=True, slots=True)
class ImageStructure:
    """An image file whose parts were counted and measured. Nothing of it was decoded."""

    format: str
    """Pillow's name of the format, as "JPEG"."""
    width: int
    """Pixels, as stored: not turned upright."""
    height: int
    """Pixels, as stored."""
    orientation: int
    """EXIF's 1 to 8."""
    essential: bytes
    """The part of the file that decides the pixels: a whole file without metadata and without further frames."""
    reader_bytes: int
    """Memory in bytes that the format's reader allocates, at most."""
    scans: int = 1
    """Of a JPEG: 1 if its rows come one after another, more if each scan has a part of all rows."""


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """The upright pixels of an image."""

    width: int
    """Of the upright image, at its scale."""
    height: int
    """Of the upright image, at its scale."""
    pixels: "mmap.mmap | bytearray"
    """Rows of RGB, three bytes a pixel. Mapped memory is freed with this object."""
    cpu_seconds: float
    """What decoding took."""
