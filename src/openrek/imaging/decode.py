"""Picture files to RGB, with as little memory as it takes. Pillow alone, for the engine and for the function on AWS."""

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PIL import Image

SCALES = (8, 4, 2)
"""What pictures may be decoded smaller by, besides 1: those of libjpeg's DCT scaling."""
LARGE_PIXELS = 16_000_000
"""From so many decoded pixels on, memory is given back to the system afterwards."""
_MOST_AT_ONCE = 100_000_000
_STRIP_PIXELS = 4_000_000
_TWELVE_BITS, _SIXTEEN_BITS = 4095, 65_535
_ORIENTATION = 0x0112

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class _Room:
    """Pixels that may be in decoding at the same time. One picture always may, however large."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._freed = threading.Condition()

    @contextmanager
    def of(self, pixels: int) -> Iterator[None]:
        """Waits until there is room for so many."""
        with self._freed:
            self._freed.wait_for(lambda: not self._used or self._used + pixels <= self._most)
            self._used += pixels
        try:
            yield
        finally:
            with self._freed:
                self._used -= pixels
                self._freed.notify_all()


_ROOM = _Room(_MOST_AT_ONCE)


def rgb(opened: Image.Image, scale: int = 1) -> Image.Image:
    """The picture of an opened file in three channels, `scale` times smaller on a side, not turned upright.

    Transparent parts are on white, as a viewer shows them. Of sixteen bits the upper eight count. A TIFF says less of
    its values: those of floating point are stretched from 0 (or the smallest, if it is less) to 1 (or the largest, if
    it is more), and those of sixteen bits, if all are below 4096, from 0 to the largest: it is a camera's of 12 bits.

    Args:
        opened: As Image.open returns it. It is read here, and is what is returned or closed.
        scale: 1 or one of SCALES. A JPEG is never decoded larger than that; other files are, one at a time if large.

    Raises:
        Exception: whatever Pillow's readers make of broken data.
    """
    width, height = opened.size
    if scale > 1:
        opened.draft("RGB", (max(1, width // scale), max(1, height // scale)))
    pixels = opened.width * opened.height
    with _ROOM.of(pixels):
        opened.load()
        factor = max(1, scale // max(1, round(max(width, height) / max(opened.size))))
        made = _shrunk(opened, factor) if factor > 1 else _three_channels(opened, _range(opened))
        if made is not opened:
            opened.close()  # its pixels, perhaps hundreds of megabytes, go at once
    if pixels >= LARGE_PIXELS:
        give_back_memory()
    return made


def orientation_of(opened: Image.Image) -> int:
    """EXIF's 1 to 8, of a file that was opened and not read yet; 1 where it says nothing else."""
    kind = opened.format
    # Pillow itself turns a TIFF, and would decode a whole PNG in search of an EXIF chunk behind its pixels.
    if kind == "TIFF" or (kind == "PNG" and "exif" not in opened.info):
        return 1
    orientation = opened.getexif().get(_ORIENTATION, 1)
    return orientation if orientation in range(1, 9) else 1


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turned as EXIF's orientation says (CIPA DC-008, tag 0x0112)."""
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def give_back_memory() -> None:
    """Returns what was freed to the system: the C library would keep it for the next large picture."""
    if (trim := _malloc_trim()) is not None:
        trim(0)


def _shrunk(picture: Image.Image, factor: int) -> Image.Image:
    """`factor` times smaller. In strips, so that no second picture of full size is made on the way."""
    width, height = picture.size
    made = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    limits = _range(picture)
    rows = max(1, _STRIP_PIXELS // width // factor) * factor
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(height, top + rows)))
        made.paste(_three_channels(strip, limits).reduce(factor), (0, top // factor))
    return made


def _three_channels(picture: Image.Image, limits: tuple[float, float] | None) -> Image.Image:
    if limits is not None:
        low, high = limits
        scale = 255 / (high - low)
        wide = picture if picture.mode == "F" else picture.convert("I").convert("F")
        return wide.point(lambda value: value * scale + (0.5 - low * scale)).convert("L").convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _range(picture: Image.Image) -> tuple[float, float] | None:
    """Which values are black and white; None where each channel has eight bits."""
    if picture.mode != "F" and not picture.mode.startswith("I"):
        return None
    if picture.format != "TIFF":
        return 0, _SIXTEEN_BITS
    low, high = (float(value) for value in picture.convert("F").getextrema())  # type: ignore[arg-type]
    if picture.mode == "F":
        low, high = (0, 1) if low >= 0 and 0 < high <= 1 else (min(low, 0), high)
    else:
        low, high = 0, high if high <= _TWELVE_BITS else max(high, _SIXTEEN_BITS)
    return low, high if high > low else low + 1


@cache
def _malloc_trim() -> "ctypes._NamedFuncPointer | None":
    """glibc's; other C libraries have none, or need none."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
