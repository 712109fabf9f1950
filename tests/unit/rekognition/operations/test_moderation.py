"""Moderation labels: Rekognition's taxonomy, told by evidence alone."""

from dataclasses import fields, replace

import pytest

from openrek.rekognition.operations.images.moderation import render, taxonomy
from openrek.vision import Moderation, load_packs
from openrek.vision.calibration import Curve
from openrek.vision.tasks.labels import Classified
from openrek.vision.tasks.moderation import gate_scores

HARMLESS = Moderation(
    explicit=0.0, suggestive=0.0, illustrated=0.0, undressed=0.0, shares=(("Tabby", 0.9),), curve=Curve()
)


def finding(*, undressed: float = 0.0, explicit: float = 0.0, suggestive: float = 0.0, **shares: float) -> Moderation:
    """What the models say; shares by the classifier's labels, "_" for a blank."""
    named = tuple((name.replace("_", " "), share) for name, share in shares.items())
    return Moderation(explicit, suggestive, 0.0, undressed, named, Curve())


def told(found: Moderation, minimum: float = 50) -> list[tuple[str, str, int, float]]:
    """Name, parent, level and confidence of each label."""
    return [
        (label["Name"], label["ParentName"], label["TaxonomyLevel"], round(label["Confidence"], 3))
        for label in render(found, minimum)
    ]


def test_the_taxonomy_has_ten_categories_in_three_levels() -> None:
    top = [label.name for label in taxonomy().values() if label.level == 1]
    assert top == [
        "Explicit",
        "Non-Explicit Nudity of Intimate parts and Kissing",
        "Swimwear or Underwear",
        "Violence",
        "Visually Disturbing",
        "Drugs & Tobacco",
        "Alcohol",
        "Rude Gestures",
        "Gambling",
        "Hate Symbols",
    ]
    assert {label.level for label in taxonomy().values()} == {1, 2, 3}
    lines = {name: label.parent for name, label in taxonomy().items()}
    assert lines["Obstructed Male Genitalia"] == "Obstructed Intimate Parts"
    assert lines["Kissing on the Lips"] == "Non-Explicit Nudity of Intimate parts and Kissing"
    assert lines["Smoking"] == "Drugs & Tobacco Paraphernalia & Use"
    assert lines["Self-Harm"] == "Graphic Violence"


def test_every_piece_of_evidence_is_something_that_the_models_say() -> None:
    known = {label for pack in load_packs() for model in pack.models for label in model.labels}
    judgements = {field.name for field in fields(Moderation)}
    for label in taxonomy().values():
        assert set(label.seen) <= known, label.name
        assert {label.judged, label.also} <= judgements | {""}, label.name
        assert not (label.judged and label.seen), label.name


def test_every_label_has_a_vietnamese_name_of_its_own() -> None:
    names = [label.vietnamese for label in taxonomy().values()]
    assert all(names)
    assert len(set(names)) == len(names)


def test_a_harmless_picture_has_no_labels_however_low_the_bar() -> None:
    assert render(HARMLESS, 0) == []


def test_a_weapon_is_violence_as_surely_as_it_is_a_weapon() -> None:
    found = told(finding(Rifle=0.6, Revolver=0.2, Tabby=0.2))
    assert found == [("Weapons", "Violence", 2, 80), ("Violence", "", 1, 80)]


@pytest.mark.parametrize(
    ("shares", "names"),
    [
        ({"Wine_Bottle": 0.5, "Red_Wine": 0.4}, ["Alcoholic Beverages", "Alcohol"]),
        ({"Slot": 0.9}, ["Gambling"]),
        ({"Swimming_Trunks": 0.9}, ["Male Swimwear or Underwear", "Swimwear or Underwear"]),
        ({"Holster": 0.9}, []),
        ({"Cleaver": 0.9}, []),
        ({"Goblet": 0.9}, []),
        ({"Pill_Bottle": 0.9}, []),
    ],
)
def test_what_is_seen_becomes_labels_only_where_it_is_really_that(shares: dict[str, float], names: list[str]) -> None:
    assert [label["Name"] for label in render(finding(**shares), 50)] == names


def test_a_dress_that_looks_like_a_swimsuit_is_none_on_somebody_fully_dressed() -> None:
    assert told(finding(Maillot=0.9, undressed=0.4)) == []
    assert told(finding(Maillot=0.9, undressed=0.95)) == [
        ("Female Swimwear or Underwear", "Swimwear or Underwear", 2, 90),
        ("Swimwear or Underwear", "", 1, 90),
    ]


def test_a_parent_is_as_sure_as_its_surest_child() -> None:
    found = told(finding(Bikini=0.2, Swimming_Trunks=0.7, undressed=1.0), 10)
    assert found == [
        ("Male Swimwear or Underwear", "Swimwear or Underwear", 2, 70),
        ("Swimwear or Underwear", "", 1, 70),
        ("Female Swimwear or Underwear", "Swimwear or Underwear", 2, 20),
    ]


def test_the_judgements_stay_at_the_first_level() -> None:
    assert told(finding(explicit=0.8, suggestive=0.6)) == [
        ("Explicit", "", 1, 80),
        ("Non-Explicit Nudity of Intimate parts and Kissing", "", 1, 60),
    ]


def test_labels_less_sure_than_asked_for_are_left_out() -> None:
    found = finding(Rifle=0.6, Slot=0.3)
    assert [label["Name"] for label in render(found, 60.1)] == []
    assert [label["Name"] for label in render(found, 59.9)] == ["Weapons", "Violence"]
    assert [label["Name"] for label in render(found, 0)] == ["Weapons", "Violence", "Gambling"]


def test_shares_are_calibrated_before_they_are_compared() -> None:
    doubtful = Curve(1.0, -2.0)
    found = Moderation(0.0, 0.0, 0.0, 0.0, (("Rifle", 0.8),), doubtful)
    assert render(found, 50) == []
    (weapons, violence) = render(found, 1)
    assert weapons["Confidence"] == violence["Confidence"] == pytest.approx(100 * doubtful.of(0.8))


def test_a_handgun_is_a_weapon_whatever_the_classifier_calls_it() -> None:
    seen = replace(HARMLESS, handgun=0.93)
    assert told(seen) == [("Weapons", "Violence", 2, 93.0), ("Violence", "", 1, 93.0)]
    assert told(replace(finding(Revolver=0.99), handgun=0.8))[0][3] > 93


@pytest.mark.parametrize(("probability", "reported"), [(0.79, 0.0), (0.85, 0.85)])
def test_the_head_for_handguns_counts_where_it_is_sure(probability: float, reported: float) -> None:
    kinds = {"drawing": 0.0, "hentai": 0.0, "porn": 0.0, "sexy": 0.0, "neutral": 1.0}
    classified = Classified((("Tabby", 0.9),), Curve(), True, probability)
    assert gate_scores(kinds, 0.0, 0.0, classified).handgun == reported
