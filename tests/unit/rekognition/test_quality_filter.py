"""Each reason of the quality filter, and which faces are kept when there are too many."""

from typing import Any

import numpy as np
import pytest

from openrek.rekognition.quality_filter import BARS, best, passing, quality_of, reasons
from openrek.vision import Faces

GOOD: dict[str, Any] = {"side": 120, "sharpness": 60, "brightness": 50, "yaw": 0, "confidence": 1.0}


def faces(*described: dict[str, Any]) -> Faces:
    """Faces that are good but for what is described."""
    rows = [GOOD | each for each in described]
    count = len(rows)
    return Faces(
        np.array([[0, 0, row["side"], row["side"] * 1.2] for row in rows], np.float32).reshape(count, 4),
        np.array([row["confidence"] for row in rows], np.float32),
        np.zeros((count, 5, 2), np.float32),
        np.array([[30, row["yaw"], 0] for row in rows], np.float32).reshape(count, 3),
        np.array([row["brightness"] for row in rows], np.float32),
        np.array([row["sharpness"] for row in rows], np.float32),
    )


@pytest.mark.parametrize("bar", ["LOW", "AUTO", "MEDIUM", "HIGH"])
@pytest.mark.parametrize(
    ("member", "of_bar", "worse", "reason"),
    [
        ("side", "side", -1, "SMALL_BOUNDING_BOX"),
        ("sharpness", "sharpness", -1, "LOW_SHARPNESS"),
        ("brightness", "brightness", -1, "LOW_BRIGHTNESS"),
        ("yaw", "turned", 1, "EXTREME_POSE"),
        ("confidence", "confidence", -0.01, "LOW_CONFIDENCE"),
    ],
)
def test_each_bar_has_its_reason(bar: str, member: str, of_bar: str, worse: float, reason: str) -> None:
    limit = getattr(BARS[bar], of_bar)
    meets, fails = reasons(faces({member: limit}, {member: limit + worse}), bar)
    assert reason not in meets
    assert reason in fails


def test_a_face_that_is_barely_good_enough_in_everything_is_not() -> None:
    low = BARS["LOW"]
    barely = {"side": low.side, "sharpness": low.sharpness, "yaw": low.turned, "confidence": low.confidence}
    assert reasons(faces(barely), "LOW") == [("LOW_FACE_QUALITY",)]
    assert reasons(faces(barely | {"side": 96, "sharpness": 40}), "LOW") == [()]


def test_several_reasons_are_all_named() -> None:
    (why,) = reasons(faces({"side": 10, "sharpness": 1, "brightness": 1}), "LOW")
    assert {"SMALL_BOUNDING_BOX", "LOW_SHARPNESS", "LOW_BRIGHTNESS"} <= set(why)


def test_none_filters_nothing() -> None:
    poor = faces({"side": 1, "sharpness": 0, "brightness": 0, "confidence": 0, "yaw": 180})
    assert reasons(poor, "NONE") == [()]
    assert len(passing(poor, "NONE")) == 1
    assert len(passing(poor, "AUTO")) == 0


def test_an_image_without_faces_has_no_reasons() -> None:
    assert reasons(faces(), "HIGH") == []
    assert len(passing(faces(), "HIGH")) == len(best(faces(), 3)) == len(quality_of(faces())) == 0


def test_the_lowest_quality_goes_first_then_the_smallest() -> None:
    described = [{"side": 300, "sharpness": 10}, {"side": 100}, {"side": 200}, {"side": 50, "sharpness": 30}]
    assert best(faces(*described), 4).tolist() == [2, 1, 3, 0]
    assert best(faces(*described), 2).tolist() == [2, 1]


def test_quality_is_from_zero_to_one() -> None:
    values = quality_of(faces({}, {"sharpness": 0}, {"yaw": 120}, {"side": 24}))
    assert values[0] == pytest.approx(1)
    assert values[1] == values[2] == 0
    assert 0 < values[3] < 1
