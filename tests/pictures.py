"""Pictures the tests draw."""

import io
import struct
import zlib
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont


def page(text: str, size: tuple[int, int] = (640, 240)) -> bytes:
    """Black text on white, as PNG."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((40, 80), text, fill="black", font=ImageFont.truetype(_roboto(), 56))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def huge_png(side: int) -> bytes:
    """A valid PNG that claims side × side pixels in a few dozen bytes: a decompression bomb."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def _roboto() -> Path:
    """A font with Vietnamese letters."""
    package = find_spec("font_roboto")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "files" / "Roboto-Regular.ttf"
