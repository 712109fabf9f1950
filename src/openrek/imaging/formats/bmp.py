"""BMP: its header. The file has nothing else but a palette and pixels."""

import struct

from openrek.errors import ImageFormatError
from openrek.imaging.structure import ImageStructure

_CORE_HEADER = 12
_PALETTE_BITS = 8


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`."""
    (header_size,) = struct.unpack_from("<I", data, 14)
    if header_size == _CORE_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
        height = abs(height)  # a negative one means rows from top to bottom
    if width <= 0 or not height:
        raise ImageFormatError(f"The BMP is damaged: its header declares {width} × {height} pixels.")
    # A run-length coded one is decoded into a list of rows first.
    pixel = 3 if bits <= _PALETTE_BITS else 4
    return ImageStructure("BMP", width, height, 1, data, width * height * pixel)
