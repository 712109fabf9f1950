"""Broken files of every format are refused in plain words, not in a reader's, which speaks of codecs and objects."""

import io
import struct
from random import Random

import pytest
from PIL import Image
from tests.hostile_images import encoded

from openrek.errors import ImageFormatError
from openrek.imaging.decoders import decode_image
from openrek.imaging.header import read_header


def _noise(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.frombytes("RGB", (100, 100), Random(kind).randbytes(30_000)).save(buffer, kind, **options)
    return buffer.getvalue()


def _bmp(bits: int, compression: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, 100, 100, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 30_054, 0, 0, 54) + header + b"\x80" * 30_000


def _tiff(compression: int) -> bytes:
    short, long = 3, 4
    tags = [(256, long, 100), (257, long, 100), (258, short, 8), (259, short, compression), (262, short, 1)]
    tags += [(273, long, 8), (277, short, 1), (278, long, 100), (279, long, 100)]
    entries = b"".join(struct.pack("<HHLL", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + bytes(200)


BROKEN = {
    "BigTIFF with offsets beyond what a program can address": ("TIFF", b"II+\0\x08\0\0\0" + b"\xff" * 60),
    "BigTIFF with a directory beyond the file": ("TIFF", b"MM\0+\0\x08\0\0\x7f" + b"\xff" * 7 + bytes(60)),
    "GIF of an impossible code size": (
        "GIF",
        encoded("GIF", (100, 100)).replace(b"d\0d\0@\x08", b"d\0d\0@\x0d"),
    ),
    "BMP of 7 bits": ("BMP", _bmp(7, 0)),
    "BMP with a JPEG in it": ("BMP", _bmp(24, 4)),
    "BMP cut off": ("BMP", _bmp(24, 0)[:300]),
    "BMP of runs cut off": ("BMP", _bmp(8, 1)[:1200]),
    "PNG cut off": ("PNG", _noise("PNG")[:9000]),
    "PNG with a wrong checksum": ("PNG", _noise("PNG").replace(b"IDAT", b"IDAT\0", 1)),
    "WebP cut off": ("WebP", _noise("WEBP")[:2000]),
    "WebP without loss cut off": ("WebP", _noise("WEBP", lossless=True)[:9000]),
    "AVIF cut off": ("AVIF", _noise("AVIF")[:3000]),
    "TIFF of a compression that is not read": ("TIFF", _tiff(34925)),
    "TIFF of LZW with wrong codes": ("TIFF", _tiff(5)),
}


@pytest.mark.parametrize(("name", "file"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_files_are_refused_in_plain_words(name: str, file: bytes) -> None:
    with pytest.raises(ImageFormatError) as caught:
        decode_image(read_header(file).structure)
    message = caught.value.message
    assert name in message
    assert message.endswith(".")
    for word in ("object at", "decoder", "codec", "stream", "not processed", "identify"):
        assert word not in message
