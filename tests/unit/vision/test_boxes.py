"""Boxes: against counting pixels and comparing every pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openrek.vision.boxes import areas, fitted, intersections, iou, letterbox, overlaps, resize, suppress

Box = tuple[int, int, int, int]
SIDE = 12


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """A box of whole pixels within SIDE × SIDE, empty ones too."""
    left, right = sorted(draw(st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))))
    top, bottom = sorted(draw(st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))))
    return left, top, right, bottom


def floats(found: list[Box]) -> NDArray[np.float32]:
    """(N, 4)"""
    return np.array(found, np.float32).reshape(-1, 4)


def covered(box: Box) -> set[tuple[int, int]]:
    """The pixels that a box holds."""
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}


def counted_iou(one: Box, other: Box) -> float:
    """Pixels of both by pixels of either."""
    either = covered(one) | covered(other)
    return len(covered(one) & covered(other)) / len(either) if either else 0.0


@given(boxes(), st.lists(boxes(), max_size=8))
def test_overlap_is_what_counting_pixels_gives(one: Box, many: list[Box]) -> None:
    found = iou(floats([one])[0], floats(many))
    assert found.shape == (len(many),)
    assert found == pytest.approx([counted_iou(one, other) for other in many], abs=1e-6)


@given(boxes(), st.lists(boxes(), min_size=1, max_size=8))
def test_what_boxes_share_is_the_pixels_of_both(one: Box, many: list[Box]) -> None:
    found = intersections(floats([one])[0], floats(many))
    assert found.tolist() == [len(covered(one) & covered(other)) for other in many]


@given(st.lists(boxes(), max_size=8))
def test_all_overlaps_are_those_of_each_pair(many: list[Box]) -> None:
    found = overlaps(floats(many))
    assert found.shape == (len(many), len(many))
    for place, each in enumerate(floats(many)):
        assert found[place] == pytest.approx(iou(each, floats(many)), abs=1e-6)


@given(boxes(), boxes(), st.floats(-500, 500, width=32), st.sampled_from([0.25, 2.0, 64.0]))
def test_overlap_is_mutual_and_does_not_change_with_place_or_size(
    one: Box, other: Box, shift: float, times: float
) -> None:
    first, second = floats([one]), floats([other])
    assert iou(first[0], second)[0] == iou(second[0], first)[0]
    moved = [box * np.float32(times) + np.float32(shift) for box in (first, second)]
    assert iou(moved[0][0], moved[1])[0] == pytest.approx(iou(first[0], second)[0], abs=2e-3)


@given(st.lists(boxes(), max_size=8))
def test_areas_are_the_pixels_counted(many: list[Box]) -> None:
    assert areas(floats(many)).tolist() == [len(covered(box)) for box in many]


def test_a_box_turned_inside_out_is_empty() -> None:
    inside_out = np.array([[10, 10, 4, 4], [10, 0, 4, 8]], np.float32)
    assert areas(inside_out).tolist() == [0, 0]
    assert iou(np.array([0, 0, 20, 20], np.float32), inside_out).tolist() == [0, 0]


def greedy(many: list[Box], confidence: list[float], kinds: list[int], threshold: float) -> list[int]:
    """Suppression as it is told: take the surest that overlaps none taken of its class, again and again."""
    taken: list[int] = []
    for place in sorted(range(len(many)), key=lambda place: -confidence[place]):
        if all(kinds[place] != kinds[k] or counted_iou(many[place], many[k]) < threshold for k in taken):
            taken.append(place)
    return taken


FOUND = st.lists(st.tuples(boxes(), st.sampled_from([0.125, 0.25, 0.5, 0.75, 1.0]), st.integers(0, 2)), max_size=12)


def parted(found: list[tuple[Box, float, int]]) -> tuple[list[Box], list[float], list[int]]:
    """Boxes, confidences, classes."""
    return [box for box, _, _ in found], [sure for _, sure, _ in found], [kind for _, _, kind in found]


@given(FOUND, st.sampled_from([0.21, 0.47, 0.71]))
@settings(max_examples=200)
def test_suppression_keeps_what_comparing_every_pair_keeps(found: list[tuple[Box, float, int]], limit: float) -> None:
    many, confidence, kinds = parted(found)
    kept = suppress(floats(many), np.array(confidence, np.float32), np.array(kinds, np.int32), limit, 100)
    assert kept.tolist() == greedy(many, confidence, kinds, limit)


def test_suppression_of_many_boxes_keeps_what_comparing_every_pair_keeps() -> None:
    random = np.random.default_rng(4)
    corners = random.integers(0, SIDE - 4, (300, 2))
    boxes = [
        (x, y, x + wide, y + high)
        for (x, y), (wide, high) in zip(corners, random.integers(2, 5, (300, 2)), strict=True)
    ]
    confidence, kinds = random.permutation(300) / 300, random.integers(0, 3, 300)
    arguments = floats(boxes), confidence.astype(np.float32), kinds.astype(np.int32)
    kept = greedy(boxes, confidence.tolist(), kinds.tolist(), 0.5)
    assert 64 < len(kept) < 300
    assert suppress(*arguments, 0.5, 300).tolist() == kept
    assert suppress(*arguments, 0.5, 70).tolist() == kept[:70]


@given(FOUND, st.integers(1, 5))
def test_the_most_that_are_wanted_are_the_surest_of_all_that_are_kept(
    found: list[tuple[Box, float, int]], maximum: int
) -> None:
    many, confidence, kinds = parted(found)
    arguments = floats(many), np.array(confidence, np.float32), np.array(kinds, np.int32), 0.5
    assert suppress(*arguments, maximum).tolist() == suppress(*arguments, 100).tolist()[:maximum]


def test_without_classes_all_boxes_are_of_one() -> None:
    same = floats([(0, 0, 10, 10), (0, 0, 10, 10)])
    confidence = np.array([0.5, 0.6], np.float32)
    assert suppress(same, confidence, None, 0.5, 10).tolist() == [1]
    assert suppress(same, confidence, np.array([0, 1], np.int32), 0.5, 10).tolist() == [1, 0]


def test_of_equally_sure_boxes_the_first_is_kept() -> None:
    same = floats([(0, 0, 10, 10)] * 3)
    assert suppress(same, np.full(3, 0.5, np.float32), None, 0.5, 10).tolist() == [0]


def test_no_boxes_keep_none() -> None:
    assert suppress(floats([]), np.zeros(0, np.float32), None, 0.5, 10).tolist() == []


@pytest.mark.parametrize(
    ("size", "shape", "scale"),
    [((100, 50), (50, 100), 1.0), ((200, 50), (25, 100), 0.5), ((40, 200), (50, 10), 0.25), ((50, 25), (50, 100), 2.0)],
    ids=str,
)
def test_a_letterbox_has_the_picture_at_its_top_left_and_black_around(
    size: tuple[int, int], shape: tuple[int, int], scale: float
) -> None:
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    canvas, applied = letterbox(pixels, 100, 50)
    assert canvas.shape == (50, 100, 3)
    assert applied == pytest.approx(scale)
    height, width = shape
    assert (canvas[:height, :width] == 200).all()
    assert int((canvas != 0).sum()) == height * width * 3


def test_a_small_picture_is_enlarged_only_if_wanted() -> None:
    pixels = np.full((20, 30, 3), 200, np.uint8)
    canvas, scale = letterbox(pixels, 300, 300, enlarge=False)
    assert scale == 1.0
    assert (canvas[:20, :30] == pixels).all()
    assert not canvas[20:].any()
    assert not canvas[:, 30:].any()
    assert letterbox(pixels, 300, 300)[1] == pytest.approx(10)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 200), st.integers(1, 200), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_picture_fits_into_any_letterbox(width: int, height: int, wide: int, high: int, enlarge: bool) -> None:
    canvas, scale = letterbox(np.full((height, width, 3), 255, np.uint8), wide, high, enlarge)
    assert canvas.shape == (high, wide, 3)
    seen = canvas[..., 0] == 255
    # What is seen is one rectangle from the top left, as large as the scale says, to a pixel.
    rows, columns = int(seen[:, 0].sum()), int(seen[0].sum())
    assert seen[:rows, :columns].all()
    assert int(seen.sum()) == rows * columns
    assert rows == pytest.approx(max(1, height * scale), abs=0.51)
    assert columns == pytest.approx(max(1, width * scale), abs=0.51)
    assert enlarge or scale <= 1


def test_points_of_a_letterbox_divided_by_its_scale_are_points_of_the_picture() -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[140:160, 280:320] = 255
    canvas, scale = letterbox(pixels, 200, 200)
    rows, columns = np.nonzero(canvas[..., 0] > 127)
    assert (columns.min() / scale, rows.min() / scale) == pytest.approx((280, 140), abs=2)
    assert ((columns.max() + 1) / scale, (rows.max() + 1) / scale) == pytest.approx((320, 160), abs=2)


def test_resizing_to_the_same_size_changes_no_pixel() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 9, 3), np.uint8)
    assert (resize(pixels, (9, 7)) == pixels).all()
    assert resize(pixels, (4, 5)).shape == (5, 4, 3)


@pytest.mark.parametrize(
    ("size", "canvas"),
    [((640, 480), (416, 320)), ((300, 1200), (128, 416)), ((416, 416), (416, 416)), ((5000, 3), (416, 32))],
    ids=str,
)
def test_a_fitted_canvas_holds_the_image_in_whole_steps(size: tuple[int, int], canvas: tuple[int, int]) -> None:
    assert fitted(*size, 416, 32) == canvas
    wider = fitted(*size, 416, 32, margin=32)
    assert wider == tuple(min(416, side + 32) for side in canvas)
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    boxed, scale = letterbox(pixels, *canvas)
    assert scale == pytest.approx(416 / max(size))
    assert boxed[0, -1].all() == (canvas[0] == 416) or boxed[-1, 0].all()
