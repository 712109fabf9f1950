"""Results of jobs: pages, and labels joined into stretches of time."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from openrek.rekognition.operations.videos.kinds import KINDS
from openrek.rekognition.operations.videos.results import read_results, write_results
from openrek.rekognition.operations.videos.samples import Sample, stretches
from openrek.s3 import MemoryObjectStore


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_pages_give_each_result_once_and_in_order(count: int) -> None:
    objects = MemoryObjectStore()
    order = ("TIMESTAMP", False)
    assert write_results(objects, "bucket", "job", "Kind", order, ({"n": n} for n in range(count))).count == count
    for size in (1000, 7, 999):
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += read_results(objects, "bucket", "job", "Kind", order, len(found), min(size, count - len(found)))
        assert [item["n"] for item in found] == list(range(count))


def seen(ms: int, **confidences: float) -> Sample:
    labels = [{"Name": name, "Confidence": value, "Instances": [{}]} for name, value in confidences.items()]
    return Sample(ms, [{"Label": label} for label in labels])


def joined(*samples: Sample) -> list[tuple[str, int, int, float]]:
    found = list(stretches(samples, "Label", {"Instances": []}))
    for item in found:
        assert item["Timestamp"] == item["StartTimestampMillis"]
        assert item["DurationMillis"] == item["EndTimestampMillis"] - item["StartTimestampMillis"]
        assert item["Label"]["Instances"] == []
    return [
        (item["Label"]["Name"], item["StartTimestampMillis"], item["EndTimestampMillis"], item["Label"]["Confidence"])
        for item in found
    ]


def test_a_label_that_stays_is_one_stretch_of_its_highest_confidence() -> None:
    assert joined(seen(0, Cat=70), seen(500, Cat=90), seen(1000, Cat=80)) == [("Cat", 0, 1000, 90)]


def test_one_look_without_a_label_does_not_end_its_stretch_and_two_do() -> None:
    assert joined(seen(0, Cat=70), seen(500), seen(1000, Cat=80), seen(1500)) == [("Cat", 0, 1000, 80)]
    assert joined(seen(0, Cat=70), seen(500), seen(1000), seen(1500, Cat=80)) == [
        ("Cat", 0, 0, 70),
        ("Cat", 1500, 1500, 80),
    ]


def test_stretches_come_in_the_order_of_their_starts() -> None:
    assert joined(seen(0, Cat=70), seen(500, Dog=99, Cat=71), seen(1000, Dog=99), seen(1500, Dog=98)) == [
        ("Cat", 0, 500, 71),
        ("Dog", 500, 1500, 99),
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_the_first_order_is_that_of_time(kind: Any) -> None:
    assert kind.orders[0] == ("TIMESTAMP", False)


def test_by_name_the_most_confident_comes_first_in_each_group() -> None:
    samples = [seen(0, Dog=60, Cat=70), seen(500, Dog=90), seen(1000, Cat=75)]
    services: Any = None
    trace: Any = None
    found = KINDS["LabelDetection"].listed(("NAME", False), samples, {}, services, trace)
    assert [(item["Label"]["Name"], item["Timestamp"]) for item in found] == [
        ("Cat", 1000),
        ("Cat", 0),
        ("Dog", 500),
        ("Dog", 0),
    ]


def person(ms: int, *boxes: tuple[float, float]) -> Sample:
    """A frame of 100-pixel-wide people at these places, with these confidences."""
    items = [
        {"xyxy": [left, 50, left + 100, 350], "confidence": confidence, "Person": {"BoundingBox": {"Left": left}}}
        for left, confidence in boxes
    ]
    return Sample(ms, items)


def people_by(order: str, samples: list[Sample], cuts: list[int]) -> list[tuple[int, int]]:
    """(Timestamp, Index) of the results."""
    trace = SimpleNamespace(timestamps_ms=np.array(cuts), cuts=np.ones(len(cuts)))
    nothing: Any = None
    made: Any = trace
    found = list(KINDS["PersonTracking"].listed((order, False), samples, {}, nothing, made))
    assert all(set(item) == {"Timestamp", "Person"} for item in found)
    return [(item["Timestamp"], item["Person"]["Index"]) for item in found]


WALK = [person(200 * look, (10 + 5 * look, 0.6 + 0.05 * look), (600 - 5 * look, 0.9)) for look in range(4)]


def test_people_keep_their_index_from_look_to_look() -> None:
    found = people_by("TIMESTAMP", WALK, [])
    assert [moment for moment, _ in found] == [0, 0, 200, 200, 400, 400, 600, 600]
    assert {index for _, index in found} == {0, 1}


def test_by_index_the_most_confident_sighting_comes_first() -> None:
    by_time = people_by("TIMESTAMP", WALK, [])
    first = by_time[0][1]
    of_first = [moment for moment, index in people_by("INDEX", WALK, []) if index == first]
    assert of_first == [600, 400, 200, 0]


def test_behind_a_cut_people_are_others() -> None:
    assert {index for _, index in people_by("TIMESTAMP", WALK, [350])} == {0, 1, 2, 3}
