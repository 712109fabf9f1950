"""Lines are found where they are, whatever the picture's size; a detector that takes all that is bright for text."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.conftest import encode

from openrek.vision import EncodedFrame
from openrek.vision.architectures.dbnet import DbNet
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.text.detection import TextDetector
from openrek.vision.text.regions import regions, strips, without_repeats

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


class Bright(DbNet):
    """Says that text is where the picture is bright, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int]] = []

    def look(self, pixels: Pixels) -> Floats:
        self.shown.append(pixels.shape[:2])
        return np.asarray(pixels.mean(axis=2) / 255, np.float32)


@pytest.fixture
def pool() -> Iterator[InferencePool]:
    pool = InferencePool(2)
    yield pool
    pool.close()


def bars(width: int, height: int, *places: tuple[int, int, int, int]) -> Pixels:
    """Bright bars (left, top, right, bottom) in the dark."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for left, top, right, bottom in places:
        pixels[top:bottom, left:right] = 255
    return pixels


def middles(quads: Floats) -> list[list[float]]:
    return sorted(quads.mean(axis=1).tolist())


@pytest.mark.parametrize(("width", "height"), [(200, 100), (900, 640), (1280, 720), (720, 1280), (1800, 1700)])
def test_lines_are_found_in_the_picture_s_own_pixels(width: int, height: int, pool: InferencePool) -> None:
    places = [
        (width // 10, height // 8, width // 10 + 90, height // 8 + 14),
        (width - 100, height - 40, width - 20, height - 24),
    ]
    detector = Bright()
    shown, quads = TextDetector(detector, pool).find(bars(width, height, *places))
    assert shown.shape == (height, width, 3)
    expected = [[(left + right) / 2, (top + bottom) / 2] for left, top, right, bottom in places]
    assert middles(quads) == [pytest.approx(each, abs=3) for each in sorted(expected)]
    for quad, (left, top, right, bottom) in zip(quads[np.argsort(quads[:, 0, 0])], places, strict=True):
        assert (quad.min(axis=0) <= (left + 2, top + 2)).all()
        assert (quad.max(axis=0) >= (right - 2, bottom - 2)).all()


def test_a_small_picture_is_shown_once_and_as_it_is(pool: InferencePool) -> None:
    detector = Bright()
    TextDetector(detector, pool).find(bars(300, 200, (20, 20, 80, 30)))
    assert detector.shown == [(200, 300)]


def test_an_empty_picture_is_looked_at_once(pool: InferencePool) -> None:
    detector = Bright()
    _, quads = TextDetector(detector, pool).find(bars(1280, 720))
    assert quads.shape == (0, 4, 2)
    assert detector.shown == [(432, 768)]


def test_a_closer_look_is_had_where_text_is_small_and_nowhere_else(pool: InferencePool) -> None:
    detector = Bright()
    TextDetector(detector, pool).find(bars(1280, 720, (100, 100, 200, 112)))
    assert detector.shown[0] == (432, 768)
    (closer,) = detector.shown[1:]
    assert closer[0] * closer[1] < 40_000
    assert all(side % 32 == 0 for side in closer)
    detector.shown.clear()
    TextDetector(detector, pool).find(bars(1280, 720, (100, 100, 1200, 400)))
    assert detector.shown == [(432, 768)]


def test_small_lines_of_a_large_picture_are_found_in_its_own_pixels(pool: InferencePool) -> None:
    pixels = bars(4000, 3000, (3000, 2000, 3200, 2016), (200, 300, 260, 310))
    image = EncodedFrame.open(encode(pixels, "PNG", compress_level=1))
    shown, quads = TextDetector(Bright(), pool).find(image.pixels(), image)
    assert shown.shape == (3000, 4000, 3)
    assert middles(quads) == [pytest.approx([230, 305], abs=3), pytest.approx([3100, 2008], abs=3)]


def test_large_lines_of_a_large_picture_need_no_more_pixels(pool: InferencePool) -> None:
    pixels = bars(4000, 3000, (1000, 1000, 3000, 1500))
    image = EncodedFrame.open(encode(pixels, "PNG", compress_level=1))
    shown, quads = TextDetector(Bright(), pool).find(image.pixels(1152), image)
    assert max(shown.shape) == 2000
    assert middles(quads * 2) == [pytest.approx([2000, 1250], abs=6)]


def test_a_line_that_runs_through_many_strips_is_one(pool: InferencePool) -> None:
    detector = Bright()
    stripes = [(30, top, 1770, top + 12) for top in range(60, 1700, 60)]
    _, quads = TextDetector(detector, pool).find(bars(1800, 1750, *stripes))
    assert len(detector.shown) > 3
    assert len(quads) == len(stripes)
    assert np.ptp(quads[..., 0], axis=1).min() > 1730


def test_no_run_is_larger_than_is_good_for_memory(pool: InferencePool) -> None:
    detector = Bright()
    stripes = [(30, top, 1770, top + 12) for top in range(60, 1700, 60)]
    TextDetector(detector, pool).find(bars(1800, 1750, *stripes))
    assert max(height * width for height, width in detector.shown) < 1_000_000


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_strips_cover_a_look_without_overlap_and_see_beyond_their_ends(height: int, width: int) -> None:
    parts = strips(height, width)
    length = max(height, width)
    assert [part.first for part in parts] == [0, *(part.last for part in parts[:-1])]
    assert parts[-1].last == length
    for part in parts:
        assert 0 <= part.start <= part.first < part.last <= part.end <= length
        assert part.start == 0 or part.first - part.start >= 32
        assert part.end == length or part.end - part.last >= 32


def test_closer_looks_at_all_of_a_page_are_affordable() -> None:
    (region,) = regions(np.full((800, 800), 0.5, np.float32), np.zeros((0, 4, 2), np.float32), 5.0)[1]
    assert region.box == (0, 0, 800, 800)
    assert 1.15 <= region.factor < 2


def test_what_cannot_be_seen_closer_stays_as_it_was_seen() -> None:
    probability = np.zeros((400, 768), np.float32)
    probability[100:110, 100:200] = 1
    quad = np.array([[[98, 98], [202, 98], [202, 112], [98, 112]]], np.float32)
    kept, closer = regions(probability, quad, 1.1)
    assert closer == []
    np.testing.assert_array_equal(kept, quad)


def test_a_line_that_two_looks_saw_is_one_and_small_print_of_one_look_stays() -> None:
    line = np.array([[10, 10], [110, 10], [110, 30], [10, 30]], np.float32)
    cut, inner = line[None] * [0.5, 1], line[None] * [0.3, 1]
    apart = line[None] + [0, 100]
    kept = without_repeats(
        [np.stack([line, inner[0]]).astype(np.float32), np.concatenate([cut, apart]).astype(np.float32)]
    )
    assert kept.tolist() == [line.tolist(), inner[0].tolist(), apart[0].tolist()]
