"""Images drawn here, for want of a set that may be used: plain colours with outlines, as in a children's book."""

import io
from collections.abc import Callable, Iterator
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw
_INK = (20, 20, 20)
_SKIN = (250, 215, 180)
_COUNT = 24
# Drawn twice as large, for smooth edges.
_SIZE = (1280, 960)


def drawings() -> Iterator[bytes]:
    """JPEG files of 640 × 480 pixels, the same every time."""
    chance = Random(7)
    for number in range(_COUNT):
        image = Image.new("RGB", _SIZE, _colour(chance, 120))
        draw, width = ImageDraw.Draw(image), chance.randrange(3, 9)
        draw.rectangle((0, 640, *_SIZE), fill=_colour(chance, 40), outline=_INK, width=width)
        for _ in range(chance.randrange(2, 6)):
            x, y, size = chance.randrange(100, 1100), chance.randrange(150, 700), chance.randrange(60, 180)
            _SHAPES[number % len(_SHAPES)](draw, x, y, size, _colour(chance, 60), width)
        buffer = io.BytesIO()
        image.resize((640, 480), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=90)
        yield buffer.getvalue()


def _head(draw: Draw, x: int, y: int, size: int, colour: Colour, width: int) -> None:
    draw.ellipse((x - size, y - size, x + size, y + size), fill=_SKIN, outline=_INK, width=width)
    draw.pieslice((x - size, y - size, x + size, y), 180, 360, fill=colour, outline=_INK, width=width)
    for eye in (x - size / 3, x + size / 3):
        draw.ellipse(
            (eye - size / 5, y - size / 5, eye + size / 5, y + size / 5), fill="white", outline=_INK, width=width
        )
        draw.ellipse((eye - size / 12, y - size / 12, eye + size / 12, y + size / 12), fill=_INK)
    draw.arc((x - size / 2, y, x + size / 2, y + size * 0.6), 20, 160, fill=_INK, width=width)


def _house(draw: Draw, x: int, y: int, size: int, colour: Colour, width: int) -> None:
    draw.rectangle((x - size, y - size, x + size, y + size), fill=colour, outline=_INK, width=width)
    roof = [(x - 1.2 * size, y - size), (x, y - 2 * size), (x + 1.2 * size, y - size)]
    draw.polygon(roof, fill=(180, 50, 40), outline=_INK)
    draw.rectangle((x - size / 5, y, x + size / 5, y + size), fill=(110, 70, 30), outline=_INK, width=width)


def _star(draw: Draw, x: int, y: int, size: int, colour: Colour, width: int) -> None:
    radii = [size * (1 if corner % 2 else 0.45) for corner in range(10)]
    corners = [(x + r * cos(n * pi / 5), y + r * sin(n * pi / 5)) for n, r in enumerate(radii)]
    draw.polygon(corners, fill=colour)
    draw.line([*corners, corners[0]], fill=_INK, width=width)


def _colour(chance: Random, minimum: int) -> Colour:
    return chance.randrange(minimum, 255), chance.randrange(minimum, 255), chance.randrange(minimum, 255)


_SHAPES: tuple[Callable[[Draw, int, int, int, Colour, int], None], ...] = (_head, _house, _star)
