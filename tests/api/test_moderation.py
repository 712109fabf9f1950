"""DetectModerationLabels on real pictures, over the wire and in process."""

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("n04090263_rifle.jpg", ["Weapons", "Violence"]),
        ("n02823428_beer_bottle.jpg", ["Alcoholic Beverages", "Alcohol"]),
        ("n04243546_slot.jpg", ["Gambling"]),
        ("n03937543_pill_bottle.jpg", []),
    ],
)
def test_a_picture_gets_the_labels_of_what_it_shows(client: Any, shared: Path, file: str, names: list[str]) -> None:
    picture = (shared / "data" / "imagenet_1perclass" / file).read_bytes()
    labels = client.detect_moderation_labels(Image={"Bytes": picture})["ModerationLabels"]
    assert [label["Name"] for label in labels] == names
    assert [label["ParentName"] for label in labels] == [*names[1:], *[""][: len(names)]]
    assert [label["TaxonomyLevel"] for label in labels] == list(range(len(names), 0, -1))
    assert len({label["Confidence"] for label in labels}) <= 1


def test_a_higher_bar_lets_fewer_labels_through(client: Any, shared: Path) -> None:
    picture = (shared / "data" / "imagenet_1perclass" / "n04090263_rifle.jpg").read_bytes()
    (sure, _) = client.detect_moderation_labels(Image={"Bytes": picture})["ModerationLabels"]
    above = min(100.0, sure["Confidence"] + 0.5)
    assert client.detect_moderation_labels(Image={"Bytes": picture}, MinConfidence=above)["ModerationLabels"] == []
