"""DetectLabels: parents, aliases and categories of labels, and the four filters of GeneralLabelsSettings."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

_ANCESTORS = ["Feline", "Mammal", "Animal", "Pet"]


def _labels(
    client: Any, image: bytes, filters: Mapping[str, list[str]] | None = None, minimum: float = 55
) -> dict[str, dict[str, Any]]:
    answer = client.detect_labels(
        Image={"Bytes": image}, MinConfidence=minimum, Settings={"GeneralLabels": dict(filters or {})}
    )
    return {label["Name"]: label for label in answer["Labels"]}


def _names(parts: list[dict[str, str]]) -> list[str]:
    return [part["Name"] for part in parts]


def test_a_cat_comes_with_its_ancestors_and_its_category(client: Any, cat: bytes) -> None:
    found = _labels(client, cat)
    assert _names(found["Cat"]["Parents"]) == _ANCESTORS
    assert _names(found["Cat"]["Categories"]) == ["Animals and Pets"]
    assert found["Cat"]["Instances"]


def test_ancestors_are_labels_themselves_no_less_sure_than_what_descends_from_them(client: Any, cat: bytes) -> None:
    found = _labels(client, cat)
    for name in _ANCESTORS:
        assert found[name]["Confidence"] >= found["Cat"]["Confidence"]
        assert found[name]["Instances"] == []
        assert _names(found[name]["Categories"]) == ["Animals and Pets"]
    assert _names(found["Feline"]["Parents"]) == ["Mammal", "Animal"]
    assert found["Animal"]["Parents"] == []


def test_all_ancestors_of_a_label_are_returned_and_none_is_less_sure(client: Any, astronaut: bytes) -> None:
    found = _labels(client, astronaut, minimum=5)
    assert any(label["Parents"] for label in found.values())
    for label in found.values():
        for parent in _names(label["Parents"]):
            assert found[parent]["Confidence"] >= label["Confidence"], (label["Name"], parent)


def test_labels_come_by_falling_confidence_then_the_most_particular_first(client: Any, cat: bytes) -> None:
    found = list(_labels(client, cat, minimum=1).values())
    assert found == sorted(found, key=lambda label: (-label["Confidence"], -len(label["Parents"]), label["Name"]))
    few = client.detect_labels(Image={"Bytes": cat}, MinConfidence=1, MaxLabels=3)["Labels"]
    assert few == found[:3]


def test_a_portrait_has_the_labels_of_its_face_with_its_box(client: Any, astronaut: bytes) -> None:
    found = _labels(client, astronaut)
    (face,) = client.detect_faces(Image={"Bytes": astronaut})["FaceDetails"]
    for name in ("Face", "Head", "Female", "Adult", "Woman", "Smile", "Happy"):
        assert [instance["BoundingBox"] for instance in found[name]["Instances"]] == [face["BoundingBox"]], name
    assert found["Person"]["Confidence"] >= found["Face"]["Confidence"]
    assert not {"Man", "Male", "Child", "Girl", "Beard", "Sunglasses"} & set(found)
    assert _names(found["Woman"]["Categories"]) == ["Person Description"]
    assert _names(found["Smile"]["Categories"]) == ["Expressions and Emotions"]


def test_only_included_labels_are_returned(client: Any, cat: bytes) -> None:
    found = _labels(client, cat, {"LabelInclusionFilters": ["Cat", "Pet", "Dog"]})
    assert set(found) == {"Cat", "Pet"}
    assert _names(found["Cat"]["Parents"]) == _ANCESTORS


def test_excluded_labels_are_left_out(client: Any, cat: bytes) -> None:
    everything = _labels(client, cat)
    assert set(_labels(client, cat, {"LabelExclusionFilters": ["Animal", "Mammal"]})) == {*everything} - {
        "Animal",
        "Mammal",
    }


def test_included_categories_bring_their_labels(client: Any, astronaut: bytes) -> None:
    everything = _labels(client, astronaut, minimum=5)
    found = _labels(client, astronaut, {"LabelCategoryInclusionFilters": ["Person Description"]}, minimum=5)
    assert "Person" in found
    assert len(found) < len(everything)
    assert all("Person Description" in _names(label["Categories"]) for label in found.values())


def test_excluded_categories_take_their_labels_away(client: Any, astronaut: bytes) -> None:
    everything = _labels(client, astronaut, minimum=5)
    found = _labels(client, astronaut, {"LabelCategoryExclusionFilters": ["Person Description"]}, minimum=5)
    assert "Person" not in found
    assert set(found) == {
        name for name, label in everything.items() if "Person Description" not in _names(label["Categories"])
    }


def test_inclusion_by_label_and_by_category_add_up(client: Any, astronaut: bytes) -> None:
    by_category = _labels(client, astronaut, {"LabelCategoryInclusionFilters": ["Apparel and Accessories"]}, minimum=5)
    assert "Person" not in by_category
    found = _labels(
        client,
        astronaut,
        {"LabelInclusionFilters": ["Person"], "LabelCategoryInclusionFilters": ["Apparel and Accessories"]},
        minimum=5,
    )
    assert set(found) == {*by_category, "Person"}


def test_exclusion_wins_over_inclusion(client: Any, cat: bytes) -> None:
    found = _labels(
        client, cat, {"LabelCategoryInclusionFilters": ["Animals and Pets"], "LabelExclusionFilters": ["Pet", "Animal"]}
    )
    assert {"Cat", "Feline", "Mammal"} <= set(found)
    assert not {"Pet", "Animal"} & set(found)
    by_category = _labels(
        client, cat, {"LabelInclusionFilters": ["Cat"], "LabelCategoryExclusionFilters": ["Animals and Pets"]}
    )
    assert by_category == {}


@pytest.mark.parametrize("kind", ["Label", "LabelCategory"])
def test_a_filter_with_an_unknown_name_matches_nothing(client: Any, cat: bytes, kind: str) -> None:
    everything = _labels(client, cat)
    assert _labels(client, cat, {f"{kind}InclusionFilters": ["Spaceships and Dragons"]}) == {}
    assert _labels(client, cat, {f"{kind}ExclusionFilters": ["Spaceships and Dragons"]}) == everything


def test_empty_filters_filter_nothing(client: Any, cat: bytes) -> None:
    names = ["LabelInclusionFilters", "LabelCategoryInclusionFilters", "LabelExclusionFilters"]
    assert _labels(client, cat, {name: [] for name in names}) == _labels(client, cat)


def test_filters_choose_before_labels_are_counted(client: Any, cat: bytes) -> None:
    settings = {"GeneralLabels": {"LabelInclusionFilters": ["Cat", "Pet"]}}
    answer = client.detect_labels(Image={"Bytes": cat}, MaxLabels=2, Settings=settings)
    assert sorted(_names(answer["Labels"])) == ["Cat", "Pet"]


def test_a_filter_longer_than_the_contract_allows_is_refused(client: Any, cat: bytes) -> None:
    with pytest.raises(ClientError) as rejected:
        _labels(client, cat, {"LabelCategoryInclusionFilters": ["x" * 51]})
    assert rejected.value.response["Error"]["Code"] == "ValidationException"


def test_a_label_can_be_named_by_its_alias(client: Any, cat: bytes) -> None:
    everything = _labels(client, cat, minimum=1)
    name, alias = next((name, _names(label["Aliases"])[0]) for name, label in everything.items() if label["Aliases"])
    assert name in _labels(client, cat, {"LabelInclusionFilters": [alias]}, minimum=1)
    assert name not in _labels(client, cat, {"LabelExclusionFilters": [alias]}, minimum=1)


def test_a_label_can_be_named_by_what_a_model_calls_it(client: Any, cat: bytes) -> None:
    found = _labels(client, cat, {"LabelInclusionFilters": ["Tiger Cat"]}, minimum=1)
    assert set(found) == {"Tabby Cat"}
    assert "Tiger Cat" not in _names(found["Tabby Cat"]["Aliases"])
    assert "Tabby Cat" not in _labels(client, cat, {"LabelExclusionFilters": ["Tiger Cat"]}, minimum=1)


def test_a_confidence_in_an_answer_is_reached_by_that_minimum(client: Any, astronaut: bytes) -> None:
    labels = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=1)["Labels"]
    for place in (0, len(labels) // 3, len(labels) // 2, len(labels) - 1):
        minimum = labels[place]["Confidence"]
        kept = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=minimum)["Labels"]
        expected = [label["Name"] for label in labels if label["Confidence"] >= minimum]
        assert [label["Name"] for label in kept] == expected
