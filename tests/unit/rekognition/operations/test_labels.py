"""From what the engine sees to labels: evidence of one name joins, ancestors follow."""

from dataclasses import replace

import numpy as np
import pytest

from openrek.rekognition.operations.images.labels import render
from openrek.vision import DescribedFace, Detections, EncodedFrame, FaceAttributesResult, Frame, Labels
from openrek.vision.calibration import Curve, TagCurve


@pytest.fixture
def image(cat: bytes) -> EncodedFrame:
    """A picture to measure boxes in; what is in it does not matter."""
    return EncodedFrame.open(cat)


def _seen(
    *tags: tuple[str, float],
    objects: tuple[tuple[str, float], ...] = (),
    present: tuple[tuple[str, float], ...] | None = None,
) -> Labels:
    """What the engine reports: tags with their shares, boxes, and how sure it is of the boxes' classes.

    A class is as sure as its surest box unless given otherwise; a tag is as sure as its share is large.
    """
    boxes = Detections(
        np.array([(10, 10, 60, 60)] * len(objects), np.float32).reshape(-1, 4),
        np.array([confidence for _, confidence in objects], np.float32),
        np.zeros(len(objects), np.int32),
    )
    if present is None:
        present = tuple(dict(reversed(objects)).items())
    return Labels(boxes, tuple(name for name, _ in objects), (), present, tags, True, TagCurve())


def _confidences(labels: Labels, image: Frame, minimum: float) -> dict[str, int]:
    return {label["Name"]: round(label["Confidence"]) for label in render(labels, image, minimum)}


def test_shares_of_labels_that_exclude_each_other_add_up_in_their_ancestors(image: Frame) -> None:
    seen = _seen(("Goldfish", 0.6), ("Tench", 0.3))
    assert _confidences(seen, image, 20) == {"Animal": 90, "Fish": 90, "Goldfish": 60, "Sea Life": 90, "Tench": 30}


def test_the_sum_of_shares_is_believed_as_a_share_is(image: Frame) -> None:
    curve = Curve(0.5, -0.4)
    labels = replace(_seen(("Goldfish", 0.6), ("Tench", 0.3)), curve=TagCurve(curve))
    found = {label["Name"]: label["Confidence"] / 100 for label in render(labels, image, 5)}
    assert found["Goldfish"] == pytest.approx(curve.of(0.6), abs=1e-6)
    assert found["Fish"] == pytest.approx(curve.of(0.9), abs=1e-6)


def test_an_ancestor_of_objects_is_as_sure_as_the_surest(image: Frame) -> None:
    seen = _seen(objects=(("Cat", 0.8), ("Dog", 0.6)))
    assert _confidences(seen, image, 20)["Mammal"] == 80


def test_an_ancestor_that_was_seen_less_surely_is_raised_to_its_child(image: Frame) -> None:
    seen = _seen(("Sports Car", 0.9), objects=(("Car", 0.6),))
    found = {label["Name"]: label for label in render(seen, image, 70)}
    assert round(found["Car"]["Confidence"]) == 90
    assert set(found) == {"Car", "Sports Car", "Transportation", "Vehicle"}
    assert found["Car"]["Instances"] == []


def test_an_ancestor_that_was_seen_more_surely_stays_so(image: Frame) -> None:
    seen = _seen(("Sports Car", 0.4), objects=(("Car", 0.8),))
    assert _confidences(seen, image, 20) == {"Car": 80, "Sports Car": 40, "Transportation": 80, "Vehicle": 80}


def test_boxes_stay_with_the_label_they_were_found_for(image: Frame) -> None:
    seen = _seen(objects=(("Cat", 0.8), ("Cat", 0.7), ("Dog", 0.6)))
    boxes = {label["Name"]: len(label["Instances"]) for label in render(seen, image, 20)}
    assert boxes == {"Animal": 0, "Canine": 0, "Cat": 2, "Dog": 1, "Feline": 0, "Mammal": 0, "Pet": 0}


