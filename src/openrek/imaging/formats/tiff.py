"""TIFF (revision 6.0) and BigTIFF: the first directory, written anew with the tags that decide the pixels."""

import struct
from dataclasses import dataclass

from openrek.errors import ImageFormatError, ImageTooLargeError
from openrek.imaging.structure import ImageStructure

MAX_ENTRIES = 1024
MAX_STRIPS = 40_000
"""Strips or tiles; of 10,000 rows in three planes each row may be one."""
MAX_UNPACKED_BYTES = 420_000_000
"""Of image data, decompressed: 100 million pixels of floating point or of four channels have 400."""
MAX_VALUES = 262_144
"""Values of any other tag; a palette of 16 bits has 196,608."""

_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _ROWS_PER_STRIP, _STRIP_BYTES = 273, 274, 277, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 322, 323, 324, 325
_PHOTOMETRIC, _PLANES, _SAMPLE_FORMAT = 262, 284, 339
_PLACES = (_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES)
_DECISIVE = frozenset(
    {254, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, 266, *_PLACES, _SAMPLES, _ROWS_PER_STRIP, _PLANES}
    | {292, 293, 317, 320, _TILE_WIDTH, _TILE_HEIGHT, 332, 338, _SAMPLE_FORMAT, 347, 512, 513, 514, 515, 517, 518}
    | {519, 520, 521, 529, 530, 531, 532}
)
_INTEGERS = {1: "B", 3: "H", 4: "L", 16: "Q"}
_GRAY = (0, 1)
_MAX_PIXELS = 100_000_000
"""Of more than these the message is about their number."""
_BIG = b"\x2b"


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers are written in this file."""

    order: str
    big: bool

    @property
    def count(self) -> str:
        return self.order + ("Q" if self.big else "H")

    @property
    def entry(self) -> str:
        return self.order + ("HHQ8s" if self.big else "HHL4s")

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.big else "L")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tag of the directory."""

    tag: int
    type: int
    count: int
    value: bytes
    """As in the file: the values, or the offset of them where they do not fit."""


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`."""
    order = "<" if data[:2] == b"II" else ">"
    layout = _Layout(order, _BIG in data[2:4])
    (start,) = struct.unpack_from(layout.offset, data, 8 if layout.big else 4)
    entries = _entries(data, layout, start)
    width, height = (_number(data, layout, entries, tag, 0) for tag in (_WIDTH, _HEIGHT))
    if not width or not height:
        raise ImageFormatError("The TIFF is damaged: it does not say how large its image is.")
    orientation = _number(data, layout, entries, _ORIENTATION, 1)
    for tag, entry in entries.items():
        limit = MAX_STRIPS if tag in _PLACES else MAX_VALUES
        if tag in _DECISIVE and entry.count > limit:
            raise ImageFormatError(f"The TIFF has more than {limit:,} values of tag {tag}.")
    essential = _rewritten(data, layout, [entry for tag, entry in sorted(entries.items()) if tag in _DECISIVE])
    return ImageStructure(
        "TIFF",
        width,
        height,
        orientation if orientation in range(1, 9) else 1,
        essential,
        _reader_bytes(data, layout, entries, width, height),
    )


def _entries(data: bytes, layout: _Layout, start: int) -> dict[int, _Entry]:
    (count,) = struct.unpack_from(layout.count, data, start)
    if count > MAX_ENTRIES:
        raise ImageFormatError(f"The TIFF has {count:,} tags; an image needs a few dozen.")
    first, size = start + struct.calcsize(layout.count), struct.calcsize(layout.entry)
    found: dict[int, _Entry] = {}
    for place in range(first, first + count * size, size):
        entry = _Entry(*struct.unpack_from(layout.entry, data, place))
        found[entry.tag] = entry
    return found


def _numbers(data: bytes, layout: _Layout, entry: _Entry, limit: int) -> tuple[int, ...]:
    """The first values of an entry of whole numbers; none of another."""
    if (letter := _INTEGERS.get(entry.type)) is None:
        return ()
    count = min(entry.count, limit)
    size = struct.calcsize("=" + letter)
    block = entry.value
    if entry.count * size > len(block):
        (offset,) = struct.unpack(layout.offset, block)
        block = data[offset : offset + count * size]
    return struct.unpack_from(f"{layout.order}{count}{letter}", block)


def _number(data: bytes, layout: _Layout, entries: dict[int, _Entry], tag: int, default: int) -> int:
    numbers = _numbers(data, layout, entries[tag], 1) if tag in entries else ()
    return numbers[0] if numbers else default


def _reader_bytes(data: bytes, layout: _Layout, entries: dict[int, _Entry], width: int, height: int) -> int:
    """Pillow's image, what converting its values takes, and the largest strip or tile that is unpacked at once."""
    samples = max(1, _number(data, layout, entries, _SAMPLES, 1))
    bits = max(_numbers(data, layout, entries[_BITS], 8) if _BITS in entries else (1,), default=1)
    rows = min(height, _number(data, layout, entries, _ROWS_PER_STRIP, height) or height)
    across, down = width, rows
    if _TILE_WIDTH in entries:
        across, down = (_number(data, layout, entries, tag, 1) for tag in (_TILE_WIDTH, _TILE_HEIGHT))
    strip = 0 if _number(data, layout, entries, _COMPRESSION, 1) == 1 else across * down * max(4, samples * bits // 8)
    unpacked = width * height * samples * bits // 8
    if unpacked > MAX_UNPACKED_BYTES and width * height <= _MAX_PIXELS:
        raise ImageTooLargeError(
            f"The TIFF has {width} × {height} pixels of {samples * bits} bits, {unpacked / 1e6:,.0f} MB when "
            f"decompressed; at most {MAX_UNPACKED_BYTES / 1e6:,.0f} MB are allowed. "
            "Save it with 8 bits per channel, or scale it down."
        )
    gray = _number(data, layout, entries, _PHOTOMETRIC, 1) in _GRAY and samples == 1
    pixel = (1 if bits <= 8 else 2 if bits <= 16 else 4) if gray else 4
    return width * height * pixel + strip


def _rewritten(data: bytes, layout: _Layout, entries: list[_Entry]) -> bytes:
    """The file with this directory behind it; what tags refer to stays where it is."""
    start = len(data) + (len(data) & 1)
    offset_at = 8 if layout.big else 4
    head = data[:offset_at] + struct.pack(layout.offset, start)
    directory = [struct.pack(layout.count, len(entries))]
    directory += [struct.pack(layout.entry, each.tag, each.type, each.count, each.value) for each in entries]
    directory.append(struct.pack(layout.offset, 0))
    return b"".join((head, data[len(head) :], bytes(start - len(data)), *directory))
