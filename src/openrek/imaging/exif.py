"""The orientation in a block of EXIF metadata; nothing else of it is read."""

import struct

_ORIENTATION = 0x0112
_MAX_ENTRIES = 1024
_SHORT = 3


def orientation(block: bytes) -> int:
    """EXIF's 1 to 8; 1 where the block is damaged or has no valid orientation.

    Args:
        block: A TIFF structure, with or without the "Exif\\0\\0" before it (CIPA DC-008, 4.5.2).
    """
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "L", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        for offset in range(start + 2, start + 2 + 12 * min(count, _MAX_ENTRIES), 12):
            tag, kind, values, value = struct.unpack_from(order + "HHLH", block, offset)
            if tag == _ORIENTATION:
                return value if kind == _SHORT and values == 1 and value in range(1, 9) else 1
    except struct.error:
        return 1
    return 1
