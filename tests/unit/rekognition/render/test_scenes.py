"""Scenes: concluded from evidence, by rules that name labels that exist."""

import pytest

from openrek.rekognition.render.scenes import Rule, conclude, rules
from openrek.rekognition.render.taxonomy import entries

BOTH = Rule("Kitchen", (("Oven", "Stove"), ("Sink",)), {}, ("Toilet",), 0.9)


def test_one_of_each_group_must_be_seen() -> None:
    assert BOTH.confidence({"Oven": 0.5, "Stove": 0.8, "Sink": 0.5}, {}) == pytest.approx(0.9 * 0.8 * 0.5)
    assert BOTH.confidence({"Oven": 0.9, "Stove": 0.9}, {}) == 0
    assert BOTH.confidence({}, {}) == 0


def test_a_conclusion_is_never_surer_than_its_evidence() -> None:
    for rule in rules():
        # Confidences that are all different, so that the least of them is one.
        named = [*(name for group in rule.every for name in group), *rule.count]
        seen = {name: 0.5 + place / 100 for place, name in enumerate(named) if name not in rule.unless}
        boxes = dict(rule.count)
        strongest = [max(seen.get(name, 0) for name in group) for group in rule.every]
        assert 0 < rule.confidence(seen, boxes) <= min([*strongest, *(seen[name] for name in rule.count)])


def test_what_speaks_against_it_counts_only_where_it_is_likely() -> None:
    seen = {"Oven": 1.0, "Sink": 1.0}
    assert BOTH.confidence({**seen, "Toilet": 0.4}, {}) == pytest.approx(0.9)
    assert BOTH.confidence({**seen, "Toilet": 0.5}, {}) == 0


def test_counted_labels_must_be_so_many() -> None:
    three = Rule("Street", (), {"Car": 3}, (), 0.8)
    assert three.confidence({"Car": 0.9}, {"Car": 2}) == 0
    assert three.confidence({"Car": 0.9}, {"Car": 3}) == pytest.approx(0.72)


def test_nothing_follows_from_nothing() -> None:
    assert conclude({}, {}) == {}
    assert conclude({"Person": 1.0}, {"Person": 1}) == {}


@pytest.mark.parametrize(
    ("seen", "boxes", "scene"),
    [
        ({"Oven": 0.9, "Refrigerator": 0.9}, {}, "Kitchen"),
        ({"Bed": 0.95, "Chair": 0.9}, {}, "Bedroom"),
        ({"Couch": 0.9, "TV": 0.9}, {}, "Living Room"),
        ({"Toilet": 0.9, "Bathtub": 0.9}, {}, "Bathroom"),
        ({"Computer Keyboard": 0.9, "TV": 0.95, "Mouse": 0.95}, {}, "Office"),
        ({"Traffic Light": 0.9, "Car": 0.9}, {}, "Street"),
        ({"Car": 0.95}, {"Car": 5}, "Street"),
        ({"Shoreline": 0.9}, {}, "Beach"),
        ({"Skis": 0.9, "Person": 0.95}, {}, "Skiing"),
        ({"Skis": 0.9}, {}, "Snow"),
        ({"Surfboard": 0.9, "Person": 0.9}, {}, "Surfing"),
        ({"Tennis Racket": 0.9, "Person": 0.9}, {}, "Tennis"),
        ({"Person": 1.0}, {"Person": 12}, "Crowd"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_scenes_that_the_evidence_supports(seen: dict[str, float], boxes: dict[str, int], scene: str) -> None:
    assert conclude(seen, boxes)[scene] >= 0.55


@pytest.mark.parametrize(
    ("seen", "scene"),
    [
        ({"Surfboard": 0.9, "Person": 0.9, "Furniture": 0.8}, "Surfing"),
        ({"Bed": 0.9, "Animal": 0.9}, "Bedroom"),
        ({"Car": 0.9}, "Street"),
        ({"Sink": 0.9}, "Kitchen"),
        ({"Oven": 0.9, "Microwave": 0.9}, "Kitchen"),
        ({"Skis": 0.9, "Indoors": 0.9, "Person": 0.9}, "Skiing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_scenes_that_the_evidence_does_not_support(seen: dict[str, float], scene: str) -> None:
    assert scene not in conclude(seen, {"Person": 1, "Car": 1})


def test_rules_name_labels_that_exist_and_are_trusted_within_reason() -> None:
    for rule in rules():
        named = {rule.scene, *(name for group in rule.every for name in group), *rule.count, *rule.unless}
        assert named <= set(entries()), rule
        assert 0.5 <= rule.trust < 1
        assert rule.every or rule.count
        assert rule.scene not in rule.unless
        assert all(minimum > 0 for minimum in rule.count.values())
