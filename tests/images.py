"""Pictures the tests draw."""

import io
import struct
import zlib
from importlib.util import find_spec
from math import cos, pi, sin
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont


def page(text: str, size: tuple[int, int] = (640, 240)) -> bytes:
    """Black text on white, as PNG."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((40, 80), text, fill="black", font=ImageFont.truetype(_roboto(), 56))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def drawing() -> bytes:
    """Two stars above a field, in plain colours with black outlines, as PNG."""
    image = Image.new("RGB", (1280, 960), (150, 205, 250))
    draw, chance = ImageDraw.Draw(image), Random(2)
    draw.rectangle((0, 640, 1280, 960), fill=(110, 180, 80), outline=(20, 20, 20), width=8)
    for _ in range(2):
        x, y, size = chance.randrange(150, 1130), chance.randrange(150, 700), chance.randrange(80, 180)
        radii = [size * (1 if corner % 2 else 0.45) for corner in range(10)]
        corners = [(x + r * cos(n * pi / 5), y + r * sin(n * pi / 5)) for n, r in enumerate(radii)]
        draw.polygon(corners, fill=(chance.randrange(60, 255), chance.randrange(60, 255), chance.randrange(60, 255)))
        draw.line([*corners, corners[0]], fill=(20, 20, 20), width=8)
    buffer = io.BytesIO()
    image.resize((640, 480), Image.Resampling.LANCZOS).save(buffer, "PNG")
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
