"""Tiles: they cover a large picture, keep whole things, and find what is too small in the picture as a whole."""

from io import BytesIO
from itertools import pairwise
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from skimage import data
from tests.conftest import encode
from tests.images import page

from openrek.vision import Detections, EncodedFrame, Engine, Frame
from openrek.vision.boxes import iou
from openrek.vision.faces.detection import DETAIL_SIDE
from openrek.vision.tiles import (
    MAX_ALONG,
    OVERLAP,
    SIDE,
    TILED_FROM,
    Tile,
    detail,
    is_long,
    tiles,
    without_parts,
    worthwhile,
)

Boxes = list[tuple[float, float, float, float]]


def seen(boxes: Boxes, confidence: float = 0.6, kind: int = 0) -> Detections:
    """Boxes of one class and one confidence."""
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, confidence, np.float32),
        np.full(count, kind, np.int32),
    )


@given(st.integers(1, 6000), st.integers(1, 6000))
def test_tiles_cover_every_pixel_and_are_not_too_many(width: int, height: int) -> None:
    parts = tiles(width, height)
    assert len(parts) <= MAX_ALONG**2
    lefts, tops = sorted({tile.left for tile in parts}), sorted({tile.top for tile in parts})
    assert (lefts[0], tops[0]) == (0, 0)
    assert (max(tile.right for tile in parts), max(tile.bottom for tile in parts)) == (width, height)
    for starts, length in ((lefts, width), (tops, height)):
        side = min(length, max(parts[0].right, parts[0].bottom))
        # Each begins before the one before it ends, by a quarter of a side at least.
        assert all(later - earlier <= side * (1 - OVERLAP) + 1 for earlier, later in pairwise(starts))


@given(st.integers(100, 10_000), st.integers(100, 10_000))
def test_tiles_of_long_pictures_are_no_long_ones(width: int, height: int) -> None:
    shape = max(width, height) / min(width, height)
    long = [tile for tile in tiles(width, height) if is_long(tile.right - tile.left, tile.bottom - tile.top)]
    assert shape > 24 or not long


def test_tiles_of_a_large_picture_are_as_large_as_four_along_need() -> None:
    parts = tiles(6000, 4000)
    assert parts[0].right == ceil(6000 / (MAX_ALONG - (MAX_ALONG - 1) * OVERLAP))
    assert tiles(1600, 1200)[0].right == SIDE


def test_a_picture_no_larger_than_a_tile_is_one() -> None:
    assert tiles(800, 600) == [Tile(0, 0, 800, 600)]