def test_a_label_comes_with_its_surest_box_even_if_it_may_lie_badly(image: Frame) -> None:
    seen = _seen(objects=(("Cat", 0.4), ("Cat", 0.3)), present=(("Cat", 0.7),))
    found = {label["Name"]: label for label in render(seen, image, 55)}
    assert found["Cat"]["Confidence"] == pytest.approx(70)
    assert [box["Confidence"] for box in found["Cat"]["Instances"]] == [pytest.approx(40)]
    found = {label["Name"]: label for label in render(seen, image, 25)}
    assert [round(box["Confidence"]) for box in found["Cat"]["Instances"]] == [40, 30]


def test_boxes_of_a_label_that_is_not_returned_are_not_either(image: Frame) -> None:
    assert render(_seen(objects=(("Cat", 0.4),), present=(("Cat", 0.5),)), image, 55) == []


def test_a_box_of_low_confidence_is_returned_only_when_min_confidence_asks_for_it(image: Frame) -> None:
    seen = _seen(("Cat", 0.8), objects=(("Cat", 0.04),))
    assert [box["Confidence"] for box in render(seen, image, 0)[0]["Instances"]] == [pytest.approx(4)]
    assert render(seen, image, 5)[0]["Instances"] == []


def test_what_is_noise_is_no_label(image: Frame) -> None:
    assert _confidences(_seen(("Tench", 0.009), objects=(("Cat", 0.009),)), image, 0) == {}


def test_scenes_follow_from_what_is_seen_and_bring_their_ancestors(image: Frame) -> None:
    seen = _seen(objects=(("Oven", 0.9), ("Refrigerator", 0.9)))
    found = {label["Name"]: label for label in render(seen, image, 55)}
    assert [parent["Name"] for parent in found["Kitchen"]["Parents"]] == ["Room", "Indoors"]
    assert found["Indoors"]["Confidence"] == found["Kitchen"]["Confidence"] < 90
    assert found["Kitchen"]["Instances"] == []
    assert "Kitchen" not in _confidences(_seen(objects=(("Oven", 0.9),)), image, 1)


def test_ancestors_below_the_least_confidence_are_left_out_with_their_children(image: Frame) -> None:
    assert _confidences(_seen(("Banana", 0.3)), image, 31) == {}


def test_a_label_outside_the_taxonomy_has_a_name_and_no_relatives(image: Frame) -> None:
    (label,) = render(_seen(("Sonic Screwdriver", 0.9)), image, 50)
    assert (label["Name"], label["Parents"], label["Aliases"], label["Categories"]) == ("Sonic Screwdriver", [], [], [])


def test_words_of_models_become_labels_and_those_of_one_label_are_one(image: Frame) -> None:
    seen = _seen(
        ("Tub", 0.4), ("Bathtub", 0.3), ("Cellular Telephone", 0.1), objects=(("Cell Phone", 0.8), ("TV", 0.3))
    )
    found = {label["Name"]: label for label in render(seen, image, 20)}
    assert round(found["Bathtub"]["Confidence"]) == 70
    assert round(found["Mobile Phone"]["Confidence"]) == 80
    assert len(found["Mobile Phone"]["Instances"]) == 1
    assert {"Name": "Cell Phone"} in found["Mobile Phone"]["Aliases"]
    assert not {"Tub", "Cell Phone", "Cellular Telephone"} & set(found)


def test_of_labels_that_do_not_exclude_each_other_the_surest_counts(image: Frame) -> None:
    seen = replace(_seen(("Goldfish", 0.6), ("Tench", 0.3)), exclusive=False)
    assert _confidences(seen, image, 20) == {"Animal": 60, "Fish": 60, "Goldfish": 60, "Sea Life": 60, "Tench": 30}


def test_a_kind_of_what_the_detectors_see_is_surer_and_of_what_they_miss_less_sure(image: Frame) -> None:
    """The classifier says the same each time; only what the detectors look for and see differs."""
    curve = TagCurve(Curve(), 0.5)
    blind = replace(_seen(("Kelpie", 0.6)), curve=curve)
    looking = replace(blind, detectable=("Dog", "Sheep"))
    seeing = replace(looking, present=(("Dog", 0.95),))
    unsure, missing, found = (_confidences(seen, image, 1) for seen in (blind, looking, seeing))
    assert unsure["Kelpie"] == 60
    assert missing["Kelpie"] < 40
    assert found["Kelpie"] > 80
    # What it descends from stands and falls with it.
    assert missing["Canine"] == missing["Dog"] == missing["Kelpie"]


