"""The 25 landmarks where no mesh fits: a mean face, brought to the five landmarks."""

import numpy as np
import pytest

from openrek.rekognition.render.face_landmarks import MESH_LANDMARKS, estimated_landmarks

FIVE = np.array([[30, 40], [70, 40], [50, 60], [34, 80], [66, 80]], np.float32)


def test_each_landmark_is_estimated() -> None:
    points = estimated_landmarks(FIVE)
    assert list(points) == list(MESH_LANDMARKS)
    assert points["leftPupil"][0] < points["rightPupil"][0]
    assert points["chinBottom"] == pytest.approx((50, 108), abs=6)


def test_a_mean_face_is_as_wide_to_either_side() -> None:
    points = estimated_landmarks(FIVE)
    for left, right in (("leftEyeLeft", "rightEyeRight"), ("leftEyeBrowRight", "rightEyeBrowLeft")):
        assert points[left][0] + points[right][0] == pytest.approx(100, abs=1e-3)
        assert points[left][1] == pytest.approx(points[right][1], abs=1e-3)


@pytest.mark.parametrize("degrees", [30, 90, 180, 270])
def test_they_turn_with_the_face(degrees: float) -> None:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    upright, turned = (np.array(list(estimated_landmarks(five).values())) for five in (FIVE, FIVE @ turn.T))
    assert turned == pytest.approx(upright @ turn.T, abs=1e-2)


def test_landmarks_in_one_place_give_finite_ones() -> None:
    points = estimated_landmarks(np.full((5, 2), 7, np.float32))
    assert np.array(list(points.values())) == pytest.approx(np.full((25, 2), 7), abs=1e-2)
