"""Brightness, sharpness, contrast and colours of pictures that are known."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openrek.vision.results import Detections
from openrek.vision.tasks.properties import image_properties, properties

RED, GREEN, BLUE = (220, 20, 20), (20, 160, 40), (30, 30, 200)


def stripes(side: int = 200) -> NDArray[np.uint8]:
    """Red over green over blue: a half, three tenths and a fifth."""
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[:], pixels[side // 2 :], pixels[side * 8 // 10 :] = RED, GREEN, BLUE
    return pixels


def boxed(confidence: float, *xyxy: float) -> Detections:
    return Detections(np.array([xyxy], np.float32), np.array([confidence], np.float32), np.zeros(1, np.int32))


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_one_shade_is_as_bright_as_it_is_and_has_no_contrast_or_edges(shade: int) -> None:
    found = properties(np.full((90, 120, 3), shade, np.uint8))
    assert (found.brightness, found.contrast, found.sharpness) == pytest.approx((shade / 2.55, 0, 0))
    assert [(c.red, c.green, c.blue, c.share) for c in found.colours] == [(shade, shade, shade, 1.0)]


def test_half_black_and_half_white_is_the_greatest_contrast() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[50:] = 255
    assert properties(pixels).contrast == pytest.approx(100)


def test_a_blurred_picture_is_less_sharp() -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (200, 200, 3), np.uint8)
    blurred = [properties(np.asarray(cv2.GaussianBlur(pixels, (0, 0), by), np.uint8)).sharpness for by in (1, 2, 4)]
    assert properties(pixels).sharpness > blurred[0] > blurred[1] > blurred[2]


@pytest.mark.parametrize("side", [100, 300, 1000])
def test_colours_and_shares_are_those_painted_at_any_size(side: int) -> None:
    found = properties(stripes(side)).colours
    assert [colour.share for colour in found[:3]] == pytest.approx([0.5, 0.3, 0.2], abs=0.02)
    for colour, painted in zip(found[:3], (RED, GREEN, BLUE), strict=True):
        assert (colour.red, colour.green, colour.blue) == pytest.approx(painted, abs=3)


def test_the_foreground_is_what_boxes_hold_and_the_background_the_rest() -> None:
    found = image_properties(stripes(), boxed(0.9, 0, 0, 200, 100))
    assert found.foreground is not None
    assert found.background is not None
    assert [(c.red, c.green, c.blue) for c in found.foreground.colours] == [RED]
    assert [c.share for c in found.background.colours] == pytest.approx([0.6, 0.4], abs=0.02)


@pytest.mark.parametrize("objects", [Detections.none(), boxed(0.9, 0, 0, 200, 200), boxed(0.49, 0, 0, 200, 100)])
def test_without_a_likely_object_or_anything_around_it_there_is_only_the_whole(objects: Detections) -> None:
    found = image_properties(stripes(), objects)
    assert (found.foreground, found.background) == (None, None)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 40), st.integers(1, 40), st.integers(0, 9))
def test_figures_stay_in_their_ranges_and_are_the_same_each_time(height: int, width: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    found = properties(pixels)
    assert all(0 <= figure <= 100 for figure in (found.brightness, found.sharpness, found.contrast))
    shares = [colour.share for colour in found.colours]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert properties(pixels) == found
