"""The structure of an image file: what its format's module found without decoding it."""

from dataclasses import dataclass

MAX_DECODED_PIXELS = 36_000_000
"""Pixels that an image is decoded to at most: what more of them would show, no model of ours sees."""


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
