"""Where pixels, points and boxes lie after quarter turns."""

import numpy as np
import pytest

from openrek.vision.quarter_turns import quarters_of, turned_boxes, turned_pixels, turned_points, turned_size

WIDTH, HEIGHT = 7, 5


@pytest.mark.parametrize("quarters", range(4))
def test_points_go_where_their_pixels_go(quarters: int) -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[1, 5] = 255
    turned = turned_pixels(pixels, quarters)
    assert turned.shape[1::-1] == turned_size(WIDTH, HEIGHT, quarters)
    ((row, column),) = np.argwhere(turned[..., 0])
    # The middle of the pixel.
    middle = np.array([[5.5, 1.5]], np.float32)
    assert turned_points(middle, WIDTH, HEIGHT, quarters)[0].tolist() == [column + 0.5, row + 0.5]
    box = turned_boxes(np.array([[5, 1, 6, 2]], np.float32), WIDTH, HEIGHT, quarters)
    assert box[0].tolist() == [column, row, column + 1, row + 1]


@pytest.mark.parametrize("quarters", range(4))
def test_turning_back_undoes_a_turn(quarters: int) -> None:
    points = np.random.default_rng(1).uniform(0, 5, (4, 5, 2)).astype(np.float32)
    width, height = turned_size(WIDTH, HEIGHT, quarters)
    there = turned_points(points, WIDTH, HEIGHT, quarters)
    assert turned_points(there, width, height, -quarters) == pytest.approx(points, abs=1e-5)


@pytest.mark.parametrize(
    ("roll", "quarters"), [(0, 0), (44, 0), (-44, 0), (46, 1), (90, 1), (-90, 3), (179, 2), (-179, 2), (-46, 3)]
)
def test_a_tilt_is_undone_by_the_nearest_quarter_turn(roll: float, quarters: int) -> None:
    assert quarters_of(roll) == quarters