def test_a_tile_is_its_part_of_the_picture() -> None:
    pixels = np.arange(20 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(20, 30, 3)
    assert (Tile(10, 5, 25, 20).of(pixels) == pixels[5:20, 10:25]).all()


def test_what_is_found_in_a_tile_lies_where_the_tile_does() -> None:
    found = Tile(100, 50, 300, 250).whole_things(seen([(20, 30, 60, 90)]), 1000, 800)
    assert found.xyxy.tolist() == [[120, 80, 160, 140]]


@pytest.mark.parametrize(
    ("tile", "box", "kept"),
    [
        (Tile(0, 0, 200, 200), (0, 50, 40, 90), True),
        (Tile(0, 0, 200, 200), (150, 50, 200, 90), False),
        (Tile(0, 0, 200, 200), (50, 150, 90, 200), False),
        (Tile(100, 0, 300, 200), (0, 50, 40, 90), False),
        (Tile(0, 100, 200, 300), (50, 0, 90, 40), False),
        (Tile(300, 300, 500, 500), (150, 150, 200, 200), True),
    ],
    ids=["picture's left", "right", "bottom", "left", "top", "picture's corner"],
)
def test_what_a_tile_s_inner_edge_cuts_is_left_to_its_neighbour(
    tile: Tile, box: tuple[float, float, float, float], kept: bool
) -> None:
    assert len(tile.whole_things(seen([box]), 500, 500)) == kept


def test_a_part_of_a_larger_thing_is_no_thing_of_its_own() -> None:
    whole = seen([(0, 0, 400, 400)])
    assert len(without_parts(seen([(100, 100, 200, 200)]), whole)) == 0
    # Unless it is of another class, hardly within the larger one, as large, or the larger one was hardly believed.
    assert len(without_parts(seen([(100, 100, 200, 200)], kind=1), whole)) == 1
    assert len(without_parts(seen([(350, 350, 500, 500)]), whole)) == 1
    assert len(without_parts(seen([(10, 10, 390, 390)]), whole)) == 1
    assert len(without_parts(seen([(100, 100, 200, 200)]), seen([(0, 0, 400, 400)], 0.1))) == 1


def test_only_tiles_in_which_something_small_may_be_are_worthwhile() -> None:
    parts = tiles(2000, 1500)
    middle = (parts[0].left + 100.0, parts[0].top + 100.0)
    small = seen([(*middle, middle[0] + 50, middle[1] + 50)], 0.1)
    assert worthwhile(parts, small, 2000, 1500) == [parts[0]]
    assert worthwhile(parts, seen([(*middle, middle[0] + 50, middle[1] + 50)], 0.01), 2000, 1500) == []
    assert worthwhile(parts, seen([(0, 0, 1500, 1400)]), 2000, 1500) == []
    assert worthwhile(parts, Detections.none(), 2000, 1500) == []


def crowd(width: int, height: int, along: int = 5, side: int = 100) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """One portrait, small, over and over on a plain ground; and where each lies."""
    portrait = Pillow.fromarray(data.astronaut()).resize((side, side))  # type: ignore[no-untyped-call]
    canvas = Pillow.new("RGB", (width, height), (120, 140, 110))
    places = [
        (round((x + 0.5) * width / along - side / 2), round((y + 0.5) * height / along - side / 2))
        for y in range(along)
        for x in range(along)
    ]
    for place in places:
        canvas.paste(portrait, place)
    return np.asarray(canvas), np.array([(x, y, x + side, y + side) for x, y in places], np.float32)


def found_at(engine: Engine, image: Frame, places: NDArray[np.float32]) -> tuple[int, int]:
    """How many of the places have a person, and how many persons are elsewhere."""
    objects = engine.analysis(image).objects
    surely = (objects.class_id == engine.object_names.index("Person")) & (objects.confidence >= 0.5)
    overlaps = np.stack([iou(place, objects.xyxy) for place in places])[:, surely] > 0.4
    return int(overlaps.any(axis=1).sum()), int((~overlaps.any(axis=0)).sum())


def test_people_too_small_in_the_whole_picture_are_found_in_tiles(engine: Engine) -> None:
    pixels, places = crowd(2400, 1800)
    large = EncodedFrame.open(encode(pixels, quality=92))
    seen_large, elsewhere = found_at(engine, large, places)
    assert seen_large > 0.6 * len(places)
    assert elsewhere <= 2
    # The same picture with fewer pixels is looked at as a whole only.
    side = TILED_FROM - 100
    shrunk = Pillow.fromarray(pixels).resize((side, side * 3 // 4))
    small = EncodedFrame.open(encode(np.asarray(shrunk), quality=92))
    assert found_at(engine, small, places * np.float32(side / 2400))[0] < 0.2 * len(places)


def test_the_same_large_picture_has_the_same_objects_every_time(engine: Engine) -> None:
    image = EncodedFrame.open(encode(crowd(1700, 1275, 3)[0], quality=92))
    once, again = engine.analysis(image).objects, engine.analysis(image).objects
    assert (once.xyxy == again.xyxy).all()
    assert (once.confidence == again.confidence).all()
    assert (once.xyxy <= (1700, 1275, 1700, 1275)).all()
    assert (np.diff(once.confidence) <= 0).all()


def row(pixels: NDArray[np.uint8], count: int, gap: int = 80) -> EncodedFrame:
    """A panorama: one picture over and over, side by side."""
    height, width = pixels.shape[:2]
    canvas = np.full((height, count * (width + gap), 3), (120, 140, 110), np.uint8)
    for place in range(count):
        canvas[:, place * (width + gap) : place * (width + gap) + width] = pixels
    return EncodedFrame.open(encode(canvas, quality=92))


def test_a_long_picture_shows_what_its_parts_do(engine: Engine) -> None:
    portrait = np.asarray(Pillow.fromarray(data.astronaut()).resize((300, 300)))  # type: ignore[no-untyped-call]
    panorama = row(portrait, 14)
    objects, faces = engine.analysis(panorama).objects, engine.analysis(panorama).faces
    persons = (objects.class_id == engine.object_names.index("Person")) & (objects.confidence >= 0.5)
    assert len({int(box[0] + box[2]) // 760 for box in objects.xyxy[persons]}) >= 12
    assert len(faces) == 14
    # Each face lies where it does in the picture alone, and is as sharp.
    (alone,) = (engine.analysis(EncodedFrame.open(encode(portrait, quality=92))).faces,)
    assert np.sort(faces.xyxy[:, 0]) % 380 == pytest.approx(np.full(14, alone.xyxy[0, 0]), abs=12)
    assert faces.sharpness == pytest.approx(np.full(14, alone.sharpness[0]), abs=10)


def test_small_faces_in_a_large_picture_are_found(engine: Engine) -> None:
    pixels, places = crowd(3840, 2880, 5, 240)
    faces = engine.analysis(EncodedFrame.open(encode(pixels, quality=92))).faces
    middles = (faces.xyxy[:, :2] + faces.xyxy[:, 2:]) / 2
    found = [((middles >= place[:2]) & (middles <= place[2:])).all(axis=1).sum() for place in places]
    assert sum(count == 1 for count in found) >= 20
    assert len(faces) <= 25


def test_a_large_picture_that_hints_at_no_small_face_is_not_looked_at_closer(engine: Engine) -> None:
    portrait = Pillow.fromarray(data.astronaut()).resize((2400, 2400))  # type: ignore[no-untyped-call]
    image = EncodedFrame.open(encode(np.asarray(portrait), quality=90))
    assert len(engine.analysis(image).faces) == 1
    assert max(max(pixels.shape[:2]) for pixels in image._decoded.values()) < DETAIL_SIDE


def test_a_long_line_of_text_is_read(engine: Engine) -> None:
    words = [f"platform {number} north" for number in range(10, 24)]
    canvas = Pillow.new("RGB", (7000, 100), "white")
    for place, text in enumerate(words):
        canvas.paste(Pillow.open(BytesIO(page(text, (500, 240)))).crop((0, 70, 500, 170)), (place * 500, 0))
    text = " ".join(
        line.text for line in engine.analysis(EncodedFrame.open(encode(np.asarray(canvas), "PNG"))).text.lines
    )
    assert sum(str(number) in text for number in range(10, 24)) >= 13


@pytest.mark.parametrize(
    ("size", "tiled"),
    [((900, 300), True), ((750, 300), False), ((1599, 1000), False), ((1600, 1000), True), ((900, 1700), True)],
    ids=str,
)
def test_pictures_are_tiled_from_a_size_on(size: tuple[int, int], tiled: bool) -> None:
    image = EncodedFrame.open(encode(np.zeros((size[1], size[0], 3), np.uint8)))
    assert (detail(image) is not None) == tiled