def test_detectors_that_see_something_else_say_nothing_of_what_they_do_not_know(image: Frame) -> None:
    seen = replace(_seen(("Goldfish", 0.6)), curve=TagCurve(Curve(), 0.5), detectable=("Dog",), present=(("Dog", 0.9),))
    assert _confidences(seen, image, 50)["Goldfish"] == 60


def _face(
    box: tuple[float, float, float, float], confidence: float = 1.0, yaw: float = 0.0, **found: float
) -> DescribedFace:
    """A face of a man of 40 years, unless given otherwise."""
    age, man = found.pop("age", 40.0), found.pop("man", 1.0)
    attributes = FaceAttributesResult((age - 6, age + 6), man, None, found, None)
    return DescribedFace(np.array(box, np.float32), confidence, yaw, attributes)


def test_labels_of_faces_have_the_boxes_of_their_faces_and_raise_their_parents(image: Frame) -> None:
    faces = (_face((10, 10, 60, 70), 0.9), _face((80, 10, 120, 60), 0.8, man=0.0, smile=0.95))
    seen = replace(_seen(objects=(("Person", 0.6),)), faces=faces)
    found = {label["Name"]: label for label in render(seen, image, 55)}
    boxes = {name: len(label["Instances"]) for name, label in found.items()}
    assert boxes == {
        **{"Person": 1, "Head": 2, "Face": 2, "Adult": 2, "Male": 1, "Man": 1, "Female": 1, "Woman": 1},
        **{"Smile": 1, "Happy": 1},
    }
    assert found["Person"]["Confidence"] == found["Face"]["Confidence"] == pytest.approx(90)
    assert [round(box["Confidence"]) for box in found["Face"]["Instances"]] == [90, 80]
    left = found["Woman"]["Instances"][0]["BoundingBox"]["Left"]
    assert left == pytest.approx(80 / image.width)


def test_faces_below_the_least_confidence_are_no_instances(image: Frame) -> None:
    seen = replace(_seen(), faces=(_face((10, 10, 60, 70), 0.9), _face((80, 10, 120, 60), 0.5)))
    found = {label["Name"]: label for label in render(seen, image, 55)}
    assert len(found["Face"]["Instances"]) == 1


def test_scenery_is_a_label_with_its_ancestors(image: Frame) -> None:
    seen = replace(_seen(), scenery=(("Sea", 0.9), ("Sky", 0.7), ("Indoors", 0.2)))
    expected = {"Sea": 90, "Water": 90, "Nature": 90, "Outdoors": 90, "Sky": 70}
    assert _confidences(seen, image, 55) == expected


def test_scenery_and_a_tag_of_one_label_give_the_more_confident(image: Frame) -> None:
    seen = replace(_seen(("Volcano", 0.6)), scenery=(("Mountain", 0.8),))
    assert _confidences(seen, image, 55)["Mountain"] == 80


@pytest.mark.parametrize(
    ("person", "scenery", "expected"),
    [
        (0.9, (("Water", 0.02), ("Indoors", 0.9)), False),
        (0.9, (("Water", 0.9), ("Sea", 0.8)), True),
        (0.1, (("Indoors", 0.9),), True),
    ],
)
def test_somebody_wears_swimwear_only_beside_water(
    image: Frame, person: float, scenery: tuple[tuple[str, float], ...], expected: bool
) -> None:
    seen = _seen(("Maillot", 0.5), ("Bikini", 0.3), ("Gown", 0.1), objects=(("Person", person),))
    found = _confidences(replace(seen, scenery=scenery), image, 20)
    assert ("Swimwear" in found and "Swimsuit" in found and "Bikini" in found) == expected
    assert found["Clothing"] == 90
