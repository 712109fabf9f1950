"""JPEG (ITU-T T.81): one walk over its markers, before a reader sees them.

What is kept of the file are the tables, the frame, the scans and Adobe's colour transform. EXIF (but for the
orientation), XMP, colour profiles, comments, thumbnails, further images and fill bytes never reach the reader.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from openrek.errors import ImageFormatError
from openrek.imaging import exif
from openrek.imaging.structure import MAX_DECODED_PIXELS, ImageStructure

MAX_SEGMENTS = 4096
"""Marker segments outside of image data; a colour profile of 16 MiB has 255."""
MAX_SCANS = 100
"""Encoders make up to 13 or so."""
MAX_VISITS = 600_000_000
"""Coefficients that all scans together may pass over: 100 million pixels with libjpeg's usual ten scans have 400."""

_EOI, _SOS, _DQT, _DHT, _DRI = 0xD9, 0xDA, 0xDB, 0xC4, 0xDD
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = 0xC2
_SAMPLE_BITS, _MAX_SAMPLING = 8, 4
_COEFFICIENTS = 64
_ALL_COEFFICIENTS = (1 << _COEFFICIENTS) - 1
_BLOCK_BYTES = 2 * _COEFFICIENTS
_JFIF_BYTES = 14
_READ_AHEAD = bytes(8)
"""Lets libjpeg fill its register of 64 bits at the end of the data, where it would wait for more otherwise."""
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_END_OF_DATA = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_MARKER = re.compile(rb"[^\xff]")
_KINDS = {
    0xC3: "a lossless JPEG",
    0xC5: "a hierarchical JPEG",
    0xC6: "a hierarchical JPEG",
    0xC7: "a hierarchical lossless JPEG",
    0xC9: "an arithmetic-coded JPEG",
    0xCA: "an arithmetic-coded progressive JPEG",
    0xCB: "an arithmetic-coded lossless JPEG",
    0xCD: "an arithmetic-coded hierarchical JPEG",
    0xCE: "an arithmetic-coded hierarchical JPEG",
    0xCF: "an arithmetic-coded hierarchical lossless JPEG",
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """The frame header (T.81, B.2.2)."""

    progressive: bool
    width: int
    height: int
    blocks: Mapping[int, int]
    """Blocks of 8 × 8 coefficients in memory, by component."""
    units: Mapping[int, int]
    """Coded units of a scan of this component alone: its blocks without padding."""
    interleaved_units: int
    """Coded units of a scan of several components (T.81, A.2)."""


@dataclass(slots=True)
class _Walk:
    """What was seen so far."""

    parts: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    frame: _Frame | None = None
    orientation: int = 0
    has_jfif: bool = False
    has_adobe: bool = False
    segments: int = 0
    scans: int = 0
    visits: int = 0
    single_scan: bool = False
    has_end: bool = False
    restart_interval: int = 0
    missing_restarts: int = 0
    """Restart markers that the last scan lacks."""
    covered: dict[int, int] = field(default_factory=dict)
    """Bits of the coefficients that some scan has, by component."""


def read(data: bytes) -> ImageStructure:
    """See `openrek.imaging.header.read_header`. Whether all rows are there is found when they are decoded."""
    walk = _Walk()
    position = 2
    while 0 <= position < len(data) and not walk.has_end:
        position = _step(walk, data, position)
    if (frame := walk.frame) is None or not walk.scans:
        raise ImageFormatError("The JPEG has no image data: the file is cut off or damaged.")
    if not walk.has_end and not _is_covered(walk, frame):
        raise ImageFormatError(
            f"The JPEG ends after scan {walk.scans} of its data, before all of the image was sent: "
            "the file is cut off. Send it again, whole."
        )
    if walk.missing_restarts > 0 and not walk.single_scan:
        raise ImageFormatError(
            f"The JPEG ends inside scan {walk.scans} of its image data: the file is cut off or damaged. "
            "Send it again, whole."
        )
    held = 0 if walk.single_scan else _BLOCK_BYTES * sum(frame.blocks.values())
    return ImageStructure(
        "JPEG",
        frame.width,
        frame.height,
        walk.orientation or 1,
        b"".join((*walk.parts, _READ_AHEAD, b"\xff\xd9")),
        held + 4 * min(frame.width * frame.height, MAX_DECODED_PIXELS),
        scans=1 if walk.single_scan else max(2, walk.scans),
    )


def _step(walk: _Walk, data: bytes, position: int) -> int:
    """One marker segment, or a scan with its data; where the next begins, -1 at the end."""
    start = data.find(b"\xff", position)
    found = _MARKER.search(data, start) if start >= 0 else None
    if found is None:
        return -1
    walk.segments += 1
    if walk.segments > MAX_SEGMENTS:
        raise ImageFormatError(f"The JPEG has more than {MAX_SEGMENTS:,} marker segments; an image needs a few dozen.")
    marker, position = data[found.start()], found.end()
    if marker == _EOI:
        walk.has_end = True
        return -1
    if marker in _ALONE:
        return position
    end = position + int.from_bytes(data[position : position + 2], "big")
    if end > len(data) or end < position + 2:
        return -1
    payload = data[position + 2 : end]
    if marker == _SOS:
        return _scan(walk, data, payload, end)
    if marker in _FRAMES:
        if walk.frame is not None:
            raise ImageFormatError("The JPEG is damaged: it has two frame headers.")
        walk.frame = _frame(marker, payload)
        walk.parts.append(_segment(marker, payload))
    elif marker in (_DQT, _DHT, _DRI):
        if marker == _DRI:
            (walk.restart_interval,) = struct.unpack_from(">H", payload)
        walk.parts.append(_segment(marker, payload))
    else:
        _application(walk, marker, payload)
    return end


def _application(walk: _Walk, marker: int, payload: bytes) -> None:
    """Keeps what decides the colours, and the orientation."""
    if marker == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= _JFIF_BYTES and not walk.has_jfif:
        walk.has_jfif = True
        walk.parts.append(_segment(marker, payload[: _JFIF_BYTES - 2] + b"\0\0"))  # without its thumbnail
    elif marker == _APP14 and payload.startswith(b"Adobe") and not walk.has_adobe:
        walk.has_adobe = True
        walk.parts.append(_segment(marker, payload))
    elif marker == _APP1 and payload.startswith(b"Exif\0\0") and not walk.orientation:
        walk.orientation = exif.orientation(payload)


def _frame(marker: int, payload: bytes) -> _Frame:
    bits, height, width, count = struct.unpack_from(">BHHB", payload)
    if (kind := _KINDS.get(marker)) is not None:
        raise ImageFormatError(f"This is {kind}, which is not supported. Save it as a baseline JPEG or as PNG.")
    if bits != _SAMPLE_BITS:
        raise ImageFormatError(
            f"This is a JPEG of {bits} bits per sample, which is not supported. "
            "Save it as a JPEG of 8 bits per sample or as PNG."
        )
    if not width or not height:
        raise ImageFormatError(f"The JPEG is damaged: its header declares {width} × {height} pixels.")
    if count not in (1, 3, 4):
        raise ImageFormatError(f"The JPEG has {count} color components; 1, 3 and 4 are supported.")
    factors: dict[int, tuple[int, int]] = {}
    for identifier, sampling, _ in struct.iter_unpack("BBB", payload[6 : 6 + 3 * count]):
        factors[identifier] = (sampling >> 4, sampling & 15)
    valid = range(1, _MAX_SAMPLING + 1)
    if len(factors) != count or not all(h in valid and v in valid for h, v in factors.values()):
        raise ImageFormatError("The JPEG is damaged: its color components are not valid.")
    across, down = max(h for h, _ in factors.values()), max(v for _, v in factors.values())
    blocks = {
        identifier: h * -(-width // (8 * across)) * v * -(-height // (8 * down))
        for identifier, (h, v) in factors.items()
    }
    units = {
        identifier: _quotient(_quotient(width * h, across), 8) * _quotient(_quotient(height * v, down), 8)
        for identifier, (h, v) in factors.items()
    }
    interleaved = -(-width // (8 * across)) * -(-height // (8 * down))
    return _Frame(marker == _PROGRESSIVE, width, height, blocks, units, interleaved)


def _quotient(dividend: int, divisor: int) -> int:
    """Rounded up."""
    return -(-dividend // divisor)


def _scan(walk: _Walk, data: bytes, payload: bytes, start: int) -> int:
    """A scan header and the data behind it (T.81, B.2.3)."""
    frame = walk.frame
    count = payload[0] if payload else 0
    if frame is None or len(payload) < 4 + 2 * count:
        raise ImageFormatError("The JPEG is damaged: a scan header is not valid.")
    components = payload[1 : 1 + 2 * count : 2]
    first, last, precision = payload[1 + 2 * count : 4 + 2 * count]
    if (
        not count
        or not set(components) <= set(frame.blocks)
        or (frame.progressive and not first <= last < _COEFFICIENTS)
    ):
        raise ImageFormatError("The JPEG is damaged: a scan header is not valid.")
    walk.scans += 1
    refines = frame.progressive and precision >> 4 and first
    walk.visits += sum(frame.blocks[each] for each in components) * (last - first + 1 if refines else 2)
    if walk.scans > MAX_SCANS or walk.visits > MAX_VISITS:
        raise ImageFormatError(
            f"The JPEG has too many scans for its size ({walk.scans} or more); encoders make 10 to 15. "
            "Save it as a baseline JPEG."
        )
    band = ((1 << (last + 1)) - (1 << first)) if frame.progressive else _ALL_COEFFICIENTS
    for each in components:
        walk.covered[each] = walk.covered.get(each, 0) | band
    found = _END_OF_DATA.search(data, start)
    end = found.start() if found else len(data)
    if walk.restart_interval:
        units = frame.units[components[0]] if count == 1 else frame.interleaved_units
        restarts = sum(1 for _ in _RESTART.finditer(data, start, end))
        walk.missing_restarts = -(-units // walk.restart_interval) - 1 - restarts
    walk.parts += [_segment(_SOS, payload), data[start:end]]
    if walk.scans == 1 and not frame.progressive and count == len(frame.blocks):
        walk.single_scan = walk.has_end = True  # whatever follows does not belong to the image
    return end


def _is_covered(walk: _Walk, frame: _Frame) -> bool:
    return all(walk.covered.get(each, 0) == _ALL_COEFFICIENTS for each in frame.blocks)


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
