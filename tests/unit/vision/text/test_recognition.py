"""Text is read whichever way it is turned, in its own order, and small text of large pictures too."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from tests.images import _roboto, page

from openrek.vision import EncodedFrame, Engine, Line, load_packs
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.text.recognition import TextRecognizer

TURNS = [0, 90, 180, 270, 15, -15]
LINES = ["Open every day", "from nine to five", "Closed on Monday"]
VIETNAMESE = "Xin chào Việt Nam"


def sheet(
    lines: list[str], letters: int = 40, size: tuple[int, int] = (520, 300), at: tuple[int, int] = (60, 50)
) -> Pillow.Image:
    """Black lines of text on white."""
    picture = Pillow.new("RGB", size, "white")
    drawing, font = ImageDraw.Draw(picture), ImageFont.truetype(_roboto(), letters)
    for number, line in enumerate(lines):
        drawing.text((at[0], at[1] + number * letters * 1.7), line, fill="black", font=font)
    return picture


def opened(picture: Pillow.Image) -> EncodedFrame:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return EncodedFrame.open(buffer.getvalue())


def turned(picture: Pillow.Image, degrees: float) -> Pillow.Image:
    """Turned clockwise on a white ground, whole."""
    return picture.rotate(-degrees, Pillow.Resampling.BICUBIC, expand=True, fillcolor="white")


def angle(line: Line) -> float:
    """Degrees clockwise along which it is read."""
    x, y = line.polygon[1] - line.polygon[0]
    return float(np.degrees(np.arctan2(y, x)))


def off(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


@pytest.fixture(scope="module")
def reader() -> Iterator[TextRecognizer]:
    """The text models alone."""
    names = ("ppocr_det", "ppocr_rec", "tesseract_vie")
    packs = [
        replace(pack, models=tuple(model for model in pack.models if model.name in names)) for pack in load_packs()
    ]
    pool = InferencePool(2)
    yield TextRecognizer(SessionCache(packs), pool)
    pool.close()


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_page_is_read_in_its_own_order(engine: Engine, degrees: float) -> None:
    found = engine.analysis(opened(turned(sheet(LINES), degrees))).text.lines
    assert [line.text for line in found] == LINES
    for line in found:
        assert off(angle(line), degrees) < 3
        assert [word.text for word in line.words] == line.text.split()


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_vietnamese_line_keeps_its_marks(engine: Engine, degrees: float) -> None:
    pytest.importorskip("tesserocr")
    (line,) = engine.analysis(opened(turned(Pillow.open(io.BytesIO(page(VIETNAMESE))), degrees))).text.lines
    assert line.text == VIETNAMESE
    assert line.recogniser == "tesseract-vie"
    assert off(angle(line), degrees) < 3


@pytest.mark.parametrize("degrees", TURNS)
def test_polygons_begin_at_the_upper_left_as_read_and_go_round_clockwise(engine: Engine, degrees: float) -> None:
    picture = sheet(LINES[:1])
    upright = engine.analysis(opened(picture)).text.lines[0]
    turn = turned(picture, degrees)
    (line,) = engine.analysis(opened(turn)).text.lines
    radians = np.deg2rad(degrees)
    matrix = np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])

    def moved(polygon: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray((polygon - np.array(picture.size) / 2) @ matrix + np.array(turn.size) / 2)

    assert line.polygon == pytest.approx(moved(upright.polygon), abs=12)
    for word, other in zip(line.words, upright.words, strict=True):
        assert word.polygon == pytest.approx(moved(other.polygon), abs=16)


def test_words_of_a_line_read_from_below_stand_above_each_other(engine: Engine) -> None:
    (line,) = engine.analysis(opened(turned(sheet(LINES[:1]), 270))).text.lines
    heights = [word.polygon[:, 1].mean() for word in line.words]
    assert all(before > after for before, after in pairwise(heights))


def test_a_line_up_the_side_of_a_page_is_read_beside_lines_that_lie(engine: Engine) -> None:
    picture = sheet(LINES, size=(640, 400), at=(200, 80))
    picture.paste(turned(sheet(["Fragile goods"], size=(300, 60), at=(10, 5)), 270), (40, 50))
    found = engine.analysis(opened(picture)).text.lines
    assert sorted(line.text for line in found) == sorted([*LINES, "Fragile goods"])
    (side,) = (line for line in found if line.text == "Fragile goods")
    assert off(angle(side), 270) < 3


def test_columns_are_read_one_after_the_other(engine: Engine) -> None:
    left = ["Bread is baked here", "every morning and", "sold until noon by", "the baker himself"]
    right = ["Fish arrives by boat", "on Friday and goes", "to the market hall", "before the sun rises"]
    picture = sheet(left, letters=24, size=(640, 260), at=(30, 30))
    picture.paste(sheet(right, letters=24, size=(300, 260), at=(10, 30)), (330, 0))
    found = engine.analysis(opened(picture)).text.lines
    assert [line.text for line in found] == left + right


def test_small_text_of_a_large_picture_is_read_in_its_own_pixels(reader: TextRecognizer) -> None:
    lines = ["Spare parts are kept in the", "left drawer of cabinet seven"]
    image = opened(sheet(lines, 22, (3000, 2200), (2200, 1800)))
    pixels = image.pixels()
    assert max(pixels.shape) < 2000
    found = reader.read(pixels, image).lines
    assert [line.text for line in found] == lines
    # Coordinates are those of the pixels given, not of those looked at.
    scale = pixels.shape[1] / 3000
    assert found[0].polygon[0] / scale == pytest.approx([2200, 1802], abs=12)
    assert found[0].words[-1].polygon[1] / scale == pytest.approx(found[0].polygon[1] / scale, abs=12)


def test_threads_are_answered_as_one(reader: TextRecognizer) -> None:
    pages = [np.asarray(turned(sheet(LINES), degrees)) for degrees in (0, 90, 180)] * 2

    def written(pixels: NDArray[np.uint8]) -> list[tuple[str, float, list[list[float]]]]:
        return [(line.text, line.confidence, line.polygon.tolist()) for line in reader.read(pixels).lines]

    with ThreadPoolExecutor(len(pages)) as executor:
        assert list(executor.map(written, pages)) == [written(pixels) for pixels in pages]


def test_a_small_picture_s_text_is_read_without_enlarging_it(reader: TextRecognizer) -> None:
    pixels = np.asarray(sheet(["Push to open"], 20, (160, 80), (15, 25)))
    assert [line.text for line in reader.read(pixels).lines] == ["Push to open"]


def test_each_line_of_a_page_is_read_by_the_recogniser_that_can(reader: TextRecognizer) -> None:
    found = reader.read(np.asarray(sheet(["STOP", VIETNAMESE], 48, (560, 260)))).lines
    assert [(line.text, line.recogniser) for line in found] == [("STOP", "ppocr"), (VIETNAMESE, "tesseract-vie")]
