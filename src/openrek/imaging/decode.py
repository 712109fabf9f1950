"""Image files to RGB, with as little memory as it takes. Pillow alone, for the engine and for the function on AWS."""

import ctypes
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache

from PIL import Image, ImageFile

from openrek.errors import ImageFormatError
from openrek.imaging.file_types import SUPPORTED
from openrek.imaging.structure import ImageStructure

SCALES = (8, 4, 2)
"""What images may be decoded smaller by, besides 1: those of libjpeg's DCT scaling."""
LARGE_PIXELS = 16_000_000
"""From so many decoded pixels on, memory is given back to the system afterwards."""
_STRIP_PIXELS = 1_000_000
_TWELVE_BITS, _SIXTEEN_BITS = 4095, 65_535
_EOI_BYTES = 2
_UPRIGHT = 1
_PROBE_BYTES = 8
"""Bytes that libjpeg reads ahead, at most: it fills a register of 64 bits."""
_MARK_COLUMNS = 8
_UNSUPPORTED = "Unsupported "
_TRUNCATED = ("truncated", "not enough image data")
"""Words in Pillow's messages about files that end too early."""

# `imaging.header` checks sizes first, and its messages say what is allowed.
Image.MAX_IMAGE_PIXELS = None

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(structure: ImageStructure, scale: int, write: Callable[[bytes], object]) -> tuple[int, int]:
    """Writes the rows of the upright image in three channels, `scale` times smaller on a side.

    Transparent parts are on white, as a viewer shows them. Of sixteen bits the upper eight count. The values of a TIFF
    are scaled: those of floating point are stretched from 0 (or the smallest, if it is less) to 1 (or the largest, if
    it is more), and those of sixteen bits, if all are below 4096, from 0 to the largest: it is a camera's of 12 bits.

    Args:
        structure: Of the file.
        scale: A power of two. A JPEG is never decoded larger than that; other files are, in full.
        write: Takes the bytes of some rows, from top to bottom. What it got is void if an error follows.

    Returns:
        Width and height of what was written.

    Raises:
        ImageFormatError: the file is truncated or damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd data must not fail the image
            with Image.open(io.BytesIO(structure.essential), formats=(structure.format,)) as opened:
                if opened.size != (structure.width, structure.height):
                    raise ImageFormatError("Image is damaged: its parts contradict each other about its size.")
                return _write(opened, structure, scale, write)
    except (ImageFormatError, MemoryError):
        raise
    except Exception as error:  # Pillow's readers raise whatever broken data makes them
        raise ImageFormatError(_error_message(structure.format, str(error))) from None
    finally:
        if structure.width * structure.height >= LARGE_PIXELS:
            give_back_memory()


def _error_message(image_format: str, reason: str) -> str:
    """A message in place of a reader's own, which speaks of its codecs and objects."""
    name = SUPPORTED[image_format]
    if reason.startswith(_UNSUPPORTED):
        kind = reason.removeprefix(_UNSUPPORTED).removeprefix(f"{name} ")
        return f"This {name} is of a kind that is not supported: {kind}. Save it as a baseline JPEG or as PNG."
    if any(word in reason for word in _TRUNCATED):
        return f"Image is cut off or damaged: its {name} data ends too early. Send the file again, whole."
    return f"Image is cut off or damaged: its {name} data cannot be decoded. Save it as a baseline JPEG or as PNG."


