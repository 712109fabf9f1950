"""Findings of text as Rekognition writes them: turned lines, filters, Ids."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.images import page

from openrek.rekognition.operations.images.text import render
from openrek.vision import EncodedFrame, Frame, Line, Text, Word
from openrek.vision.text.lines import part

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 640, 240
# Read from below: its own upper left corner is the lower left one in the picture.
UPWARDS = np.array([[100, 200], [100, 50], [140, 50], [140, 200]], np.float32)
LEVEL = np.array([[200, 40], [500, 40], [500, 80], [200, 80]], np.float32)


@pytest.fixture(scope="module")
def image() -> EncodedFrame:
    """640 × 240."""
    return EncodedFrame.open(page("STOP"))


def line(text: str, polygon: Floats, confidence: float = 0.9, recogniser: str = "ppocr") -> Line:
    """A line of words of one length."""
    parts = text.split()
    words = tuple(
        Word(word, confidence, part(polygon, place / len(parts), (place + 1) / len(parts)))
        for place, word in enumerate(parts)
    )
    return Line(text, confidence, polygon, words, recogniser)


def corners(detection: dict[str, Any]) -> list[tuple[float, float]]:
    return [(point["X"] * WIDTH, point["Y"] * HEIGHT) for point in detection["Geometry"]["Polygon"]]


def test_a_polygon_begins_at_the_upper_left_as_read_and_the_box_lies_around_it(image: Frame) -> None:
    (found, first, second), _ = render(Text((line("going up", UPWARDS),)), image, {}, [])
    assert corners(found) == [pytest.approx(corner) for corner in UPWARDS.tolist()]
    assert corners(first)[0] == pytest.approx((100, 200))
    assert corners(second)[0] == pytest.approx((100, 125))
    box = found["Geometry"]["BoundingBox"]
    assert (box["Left"] * WIDTH, box["Top"] * HEIGHT) == pytest.approx((100, 50))
    assert (box["Width"] * WIDTH, box["Height"] * HEIGHT) == pytest.approx((40, 150))


def test_words_come_after_all_lines_and_name_theirs(image: Frame) -> None:
    found, readers = render(
        Text((line("going up", UPWARDS), line("Xin chào", LEVEL, recogniser="tesseract-vie"))), image, {}, []
    )
    assert [(each["Id"], each["Type"], each.get("ParentId")) for each in found] == [
        (0, "LINE", None),
        (1, "LINE", None),
        (2, "WORD", 0),
        (3, "WORD", 0),
        (4, "WORD", 1),
        (5, "WORD", 1),
    ]
    assert readers == {"ppocr": [0], "tesseract-vie": [1]}


def test_a_word_s_size_is_that_of_its_upright_box_however_it_is_turned(image: Frame) -> None:
    text = Text((line("going up", UPWARDS), line("going on", LEVEL)))
    wide, _ = render(text, image, {"MinBoundingBoxWidth": 0.2}, [])
    assert [each["DetectedText"] for each in wide] == ["going on", "going", "on"]
    high, _ = render(text, image, {"MinBoundingBoxHeight": 0.3}, [])
    assert [each["DetectedText"] for each in high] == ["going up", "going", "up"]


def test_a_region_keeps_the_words_whose_middle_lies_in_it(image: Frame) -> None:
    upper_half = np.array([[0, 0], [1, 0], [1, 0.5], [0, 0.5]], np.float32)
    found, _ = render(Text((line("going up", UPWARDS), line("going on", LEVEL))), image, {}, [upper_half])
    assert [each["DetectedText"] for each in found] == ["up", "going on", "up", "going", "on"]


def test_unsure_words_are_left_out_and_a_line_without_any_with_them(image: Frame) -> None:
    text = Text((line("sure", LEVEL, 0.95), line("unsure", UPWARDS, 0.6)))
    found, _ = render(text, image, {"MinConfidence": 80}, [])
    assert [each["DetectedText"] for each in found] == ["sure", "sure"]
