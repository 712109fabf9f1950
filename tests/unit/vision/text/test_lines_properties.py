"""Lines of text at any angle: all their quarters in place, their parts in proportion, their order unshaken."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from openrek.vision.text.lines import crop, part
from openrek.vision.text.reading_order import reading_order

Floats = NDArray[np.float32]
MIDDLE = (150.0, 150.0)
LONG, HIGH = 160, 40


def line(angle: float = 0.0, middle: tuple[float, float] = MIDDLE, size: tuple[float, float] = (LONG, HIGH)) -> Floats:
    """A line's corners from its own top left, clockwise; turned clockwise by so many degrees."""
    width, height = size
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 2, height / 2]
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(corners @ matrix.T + middle, np.float32)


def painted(quad: Floats) -> NDArray[np.uint8]:
    """White, with the line's quarters in red, green (on the right), blue and black (below), seen along the line."""
    pixels = np.full((300, 300, 3), 255, np.uint8)
    upper, lower = quad.copy(), quad.copy()
    upper[2:] = (quad[1] + quad[2]) / 2, (quad[0] + quad[3]) / 2
    lower[:2] = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    for half, colours in ((upper, ((255, 0, 0), (0, 255, 0))), (lower, ((0, 0, 255), (0, 0, 0)))):
        for stretch, colour in zip(((0.0, 0.5), (0.5, 1.0)), colours, strict=True):
            cv2.fillConvexPoly(pixels, part(half, *stretch).round().astype(np.int32), colour)
    return pixels


def assert_upright(upright: NDArray[np.uint8], tolerance: float = 60) -> None:
    """Red, green over blue, black, and little white."""
    height, width = upright.shape[:2]
    rows, columns = np.ix_([height // 4, height * 3 // 4], [width // 4, width * 3 // 4])
    colours = upright[rows, columns].reshape(-1, 3).astype(int)
    assert colours == pytest.approx(np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 0]]), abs=tolerance)
    assert (upright.min(axis=2) > 200).mean() < 0.05


@pytest.mark.parametrize("angle", [0, 7, -20, 40, -44, 90, 80, 100, 180, 170, -90, -100])
def test_a_line_at_any_angle_is_cut_out_upright(angle: float) -> None:
    quad = line(angle)
    upright = crop(painted(quad), quad)
    assert upright.shape == pytest.approx((HIGH, LONG, 3), abs=1)
    assert_upright(upright)


def test_a_line_in_perspective_is_made_a_rectangle() -> None:
    quad = np.array([[40, 100], [260, 80], [260, 200], [40, 160]], np.float32)
    upright = crop(painted(quad), quad)
    assert upright.shape == (120, 223, 3)  # as long as its longer edge, as high as its higher one
    assert_upright(upright)


def test_what_lies_beyond_the_picture_is_its_edge_again() -> None:
    pixels = np.full((300, 300, 3), 120, np.uint8)
    upright = crop(pixels, line(middle=(290, 5)))
    assert upright.shape == (HIGH, LONG, 3)
    assert (upright == 120).all()


def test_a_line_without_extent_still_has_a_pixel() -> None:
    upright = crop(np.zeros((300, 300, 3), np.uint8), line(size=(0.5, 0.25)))
    assert upright.shape == (1, 1, 3)


places = st.floats(0, 1, width=32)
lines = st.builds(
    line,
    st.floats(-180, 180),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    st.tuples(st.floats(1, 500), st.floats(1, 100)),
)


@given(lines)
def test_the_whole_of_a_line_is_the_line(quad: Floats) -> None:
    assert part(quad, 0, 1) == pytest.approx(quad, abs=1e-2)


@given(lines, places, places, places)
def test_parts_side_by_side_share_their_edge_and_a_part_s_part_is_a_part(
    quad: Floats, one: float, two: float, three: float
) -> None:
    start, middle, end = sorted((one, two, three))
    left, right = part(quad, start, middle), part(quad, middle, end)
    assert left[1] == pytest.approx(right[0], abs=1e-2)
    assert left[2] == pytest.approx(right[3], abs=1e-2)
    within = (middle - start) / (end - start) if end > start else 0.0
    assert part(part(quad, start, end), 0, within) == pytest.approx(left, abs=2e-2)


@given(lines, places, places)
def test_a_part_is_as_long_as_its_share_and_as_high_as_the_line(quad: Floats, one: float, two: float) -> None:
    start, end = sorted((one, two))
    piece = part(quad, start, end)
    length, height = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
    assert np.linalg.norm(piece[1] - piece[0]) == pytest.approx(length * (end - start), abs=1e-2)
    assert np.linalg.norm(piece[3] - piece[0]) == pytest.approx(height, abs=1e-2)


def test_a_part_of_a_wedge_follows_both_its_edges() -> None:
    wedge = np.array([[0, 0], [100, 0], [80, 40], [0, 20]], np.float32)
    assert part(wedge, 0.25, 0.5).tolist() == [[25, 0], [50, 0], [40, 30], [20, 25]]


def ordered(*middles: tuple[float, float], height: float = 20) -> list[int]:
    """The reading order of lines with these middles."""
    return [int(place) for place in reading_order(np.stack([line(0, middle, (80, height)) for middle in middles]))]


def test_lines_are_read_from_top_to_bottom() -> None:
    assert ordered((50, 90), (50, 30), (50, 60)) == [1, 2, 0]


def test_lines_side_by_side_are_read_from_left_to_right() -> None:
    assert ordered((250, 30), (50, 32), (150, 28)) == [1, 2, 0]


def test_a_line_half_a_line_lower_begins_a_row() -> None:
    assert ordered((250, 30), (50, 39)) == [1, 0]
    assert ordered((250, 30), (50, 41)) == [0, 1]


def test_a_small_line_beside_a_large_one_is_ordered_by_the_smaller_s_height() -> None:
    large, small = line(0, (250, 50), (80, 60)), line(0, (50, 58), (80, 10))
    assert reading_order(np.stack([large, small])).tolist() == [0, 1]


def test_no_lines_have_no_order() -> None:
    order = reading_order(np.zeros((0, 4, 2), np.float32))
    assert order.tolist() == []
    assert len(np.zeros((0, 4, 2))[order]) == 0


@given(st.integers(1, 5), st.integers(1, 4), st.data())
def test_a_page_of_rows_is_read_as_it_is_written_however_its_lines_come(
    rows: int, columns: int, data: st.DataObject
) -> None:
    shake = st.floats(-2, 2)
    written = [
        line(data.draw(shake), (100 * column + data.draw(shake), 40 * row + data.draw(shake)), (80, 20))
        for row in range(rows)
        for column in range(columns)
    ]
    shuffled = data.draw(st.permutations(range(len(written))))
    order = reading_order(np.stack([written[place] for place in shuffled]))
    assert [shuffled[place] for place in order] == list(range(len(written)))


@given(st.lists(lines, min_size=1, max_size=8))
def test_every_line_has_one_place(quads: list[Floats]) -> None:
    assert sorted(reading_order(np.stack(quads)).tolist()) == list(range(len(quads)))
