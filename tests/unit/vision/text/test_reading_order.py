"""Lines in the order of reading: as the text is turned, and by columns."""

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.vision.text.reading_order import reading_order

Floats = NDArray[np.float32]


def box(left: float, top: float, width: float, height: float = 20) -> Floats:
    return np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]], np.float32)


def ordered(written: list[Floats], degrees: float = 0) -> list[int]:
    """Places in the written order, as read from a page that is turned clockwise and found in some other order."""
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shuffled = np.random.default_rng(7).permutation(len(written))
    order = reading_order(np.stack([np.asarray(written[place] @ matrix, np.float32) for place in shuffled]))
    return [int(shuffled[place]) for place in order]


PAGE = [box(0, 0, 300), box(320, 2, 90), box(0, 30, 280), box(300, 28, 120), box(0, 60, 400), box(0, 90, 60)]
COLUMNS = [*(box(0, 30 * row, 200) for row in range(5)), *(box(240, 30 * row, 200) for row in range(5))]


@pytest.mark.parametrize("degrees", [0, 15, -15, 90, 180, 270, 75, -100])
def test_a_turned_page_is_read_in_its_own_order(degrees: float) -> None:
    assert ordered(PAGE, degrees) == list(range(len(PAGE)))


@pytest.mark.parametrize("degrees", [0, 90, 180, -12])
def test_one_column_is_read_after_the_other(degrees: float) -> None:
    assert ordered(COLUMNS, degrees) == list(range(10))


def test_three_columns_are_read_one_after_the_other() -> None:
    written = [box(240 * column, 30 * row, 200) for column in range(3) for row in range(4)]
    assert ordered(written) == list(range(12))


def test_a_heading_across_the_columns_is_read_before_what_is_below_it() -> None:
    above = [box(20, 0, 400), *(box(0, 40 + 30 * row, 200) for row in range(4))]
    above += [box(240, 40 + 30 * row, 200) for row in range(4)]
    below = [np.asarray(line + np.array([0, 200]), np.float32) for line in above]
    assert ordered(above + below) == list(range(18))


def test_a_table_is_read_row_by_row() -> None:
    written = [box(column * 240, 30 * row, width) for row in range(6) for column, width in ((0, 180), (1, 50))]
    assert ordered(written) == list(range(12))


def test_two_paragraphs_one_below_the_other_are_no_columns() -> None:
    written = [box(0, 30 * row, 200) for row in range(4)] + [box(240, 130 + 30 * row, 200) for row in range(4)]
    assert ordered(written) == list(range(8))


def test_a_line_askew_does_not_change_the_order_of_the_rest() -> None:
    sign = np.asarray(box(620, 20, 80)[[1, 2, 3, 0]], np.float32)
    assert [place for place in ordered([*PAGE, sign]) if place < len(PAGE)] == list(range(len(PAGE)))
