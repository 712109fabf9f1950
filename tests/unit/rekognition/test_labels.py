"""From what the engine sees to labels: evidence of one name joins, ancestors follow."""

import numpy as np
import pytest

from openrek.rekognition.labels import render
from openrek.vision import Detections, Image, Labels


@pytest.fixture
def image(cat: bytes) -> Image:
    """A picture to measure boxes in; what is in it does not matter."""
    return Image.open(cat)


def _seen(*tags: tuple[str, float], objects: tuple[tuple[str, float], ...] = ()) -> Labels:
    boxes = Detections(
        np.array([(10, 10, 60, 60)] * len(objects), np.float32).reshape(-1, 4),
        np.array([confidence for _, confidence in objects], np.float32),
        np.zeros(len(objects), np.int32),
    )
    return Labels(boxes, tuple(name for name, _ in objects), tags)


def _confidences(labels: Labels, image: Image, least: float) -> dict[str, int]:
    return {label["Name"]: round(label["Confidence"]) for label in render(labels, image, least)}


def test_an_ancestor_is_as_sure_as_its_surest_child(image: Image) -> None:
    seen = _seen(("Tench", 0.3), ("Goldfish", 0.6))
    assert _confidences(seen, image, 20) == {"Animal": 60, "Fish": 60, "Goldfish": 60, "Sea Life": 60, "Tench": 30}


def test_an_ancestor_that_was_seen_less_surely_is_raised_to_its_child(image: Image) -> None:
    seen = _seen(("Sports Car", 0.9), objects=(("Car", 0.6),))
    found = {label["Name"]: label for label in render(seen, image, 70)}
    assert round(found["Car"]["Confidence"]) == 90
    assert set(found) == {"Car", "Sports Car", "Transportation", "Vehicle"}
    assert found["Car"]["Instances"] == []


def test_an_ancestor_that_was_seen_more_surely_stays_so(image: Image) -> None:
    seen = _seen(("Sports Car", 0.4), objects=(("Car", 0.8),))
    assert _confidences(seen, image, 20) == {"Car": 80, "Sports Car": 40, "Transportation": 80, "Vehicle": 80}


def test_boxes_stay_with_the_label_they_were_found_for(image: Image) -> None:
    seen = _seen(objects=(("Cat", 0.8), ("Cat", 0.7), ("Dog", 0.6)))
    boxes = {label["Name"]: len(label["Instances"]) for label in render(seen, image, 20)}
    assert boxes == {"Animal": 0, "Canine": 0, "Cat": 2, "Dog": 1, "Feline": 0, "Mammal": 0, "Pet": 0}


def test_ancestors_below_the_least_confidence_are_left_out_with_their_children(image: Image) -> None:
    assert _confidences(_seen(("Banana", 0.3)), image, 31) == {}


def test_a_label_outside_the_taxonomy_has_a_name_and_no_relatives(image: Image) -> None:
    (label,) = render(_seen(("Sonic Screwdriver", 0.9)), image, 50)
    assert (label["Name"], label["Parents"], label["Aliases"], label["Categories"]) == ("Sonic Screwdriver", [], [], [])