def _write(
    opened: Image.Image, structure: ImageStructure, scale: int, write: Callable[[bytes], object]
) -> tuple[int, int]:
    width, height = opened.size
    if scale > 1:
        opened.draft("RGB", (max(1, width // scale), max(1, height // scale)))
    if structure.format == "JPEG":
        image = _jpeg(opened, structure)
    else:
        image = opened
        image.load()
    factor = max(1, scale // max(1, round(max(width, height) / max(image.size))))
    size = (-(-image.width // factor), -(-image.height // factor))
    if structure.orientation == _UPRIGHT:
        for _, strip in _rgb_strips(image, factor):
            write(strip.tobytes())
        return size
    made = Image.new("RGB", size)
    for top, strip in _rgb_strips(image, factor):
        made.paste(strip, (0, top // factor))
    opened.close()  # its pixels, perhaps hundreds of megabytes, go at once
    made = upright(made, structure.orientation)
    for _, strip in _strips(made):
        write(strip.tobytes())
    return made.size


def _jpeg(opened: Image.Image, structure: ImageStructure) -> Image.Image:
    """The pixels of an opened JPEG.

    libjpeg paints what is missing gray and reports nothing. So it is given the data without the end-of-image marker:
    it then stops and waits for more where a row is incomplete, and does not where all is there.
    """
    image = Image.new(opened.mode, opened.size)
    decoder = _jpeg_decoder(opened, image)
    data = memoryview(structure.essential)
    try:
        used, status = decoder.decode(data[:-_EOI_BYTES])
        if structure.scans > 1 and used >= 0:
            # After a complete scan it looks for the next marker and takes any byte at once; inside of a scan it waits
            # until its register is full.
            complete = used == len(data) - _EOI_BYTES and all(
                decoder.decode(b"\0")[0] == 1 for _ in range(_PROBE_BYTES)
            )
            if not complete:
                raise ImageFormatError(
                    f"The JPEG ends inside scan {structure.scans} of its image data: the file is cut off or damaged. "
                    "Send it again, whole."
                )
            used, status = decoder.decode(data[-_EOI_BYTES:])
    finally:
        decoder.cleanup()
    if status < 0:
        raise ImageFormatError("Image is cut off or damaged: its JPEG data cannot be decoded.")
    if used >= 0:
        rows = _decoded_rows(opened, structure)
        raise ImageFormatError(
            f"The JPEG ends after row {rows} of {structure.height}: the file is cut off or damaged. "
            "Send it again, whole."
        )
    return image


def _decoded_rows(opened: Image.Image, structure: ImageStructure) -> int:
    """How many rows of a JPEG's single scan are there: those that overwrite random values."""
    width, height = opened.size
    columns = min(_MARK_COLUMNS, width)
    bands = len(opened.getbands())
    mark = Image.frombytes(opened.mode, (columns, height), os.urandom(columns * height * bands))
    image = Image.new(opened.mode, opened.size)
    image.paste(mark)
    decoder = _jpeg_decoder(opened, image)
    try:
        decoder.decode(memoryview(structure.essential)[:-_EOI_BYTES])
    finally:
        decoder.cleanup()
    row = columns * bands
    before, after = mark.tobytes(), image.crop((0, 0, columns, height)).tobytes()
    decoded = sum(before[at : at + row] != after[at : at + row] for at in range(0, row * height, row))
    return decoded * structure.height // height


def _jpeg_decoder(opened: Image.Image, image: Image.Image) -> "ImageFile.PyDecoder":
    tile = opened.tile[0]  # type: ignore[attr-defined]
    decoder = Image._getdecoder(opened.mode, "jpeg", tile.args, opened.decoderconfig)  # type: ignore[attr-defined]
    decoder.setimage(image.im, (0, 0, *opened.size))
    return decoder  # type: ignore[return-value]


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turned by EXIF's orientation (CIPA DC-008, tag 0x0112)."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def give_back_memory() -> None:
    """Returns what was freed to the system: the C library would keep it for the next large image."""
    if (trim := _malloc_trim()) is not None:
        trim(0)


def _rgb_strips(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    """The image in three channels and `factor` times smaller, by parts, with their first rows in the image."""
    limits = _range(image)
    for top, strip in _strips(image, factor):
        yield top, _three_channels(strip, limits, factor)


def _strips(image: Image.Image, factor: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Parts of the image with their first rows, each of a multiple of `factor` rows."""
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // width // factor) * factor
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(height, top + rows)))


def _three_channels(strip: Image.Image, limits: tuple[float, float] | None, factor: int) -> Image.Image:
    if limits is not None:
        low, high = limits
        scale = 255 / (high - low)
        wide = _wide(strip).reduce(factor).convert("F")
        return wide.point(lambda value: value * scale + (0.5 - low * scale)).convert("L").convert("RGB")
    if strip.has_transparency_data:
        layer = strip if strip.mode == "RGBA" else strip.convert("RGBA")
        strip = Image.new("RGB", layer.size, "white")
        strip.paste(layer, mask=layer)
    elif strip.mode not in ("L", "RGB"):
        strip = strip.convert("RGB")
    return strip.reduce(factor).convert("RGB")


def _wide(image: Image.Image) -> Image.Image:
    """As 32-bit values, floating-point ones or whole ones."""
    return image if image.mode in ("F", "I") else image.convert("I")


def _range(image: Image.Image) -> tuple[float, float] | None:
    """Which values are black and white; None where each channel has eight bits."""
    if image.mode != "F" and not image.mode.startswith("I"):
        return None
    if image.format != "TIFF":
        return 0, _SIXTEEN_BITS
    extrema = [_wide(strip).getextrema() for _, strip in _strips(image)]
    low = min(float(each[0]) for each in extrema)  # type: ignore[arg-type]
    high = max(float(each[1]) for each in extrema)  # type: ignore[arg-type]
    if image.mode == "F":
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
