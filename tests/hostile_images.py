"""Image files that are made to cost: many parts, much memory, little content. Each is built from scratch."""

import io
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from random import Random

from PIL import Image

MAX_BYTES = 5_242_880


def encoded(kind: str, size: tuple[int, int] = (200, 200), **options: object) -> bytes:
    """A flat image as a file."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (120, 130, 140)).save(buffer, kind, **options)
    return buffer.getvalue()


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _filled(part: bytes, around: bytes) -> bytes:
    return part * ((MAX_BYTES - len(around) - 64) // len(part))


def _jpeg_with(part: bytes, first: bytes = b"") -> bytes:
    jpeg = encoded("JPEG")
    return jpeg[:2] + first + _filled(part, jpeg + first) + jpeg[2:]


def _jpeg_of_scans(side: int, total: int) -> bytes:
    """One small scan of a progressive JPEG, repeated."""
    jpeg = encoded("JPEG", (side, side), progressive=True, quality=50)
    starts = [found.start() for found in re.finditer(rb"\xff\xda", jpeg)]
    scans = [
        jpeg[start:end].split(b"\xff\xc4")[0] for start, end in zip(starts, [*starts[1:], len(jpeg) - 2], strict=True)
    ]
    smallest = min(range(1, len(scans)), key=lambda place: len(scans[place]))
    body = jpeg[: starts[smallest + 1]] if smallest + 1 < len(starts) else jpeg[:-2]
    return body + scans[smallest] * ((total - len(body) - 2) // len(scans[smallest])) + b"\xff\xd9"


def _jpeg_inside_scan(filler: bytes) -> bytes:
    jpeg = encoded("JPEG")
    start = jpeg.index(b"\xff\xda") + 20
    return jpeg[:start] + _filled(filler, jpeg) + jpeg[start:]


def _png(
    size: tuple[int, int], color: int, bits: int, before: bytes = b"", filtering: int = 0, interlace: int = 0
) -> bytes:
    width, height = size
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    row = bytes([filtering]) + b"\x80" * (width * channels * bits // 8)
    packer = zlib.compressobj(1)
    rows = height if not interlace else 2 * height  # as many bytes as the seven passes need, and more
    data = b"".join([*(packer.compress(row) for _ in range(rows)), packer.flush()])
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlace)
    palette = _chunk(b"PLTE", bytes(768)) if color == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + palette + before + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    )


def _png_with(part: bytes) -> bytes:
    return _png((200, 200), 2, 8, _filled(part, b"\0" * 2000))


def _exif_of_many_values() -> bytes:
    count = (MAX_BYTES - 3000) // 8
    block = b"II*\0\x08\0\0\0" + struct.pack("<HHHLL", 1, 0x0112, 5, count, 26) + bytes(4) + bytes(8 * count)
    return _png((200, 200), 2, 8, _chunk(b"eXIf", block))


def _gif(screen: tuple[int, int], frame: tuple[int, int], before: bytes = b"") -> bytes:
    gif = encoded("GIF", (100, 100))
    place = gif.index(b",", 13 + (3 << ((gif[10] & 7) + 1)))
    head = gif[:6] + struct.pack("<HH", *screen) + gif[10:place]
    return head + before + b"," + bytes(4) + struct.pack("<HH", *frame) + gif[place + 9 :]


def _tiff(entries: list[tuple[int, int, int, int]], rest: bytes = b"") -> bytes:
    body = b"".join(struct.pack("<HHLL", *entry) for entry in sorted(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + bytes(4) + rest


def _tiff_of_strips(count: int) -> bytes:
    start = 8 + 2 + 9 * 12 + 4
    entries = [
        (256, 3, 1, 10_000), (257, 3, 1, 10_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, count, start), (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, count, start),
    ]  # fmt: skip
    return _tiff(entries, struct.pack("<L", start) * count)


def _saved_tiff(mode: str, compression: str, side: int = 10_000) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (side, side)).save(buffer, "TIFF", compression=compression)
    return buffer.getvalue()


def _webp(side: int, animated: bool = False) -> bytes:
    """A lossless WebP of one color, of a handful of bytes."""
    packed = (side - 1) | (side - 1) << 14
    lossless = b"\x2f" + struct.pack("<I", packed) + b"\x88\x88\x08" + bytes(40)
    content = b"VP8L" + struct.pack("<I", len(lossless)) + lossless
    if animated:
        canvas = (side - 1).to_bytes(3, "little")
        frame = bytes(6) + canvas + canvas + bytes(4) + content
        extended = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas + canvas
        animation = b"ANIM" + struct.pack("<I", 6) + bytes(6)
        content = extended + animation + (b"ANMF" + struct.pack("<I", len(frame)) + frame) * 50
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WEBP" + content


def _webp_with(part: bytes) -> bytes:
    webp = encoded("WEBP")
    body = webp[12:] + _filled(part, webp)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _bmp_of_jumps(side: int) -> bytes:
    """Run-length coded, and no run but jumps to somewhere else."""
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 0, 0, 0, 0, 0)
    jumps = b"\0\x02\xff\xff" * 30 + b"\0\x01"
    return b"BM" + struct.pack("<IHHI", 1078 + len(jumps), 0, 0, 1078) + header + bytes(1024) + jumps


def _avif_of_items(count: int) -> bytes:
    avif = bytearray(encoded("AVIF"))
    place = avif.index(b"iinf")
    avif[place + 8 : place + 10] = struct.pack(">H", count)
    return bytes(avif)


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "jpeg: EXIF again and again": lambda: _jpeg_with(
        _segment(0xE1, b"Exif\0\0" + b"A" * 10), _segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0")
    ),
    "jpeg: large EXIF blocks": lambda: _jpeg_with(_segment(0xE1, b"Exif\0\0II*\0" + b"A" * 60_000)),
    "jpeg: colour profile blocks": lambda: _jpeg_with(_segment(0xE2, b"ICC_PROFILE\0\x01\xff")),
    "jpeg: multi-picture blocks": lambda: _jpeg_with(_segment(0xE2, b"MPF\0II*\0\x08\0\0\0\xff\xff")),
    "jpeg: Photoshop blocks": lambda: _jpeg_with(
        _segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\0" * 500)
    ),
    "jpeg: empty comments": lambda: _jpeg_with(_segment(0xFE, b"")),
    "jpeg: Huffman tables": lambda: _jpeg_with(_segment(0xC4, b"\0" + bytes(16))),
    "jpeg: quantization tables": lambda: _jpeg_with(_segment(0xDB, b"\0" + b"\x01" * 64)),
    "jpeg: fill bytes": lambda: _jpeg_with(b"\xff"),
    "jpeg: garbage between markers": lambda: _jpeg_with(b"\0"),
    "jpeg: restart markers": lambda: _jpeg_inside_scan(b"\xff\xd0"),
    "jpeg: fill bytes in a scan": lambda: _jpeg_inside_scan(b"\xff"),
    "jpeg: stuffed bytes in a scan": lambda: _jpeg_inside_scan(b"\xff\x00"),
    "jpeg: 15,000 scans": lambda: _jpeg_of_scans(2000, 200_000),
    "jpeg: scans up to the limit of bytes": lambda: _jpeg_of_scans(10_000, MAX_BYTES),
    "jpeg: scans in 20 kB": lambda: _jpeg_of_scans(10_000, 400_000),
    "jpeg: 100 million pixels": lambda: encoded("JPEG", (10_000, 10_000)),
    "jpeg: 100 million pixels, progressive": lambda: encoded("JPEG", (10_000, 10_000), progressive=True),
    "jpeg: 100 million pixels, progressive, full color": lambda: encoded(
        "JPEG", (10_000, 10_000), progressive=True, subsampling=0
    ),
    "png: empty chunks": lambda: _png_with(_chunk(b"teXt", b"")),
    "png: text chunks": lambda: _png_with(_chunk(b"tEXt", b"a\0")),
    "png: compressed text": lambda: _png_with(_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))),
    "png: colour profiles": lambda: _png_with(_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1_000_000)))),
    "png: empty image data": lambda: _png_with(_chunk(b"IDAT", b"")),
    "png: EXIF of 650,000 values": _exif_of_many_values,
    "png: 16 bits, 100 million pixels with transparency": lambda: _png((10_000, 10_000), 6, 16),
    "png: 8 bits, 100 million pixels with transparency": lambda: _png((10_000, 10_000), 6, 8, filtering=4),
    "png: 8 bits, 80 million pixels with transparency": lambda: _png((8_900, 8_900), 6, 8, filtering=4),
    "png: 8 bits, 100 million pixels": lambda: _png((10_000, 10_000), 2, 8, filtering=4),
    "png: 16 bits, 100 million pixels of gray": lambda: _png((10_000, 10_000), 0, 16),
    "png: 1 bit, 100 million pixels": lambda: _png((10_000, 10_000), 0, 1),
    "png: interlaced, 49 million pixels": lambda: _png((7_000, 7_000), 2, 8, interlace=1),
    "gif: comments": lambda: _gif((100, 100), (100, 100), _filled(b"!\xfe\0", b"\0" * 2000)),
    "gif: a frame larger than its screen": lambda: _gif((100, 100), (65_535, 65_535)),
    "gif: 100 million pixels": lambda: _gif((10_000, 10_000), (10_000, 10_000)),
    "bmp: run-length coded, 100 million pixels": lambda: _bmp_of_jumps(10_000),
    "tiff: 1,300,000 strips": lambda: _tiff_of_strips(1_300_000),
    "tiff: 40,000 strips": lambda: _tiff_of_strips(40_000),
    "tiff: 60,000 tags": lambda: _tiff([(number, 4, 1, 100) for number in range(60_000)]),
    "tiff: a directory that is its own": lambda: b"II*\0\x04\0\0\0" + bytes(200),
    "tiff: floating point, 100 million pixels": lambda: _saved_tiff("F", "tiff_deflate"),
    "tiff: 16 bits, 100 million pixels": lambda: _saved_tiff("I;16", "tiff_deflate"),
    "tiff: fax, 100 million pixels": lambda: _saved_tiff("1", "group4"),
    "tiff: CMYK, 100 million pixels": lambda: _saved_tiff("CMYK", "tiff_lzw"),
    "webp: 100 million pixels": lambda: _webp(10_000),
    "webp: 28 million pixels": lambda: _webp(5_300),
    "webp: 50 frames": lambda: _webp(5_000, animated=True),
    "webp: empty chunks": lambda: _webp_with(b"JUNK\0\0\0\0"),
    "avif: 65,000 items": lambda: _avif_of_items(65_000),
    "avif: 36 million pixels": lambda: encoded("AVIF", (6_000, 6_000), speed=10),
}
"""By a name of what they do; each at most MAX_BYTES long but for headroom."""


_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\x27\x10")


def mutated(file: bytes, chance: Random) -> bytes:
    """A copy with a few bytes changed, removed, repeated or set to extremes, mostly near the beginning."""
    made = bytearray(file)
    for _ in range(chance.randint(1, 6)):
        place = min(int(chance.expovariate(4 / len(made))), len(made) - 1)
        change = chance.randrange(6)
        if change <= 1:
            made[place] = chance.randrange(256)
        elif change == 2:
            made[place] ^= 1 << chance.randrange(8)
        elif change == 3:
            made[place : place + 4] = chance.choice(
                (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\x27\x10")
            )
        elif change == 4:
            del made[place : place + chance.randint(1, 40)]
        else:
            made[place:place] = made[place : place + chance.randint(1, 200)] * chance.randint(1, 20)
        if not made:
            made = bytearray(file[:1])
    return bytes(made)
