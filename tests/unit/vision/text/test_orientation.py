"""Which way round lines are read."""

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import Reading
from openrek.vision.text.orientation import (
    DOWN,
    LYING,
    OVER,
    UP,
    longest,
    reversed_is_better,
    score,
    standing,
    stubby,
    together,
    turned,
)

Floats = NDArray[np.float32]


def box(width: float, height: float) -> Floats:
    return np.array([[10, 20], [10 + width, 20], [10 + width, 20 + height], [10, 20 + height]], np.float32)


def stands(*sizes: tuple[float, float]) -> list[bool]:
    return [bool(upright) for upright in standing(np.stack([box(*size) for size in sizes]))]


def reading(text: str, confidence: float) -> Reading:
    return Reading(text, confidence, tuple((letter, confidence, 0.5) for letter in text))


def test_lines_half_as_high_again_as_wide_stand() -> None:
    assert stands((100, 20), (20, 30), (100, 100), (20, 29)) == [False, True, False, False]


def test_a_letter_or_two_run_as_most_of_the_text_does() -> None:
    assert stands((20, 100), (20, 80), (20, 22), (22, 20), (60, 20)) == [True, True, True, True, False]
    assert stands((100, 20), (80, 20), (20, 22), (22, 20), (20, 60)) == [False, False, False, False, True]


def test_no_lines_have_no_axis() -> None:
    assert standing(np.zeros((0, 4, 2), np.float32)).tolist() == []
    assert longest(np.zeros((0, 4, 2), np.float32)) == []


@pytest.mark.parametrize(("way", "first"), [(LYING, 0), (DOWN, 1), (OVER, 2), (UP, 3)])
def test_a_turned_line_begins_at_its_own_top_left_and_goes_on_clockwise(way: int, first: int) -> None:
    corners = box(20, 100)
    np.testing.assert_array_equal(turned(corners, way), corners[[(first + n) % 4 for n in range(4)]])


def test_only_a_line_that_may_be_a_letter_is_stubby() -> None:
    assert stubby(box(20, 40))
    assert stubby(box(40, 20))
    assert not stubby(box(20, 80))


def test_the_longest_lines_tell_most_whatever_their_size() -> None:
    quads = np.stack([box(100, 50), box(90, 10), box(12, 10), box(20, 100), box(300, 60)])
    assert longest(quads) == [1, 3, 4]


def test_a_line_that_was_read_with_gaps_scores_low_however_sure() -> None:
    whole, gaps = (
        score(reading("thirty letters in a long line.", 0.9), box(300, 20)),
        score(reading("h y", 0.9), box(300, 20)),
    )
    assert whole == pytest.approx(0.9)
    assert gaps < 0.2
    assert score(reading("", 0.0), box(300, 20)) == 0


def test_a_single_letter_scores_as_sure_as_it_is() -> None:
    assert score(reading("A", 0.8), box(20, 22)) == pytest.approx(0.8)


def test_long_lines_count_more_than_short_ones() -> None:
    assert together([1.0, 0.0], np.stack([box(300, 20), box(100, 20)])) == pytest.approx(0.75)


def test_lines_are_turned_over_only_for_a_clearly_better_reading() -> None:
    assert reversed_is_better(0.5, 0.9)
    assert not reversed_is_better(0.5, 0.55)
    assert not reversed_is_better(0.1, 0.5)
    assert not reversed_is_better(0.9, 0.95)
