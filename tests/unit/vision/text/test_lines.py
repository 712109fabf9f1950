"""Lines of text: their order, their crops, their parts."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openrek.vision.text.lines import crop, part
from openrek.vision.text.reading_order import reading_order

Floats = NDArray[np.float32]


def quad(left: float, top: float, right: float, bottom: float) -> Floats:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


@settings(deadline=None)
@given(st.permutations(range(9)), st.lists(st.integers(-4, 4), min_size=9, max_size=9))
def test_rows_are_read_from_the_top_and_each_from_the_left_however_found(order: list[int], shaken: list[int]) -> None:
    lines = [
        quad(100 * (n % 3), 40 * (n // 3) + by, 100 * (n % 3) + 80, 40 * (n // 3) + by + 20)
        for n, by in enumerate(shaken)
    ]
    places = reading_order(np.stack([lines[n] for n in order]))
    assert [order[place] for place in places] == list(range(9))


def test_no_lines_have_no_order() -> None:
    assert reading_order(np.zeros((0, 4, 2), np.float32)).tolist() == []


def test_a_level_line_is_cut_out_as_it_is() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (60, 90, 3), np.uint8)
    np.testing.assert_array_equal(crop(pixels, quad(10, 20, 70, 40)), pixels[20:40, 10:70])


@pytest.mark.parametrize(("first", "quarters"), [(1, 1), (2, 2), (3, 3)])
def test_a_turned_line_is_laid_down_from_its_own_top_left(first: int, quarters: int) -> None:
    down, across = np.mgrid[:90, :60]
    pixels = np.stack([down, across, down + across], axis=2).astype(np.uint8)
    upright = crop(pixels, np.roll(quad(20, 10, 40, 80), -first, axis=0))
    expected = np.rot90(pixels[10:80, 20:40], quarters)
    assert upright.shape == expected.shape
    # Corners lie between pixels, so that the picture may come out one pixel aside.
    assert np.abs(upright[..., :2].astype(int) - expected[..., :2]).max() <= 1


@pytest.mark.parametrize("degrees", [-40, -10, 25, 40])
def test_a_tilted_line_comes_out_level(degrees: float) -> None:
    level = np.zeros((200, 200, 3), np.uint8)
    level[90:100, 40:160], level[100:110, 40:160] = 200, 100
    matrix = cv2.getRotationMatrix2D((100, 100), degrees, 1)
    tilted = np.asarray(cv2.warpAffine(level, matrix, (200, 200)), np.uint8)
    corners = np.asarray(quad(40, 90, 160, 110) @ matrix[:, :2].T + matrix[:, 2], np.float32)
    upright = crop(tilted, corners)
    assert abs(upright.shape[0] - 20) <= 1
    assert abs(upright.shape[1] - 120) <= 1
    assert upright[3:8, 5:-5].mean() == pytest.approx(200, abs=5)
    assert upright[12:17, 5:-5].mean() == pytest.approx(100, abs=5)


def test_a_part_is_a_stretch_along_the_line() -> None:
    np.testing.assert_allclose(part(quad(10, 20, 110, 40), 0.25, 0.5), quad(35, 20, 60, 40))


def test_parts_of_a_skewed_line_meet_and_its_whole_is_itself() -> None:
    skewed = np.array([[0, 0], [100, 20], [90, 60], [-10, 30]], np.float32)
    np.testing.assert_allclose(part(skewed, 0, 1), skewed)
    first, second = part(skewed, 0, 0.3), part(skewed, 0.3, 1)
    np.testing.assert_allclose(first[[1, 2]], second[[0, 3]])
