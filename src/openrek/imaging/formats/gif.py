"""GIF (GIF89a): the screen and the first image; comments and further frames are not looked at."""

import struct

from openrek.errors import ImageFormatError
from openrek.imaging.structure import ImageStructure

MAX_BLOCKS = 16_384
"""Blocks of extensions before the first image."""

_EXTENSION, _IMAGE, _GRAPHIC_CONTROL = 0x21, 0x2C, 0xF9
_BYTES_PER_PIXEL = 2


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    screen_end = position = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    control, blocks = b"", 0
    while data[position] != _IMAGE:
        if data[position] != _EXTENSION:
            if data[position] == 0:
                position += 1
                blocks += 1
                _check_blocks(blocks)
                continue
            raise ImageFormatError("The GIF has no image: the file is cut off or damaged.")
        start = position
        position += 2
        while (length := data[position]) != 0:
            position += 1 + length
            blocks += 1
            _check_blocks(blocks)
        position += 1
        blocks += 1
        _check_blocks(blocks)
        if data[start + 1] == _GRAPHIC_CONTROL:
            control = data[start:position]
    left, top, across, down = struct.unpack_from("<HHHH", data, position + 1)
    width, height = max(width, left + across), max(height, top + down)
    essential = data[:screen_end] + control + data[position:]
    return ImageStructure("GIF", width, height, 1, essential, width * height * _BYTES_PER_PIXEL)


def _check_blocks(blocks: int) -> None:
    if blocks > MAX_BLOCKS:
        raise ImageFormatError(f"The GIF has more than {MAX_BLOCKS:,} blocks before its first image.")
