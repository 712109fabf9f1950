"""AVIF: bounds on the boxes of its metadata, and the size and orientation of its image (ISO/IEC 23008-12)."""

import struct
from collections.abc import Iterator

from openrek.errors import ImageFormatError
from openrek.imaging.structure import ImageStructure

MAX_BOXES = 4096
MAX_ITEMS = 512
"""Tiles, thumbnails, EXIF and the like; the reader's work grows with the square of them."""
MAX_SAMPLES = 100_000
"""Frames of a sequence, of which the first is read."""

_BYTES_PER_PIXEL = 10
"""Planes, RGB, and Pillow's image: 9 were measured."""
_FULL_BOX = 4
_ORIENTATIONS = {
    (0, None): 1,
    (1, None): 8,
    (2, None): 3,
    (3, None): 6,
    (0, 0): 4,
    (0, 1): 2,
    (1, 0): 5,
    (1, 1): 7,
    (2, 0): 2,
    (2, 1): 4,
    (3, 0): 7,
    (3, 1): 5,
}
"""EXIF's orientation, by quarter turns to the left and the axis of the mirror that follows."""

_Span = tuple[int, int]


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`."""
    top = {kind: (begin, stop) for kind, begin, stop in _boxes(data, 0, len(data))}
    if b"meta" not in top:
        raise ImageFormatError("The AVIF has no image: the file is cut off or damaged.")
    start, end = top[b"meta"]
    meta = {kind: (begin, stop) for kind, begin, stop in _boxes(data, start + _FULL_BOX, end)}
    if b"iprp" not in meta or b"pitm" not in meta:
        raise ImageFormatError("The AVIF has no image: the file is cut off or damaged.")
    for kind in (b"iinf", b"iloc"):
        if kind in meta and (items := _items(data, kind, meta[kind][0])) > MAX_ITEMS:
            raise ImageFormatError(f"The AVIF has {items:,} items; an image needs a few.")
    _check_samples(data)
    size, turns, axis = _properties(data, _number(data, meta[b"pitm"][0]), meta[b"iprp"])
    if size is None:
        raise ImageFormatError("The AVIF is damaged: it does not say how large its image is.")
    orientation = _ORIENTATIONS.get((turns, axis), 1)
    return ImageStructure("AVIF", *size, orientation, data, size[0] * size[1] * _BYTES_PER_PIXEL)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, start and end of the content) of each box."""
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, content)
            content += 8
        stop = end if length == 0 else min(end, start + length)
        if stop < content:
            return
        yield kind, content, stop
        start = stop
    raise ImageFormatError(f"The AVIF has more than {MAX_BOXES:,} boxes; an image needs a few dozen.")


def _number(data: bytes, start: int) -> int:
    """Of a full box, of 16 bits in its version 0 and of 32 bits otherwise."""
    number: int = struct.unpack_from(">H" if data[start] == 0 else ">I", data, start + _FULL_BOX)[0]
    return number


def _items(data: bytes, kind: bytes, start: int) -> int:
    if kind == b"iinf":
        return _number(data, start)
    items: int = struct.unpack_from(">I" if data[start] > 1 else ">H", data, start + _FULL_BOX + 2)[0]
    return items


def _check_samples(data: bytes) -> None:
    offset = data.find(b"stsz")
    if offset >= 0 and (samples := int.from_bytes(data[offset + 12 : offset + 16], "big")) > MAX_SAMPLES:
        raise ImageFormatError(f"The AVIF has {samples:,} frames; at most {MAX_SAMPLES:,} are supported.")


def _properties(data: bytes, primary: int, span: _Span) -> tuple[_Span | None, int, int | None]:
    """Size, quarter turns to the left, and axis of the mirror of the primary item."""
    inside = {kind: (begin, stop) for kind, begin, stop in _boxes(data, *span)}
    if b"ipco" not in inside or b"ipma" not in inside:
        return None, 0, None
    properties = list(_boxes(data, *inside[b"ipco"]))
    size: _Span | None = None
    turns, axis = 0, None
    for index in _associations(data, inside[b"ipma"][0], primary):
        if not 0 < index <= len(properties):
            continue
        kind, begin, _ = properties[index - 1]
        if kind == b"ispe":
            size = struct.unpack_from(">II", data, begin + _FULL_BOX)
        elif kind == b"irot":
            turns = data[begin] & 3
        elif kind == b"imir":
            axis = data[begin] & 1
    return size, turns, axis


def _associations(data: bytes, start: int, primary: int) -> list[int]:
    """Indices of an item's properties, counted from 1."""
    wide_items, wide_indices = data[start] > 0, data[start + 3] & 1
    (count,) = struct.unpack_from(">I", data, start + _FULL_BOX)
    position = start + _FULL_BOX + 4
    for _ in range(min(count, MAX_ITEMS)):
        (item,) = struct.unpack_from(">I" if wide_items else ">H", data, position)
        position += 4 if wide_items else 2
        indices = data[position]
        position += 1
        size, mask = (2, 0x7FFF) if wide_indices else (1, 0x7F)
        if item == primary:
            offsets = range(position, position + size * indices, size)
            return [int.from_bytes(data[offset : offset + size], "big") & mask for offset in offsets]
        position += size * indices
    return []
