"""PNG (ISO/IEC 15948): one walk over its chunks.

The reader gets the header, the palette, the transparency and the image data, as one chunk. Text, profiles, animation
and all other chunks never reach it.
"""

import struct
import zlib

from openrek.errors import ImageFormatError, ImageTooLargeError
from openrek.imaging import exif
from openrek.imaging.structure import ImageStructure

MAX_CHUNKS = 65_536
MAX_UNPACKED_BYTES = 320_000_000
"""Of image data, decompressed, for this is what time goes with: 100 million pixels of three channels have 300."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_BITS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_ALPHA_TYPES = (4, 6)
_PALETTE_TYPE = 3


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`."""
    if data[12:16] != b"IHDR":
        raise ImageFormatError("The PNG is damaged: it does not begin with its header.")
    width, height, bits, color, compression, filtering, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    if bits not in _BITS.get(color, ()) or compression or filtering or interlace > 1 or not width or not height:
        raise ImageFormatError("The PNG is damaged: its header is not valid.")
    kept: dict[bytes, bytes] = {}
    image: list[bytes] = []
    position, orientation, chunks = 33, 1, 0
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        chunks += 1
        if chunks > MAX_CHUNKS:
            raise ImageFormatError(f"The PNG has more than {MAX_CHUNKS:,} chunks; an image needs a few hundred.")
        if kind == b"IEND":
            break
        if kind == b"IDAT":
            image.append(data[position + 8 : position + 8 + length])
        elif kind in (b"PLTE", b"tRNS") and not image:
            kept.setdefault(kind, data[position + 8 : position + 8 + length])
        elif kind == b"eXIf" and not image:
            orientation = exif.orientation(data[position + 8 : position + 8 + length])
        position += 12 + length
    if not image:
        raise ImageFormatError("The PNG has no image data: the file is cut off or damaged.")
    _check_unpacked(width, height, bits * _CHANNELS[color])
    chunk = _chunk(b"IHDR", data[16:29])
    parts = (_chunk(kind, kept[kind]) for kind in (b"PLTE", b"tRNS") if kind in kept)
    essential = b"".join((_SIGNATURE, chunk, *parts, _chunk(b"IDAT", b"".join(image)), _chunk(b"IEND", b"")))
    pixel = 4 if _CHANNELS[color] > 1 else 4 if bits > 8 and b"tRNS" in kept else 2 if bits > 8 else 1
    return ImageStructure("PNG", width, height, orientation, essential, width * height * pixel)


def _check_unpacked(width: int, height: int, pixel_bits: int) -> None:
    unpacked = height * (1 + -(-width * pixel_bits // 8))
    if unpacked > MAX_UNPACKED_BYTES and width * height <= 100_000_000:
        raise ImageTooLargeError(
            f"The PNG has {width} × {height} pixels of {pixel_bits} bits, {unpacked / 1e6:,.0f} MB when decompressed; "
            f"at most {MAX_UNPACKED_BYTES / 1e6:,.0f} MB are allowed. "
            "Save it with 8 bits per channel, or scale it down."
        )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
