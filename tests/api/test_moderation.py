"""DetectModerationLabels on real pictures, over the wire and in process."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tests.conftest import encode
from tests.images import drawing


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


def test_a_rocket_on_its_way_to_space_is_no_weapon(client: Any) -> None:
    picture = encode(data.rocket())  # type: ignore[no-untyped-call]
    assert client.detect_moderation_labels(Image={"Bytes": picture})["ModerationLabels"] == []


def test_evening_dress_is_no_swimwear(client: Any, shared: Path) -> None:
    for name in ("group-1", "group-3"):
        picture = (shared / "data" / "faces_misc" / f"{name}.jpg").read_bytes()
        assert client.detect_moderation_labels(Image={"Bytes": picture})["ModerationLabels"] == []


@pytest.mark.parametrize("name", ["000000003661", "000000005600"])
@pytest.mark.parametrize("quality", [95, 80, 60])
def test_bananas_and_onions_are_no_nudity(client: Any, shared: Path, name: str, quality: int) -> None:
    file = shared / "data" / "coco128_val2017" / "images" / f"{name}.jpg"
    pixels = np.asarray(Image.open(io.BytesIO(file.read_bytes())).convert("RGB"))
    for image in (file.read_bytes(), encode(pixels, quality=quality)):
        assert client.detect_moderation_labels(Image={"Bytes": image})["ModerationLabels"] == []


def test_a_drawing_s_content_type_is_illustrated(client: Any, cat: bytes) -> None:
    (kind,) = client.detect_moderation_labels(Image={"Bytes": drawing()})["ContentTypes"]
    assert kind["Name"] == "Illustrated"
    assert client.detect_moderation_labels(Image={"Bytes": cat})["ContentTypes"] == []
