"""The file of labels' names in Vietnamese."""

import json

from openrek.console.label_names import FILE, label_names_json
from openrek.rekognition.operations.images.moderation import taxonomy
from openrek.rekognition.render.taxonomy import entries


def test_the_file_is_current() -> None:
    assert FILE.read_bytes() == label_names_json(), "run python -m openrek.console.label_names"


def test_every_label_and_every_moderation_label_has_a_vietnamese_name() -> None:
    names = json.loads(FILE.read_bytes())
    assert set(names["labels"]) == set(entries())
    assert set(names["moderation"]) == set(taxonomy())
    assert names["labels"]["Person"] == "Người"
    assert names["moderation"]["Weapons"] == "Vũ khí"
