"""Compiled libraries made smaller: what a loader reads of an ELF file, and nothing else.

Wheels' libraries carry tables for debuggers and, where patchelf has renamed them, two megabytes of zeros each. And
OpenCV's is linked with codecs for video that the engine never calls. Only the loader's own table, the program headers,
says what is needed; addresses in memory stay as they are. It needs no tool and is the same on every machine.
https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html
"""

import re
import struct
from collections.abc import Iterator

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_ENTRY = struct.Struct("<QQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_LOAD, _DYNAMIC = 1, 2
_DYNAMIC_STRINGS, _DYNAMIC_SYMBOLS, _DYNAMIC_HASH, _DYNAMIC_GNU_HASH = 5, 6, 4, 0x6FFFFEF5
_STRINGS_SIZE, _SYMBOL_SIZE = 10, 11
_WEAK = 2
# What a page of memory may have: a segment lies in the file where it lies in memory, modulo a page.
_PAGES = {62: 0x1000, 183: 0x10000}
_MACHINE_AT = 18


def is_library(data: bytes) -> bool:
    """Whether it is a shared library for 64 bits, little-endian, of a machine that we know."""
    is_elf = data[:6] == b"\x7fELF\x02\x01" and len(data) > _HEADER.size
    return is_elf and data[16:18] == b"\x03\x00" and _machine(data) in _PAGES


def packed(data: bytes) -> bytes:
    """The library without what no loader reads; itself if that would not make it smaller."""
    header = list(_HEADER.unpack_from(data))
    segments = _segments(data)
    page = _PAGES[_machine(data)]
    out = bytearray()
    moved: list[tuple[int, int, int]] = []  # from, to, bytes
    for kind, _, offset, address, _, size, _, _ in sorted(segments, key=lambda segment: segment[2]):
        if kind == _LOAD:
            if out:
                out += bytes((address - len(out)) % page)
            moved.append((offset, len(out), size))
            out += data[offset : offset + size]
    placed = []
    for kind, flags, offset, address, physical, size, in_memory, alignment in segments:
        around = (to - start for start, to, long in moved if start <= offset and offset + size <= start + long)
        least = min(alignment, page) if kind == _LOAD else alignment
        placed.append(
            _SEGMENT.pack(kind, flags, offset + next(around, -offset), address, physical, size, in_memory, least)
        )
    table = header[5]
    header[6] = header[11] = header[12] = header[13] = 0  # no sections
    if not any(start <= table and table + len(placed) * _SEGMENT.size <= start + long for start, _, long in moved):
        return data
    table = next(to + table - start for start, to, long in moved if start <= table < start + long)
    header[5] = table
    out[: _HEADER.size] = _HEADER.pack(*header)
    out[table : table + len(placed) * _SEGMENT.size] = b"".join(placed)
    return bytes(out) if len(out) < len(data) else data


def hollow(data: bytes) -> bytes:
    """A library for the same machine with nothing in it: it loads, and whoever calls it finds nothing."""
    table = _HEADER.size
    dynamic = table + 2 * _SEGMENT.size
    strings = dynamic + 5 * _ENTRY.size
    symbols = strings + 8
    size = symbols + _SYMBOL.size
    entries = (
        (_DYNAMIC_STRINGS, strings),
        (_DYNAMIC_SYMBOLS, symbols),
        (_STRINGS_SIZE, 1),
        (_SYMBOL_SIZE, _SYMBOL.size),
        (0, 0),
    )
    page = _PAGES[_machine(data)]
    identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    return b"".join(
        (
            _HEADER.pack(identity, 3, _machine(data), 1, 0, table, 0, 0, table, _SEGMENT.size, 2, 0, 0, 0),
            _SEGMENT.pack(_LOAD, 6, 0, 0, 0, size, size, page),
            _SEGMENT.pack(_DYNAMIC, 6, dynamic, dynamic, dynamic, strings - dynamic, strings - dynamic, 8),
            *(_ENTRY.pack(*entry) for entry in entries),
            bytes(8),
            bytes(_SYMBOL.size),
        )
    )


def weakened(data: bytes, names: re.Pattern[bytes]) -> bytes:
    """The library, content to be loaded where nobody has the symbols that it takes from elsewhere by these names."""
    out = bytearray(data)
    for place, name in _missing(data):
        if names.match(name):
            out[place + 4] = _WEAK << 4 | out[place + 4] & 15
    return bytes(out)


def _missing(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Where in the file each symbol is that the library takes from elsewhere, with its name."""
    segments = _segments(data)
    offset, size = next((segment[2], segment[5]) for segment in segments if segment[0] == _DYNAMIC)
    dynamic = dict(_ENTRY.iter_unpack(data[offset : offset + size]))
    strings = _at(segments, dynamic[_DYNAMIC_STRINGS])
    first = _at(segments, dynamic[_DYNAMIC_SYMBOLS])
    # Nothing tells the table's length; those without a definition come first, and the hash table says where they end.
    for number in range(_first_defined(data, segments, dynamic)):
        place = first + number * _SYMBOL.size
        name, _, _, section, _, _ = _SYMBOL.unpack_from(data, place)
        if section == 0 and name:
            start = strings + name
            yield place, data[start : data.index(b"\0", start)]


def _first_defined(data: bytes, segments: list[tuple[int, ...]], dynamic: dict[int, int]) -> int:
    if _DYNAMIC_GNU_HASH in dynamic:
        return int(struct.unpack_from("<II", data, _at(segments, dynamic[_DYNAMIC_GNU_HASH]))[1])
    return int(struct.unpack_from("<II", data, _at(segments, dynamic[_DYNAMIC_HASH]))[1])


def _at(segments: list[tuple[int, ...]], address: int) -> int:
    """Where in the file this address of memory is."""
    return next(
        offset + address - start
        for kind, _, offset, start, _, size, _, _ in segments
        if kind == _LOAD and start <= address < start + size
    )


def _segments(data: bytes) -> list[tuple[int, ...]]:
    header = _HEADER.unpack_from(data)
    return [_SEGMENT.unpack_from(data, header[5] + number * _SEGMENT.size) for number in range(header[10])]


def _machine(data: bytes) -> int:
    return int.from_bytes(data[_MACHINE_AT : _MACHINE_AT + 2], "little")
