"""WebP (RFC 9649): the canvas and the first frame."""

import struct

from openrek.errors import ImageFormatError
from openrek.imaging import exif
from openrek.imaging.structure import ImageStructure

MAX_CHUNKS = 4096

_BYTES_PER_PIXEL = 16
"""The reader holds two canvases of four bytes a pixel, the decoder's own, and Pillow's image: 15.6 were measured."""
_KEPT = (b"VP8X", b"ALPH", b"VP8 ", b"VP8L", b"ANIM", b"ANMF")
_ANIMATED, _METADATA = 0x02, 0x20 | 0x08 | 0x04
_VP8_START = b"\x9d\x01\x2a"
_LOSSLESS_MARK = 0x2F


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`."""
    parts: list[bytes] = []
    size: tuple[int, int] | None = None
    orientation, position, chunks = 1, 12, 0
    frames = 0
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        chunks += 1
        if chunks > MAX_CHUNKS:
            raise ImageFormatError(f"The WebP has more than {MAX_CHUNKS:,} chunks; an image needs a few.")
        end = position + 8 + length + (length & 1)
        content = data[position + 8 : position + 8 + length]
        if kind == b"EXIF":
            orientation = exif.orientation(content)
        elif kind in _KEPT and not (kind == b"ANMF" and frames):
            frames += kind == b"ANMF"
            if size is None:
                size = _size(kind, content)
            if kind == b"VP8X":
                flags = content[0] & ~_METADATA
                parts.append(data[position : position + 8] + bytes([flags]) + data[position + 9 : end])
            else:
                parts.append(data[position:end])
        position = end
    if size is None:
        raise ImageFormatError("The WebP has no image data: the file is cut off or damaged.")
    body = b"".join(parts)
    essential = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
    return ImageStructure("WEBP", *size, orientation, essential, size[0] * size[1] * _BYTES_PER_PIXEL)


def _size(kind: bytes, content: bytes) -> tuple[int, int] | None:
    if kind == b"VP8X":
        return int.from_bytes(content[4:7], "little") + 1, int.from_bytes(content[7:10], "little") + 1
    if kind == b"VP8 " and content[3:6] == _VP8_START:
        width, height = struct.unpack_from("<HH", content, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and content[0] == _LOSSLESS_MARK:
        (packed,) = struct.unpack_from("<I", content, 1)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    return None
