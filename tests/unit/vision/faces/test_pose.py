"""Head poses: of a head of our own, photographed by a camera of our own."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.conftest import encode

from openrek.vision import EncodedFrame, Engine
from openrek.vision.faces.pose import head_pose

# Millimetres, x to the picture's right, y down, z away from the camera. Not the generic head: nobody has that one.
HEAD = np.array([[-33, 1, 1], [32, 0, 0], [1, 35, -30], [-26, 62, 1], [24, 61, -1]], float)
ROUGHLY = 10.0
SHIFTS = st.floats(-5000, 5000)


class Turn(NamedTuple):
    """Degrees."""

    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0


def photographed(
    turn: Turn, size: tuple[int, int] = (640, 480), at: tuple[float, float] = (0.0, 0.0), distance: float = 600.0
) -> NDArray[np.float32]:
    """Landmarks of the head that nods first, then turns, then tilts; the camera is `distance` millimetres away."""
    roll, yaw, pitch = np.deg2rad(turn)
    # Raised: the face, which looks to -z, comes to look to -y.
    nod = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    # Turned to the picture's right: the face comes to look to +x.
    aside = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    points = HEAD @ (tilt @ aside @ nod).T + [*at, distance]
    focal = max(size)
    return np.asarray(points[:, :2] / points[:, 2:] * focal + np.array(size) / 2, np.float32)


def posed(landmarks: NDArray[np.float32]) -> Turn:
    """What is said of them."""
    return Turn(*head_pose(landmarks))


@pytest.mark.parametrize(
    "turn",
    [
        Turn(),
        Turn(roll=30),
        Turn(roll=-30),
        Turn(yaw=25),
        Turn(yaw=-25),
        Turn(pitch=20),
        Turn(pitch=-20),
        Turn(roll=20, yaw=30, pitch=-15),
        Turn(roll=-15, yaw=-35, pitch=15),
    ],
    ids=str,
)
def test_a_head_s_pose_is_found_to_ten_degrees(turn: Turn) -> None:
    assert posed(photographed(turn)) == pytest.approx(turn, abs=ROUGHLY)


@given(st.floats(-40, 40), st.floats(-40, 40), st.floats(-25, 25))
@settings(max_examples=60, deadline=None)
def test_any_usual_pose_is_found_roughly(roll: float, yaw: float, pitch: float) -> None:
    turn = Turn(roll, yaw, pitch)
    assert posed(photographed(turn)) == pytest.approx(turn, abs=1.5 * ROUGHLY)


def test_a_nose_to_the_picture_s_right_is_a_head_turned_to_the_right() -> None:
    landmarks = photographed(Turn())
    right, left = landmarks.copy(), landmarks.copy()
    right[2, 0] += 8
    left[2, 0] -= 8
    assert posed(right).yaw > 10
    assert posed(left).yaw < -10


def test_a_nose_nearer_to_the_eyes_is_a_raised_head() -> None:
    landmarks = photographed(Turn())
    raised, lowered = landmarks.copy(), landmarks.copy()
    raised[2, 1] -= 6
    lowered[2, 1] += 6
    assert posed(raised).pitch > posed(landmarks).pitch + 5
    assert posed(lowered).pitch < posed(landmarks).pitch - 5


@given(st.floats(-35, 35), st.floats(-35, 35), st.floats(-20, 20))
@settings(max_examples=60, deadline=None)
def test_a_mirrored_head_is_tilted_and_turned_the_other_way(roll: float, yaw: float, pitch: float) -> None:
    landmarks = photographed(Turn(roll, yaw, pitch))
    mirrored = landmarks[[1, 0, 2, 4, 3]] * np.array([-1, 1], np.float32) + np.array([640, 0], np.float32)
    once, twice = posed(landmarks), posed(mirrored)
    assert twice == pytest.approx((-once.roll, -once.yaw, once.pitch), abs=0.5)


@given(st.floats(-35, 35), st.floats(-35, 35), st.sampled_from([0.5, 3, 7]), st.tuples(SHIFTS, SHIFTS))
@settings(max_examples=60, deadline=None)
def test_neither_the_picture_s_size_nor_the_place_in_it_matters(
    roll: float, yaw: float, times: float, shift: tuple[float, float]
) -> None:
    landmarks = photographed(Turn(roll, yaw))
    elsewhere = posed(np.asarray(landmarks * times + np.array(shift), np.float32))
    assert elsewhere == pytest.approx(posed(landmarks), abs=0.5)


@pytest.mark.parametrize("padding", [((0, 0), (0, 900)), ((0, 0), (900, 0)), ((900, 0), (0, 0)), ((0, 900), (0, 0))])
def test_padding_a_picture_turns_no_head(
    engine: Engine, astronaut: bytes, padding: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    pixels = EncodedFrame.open(astronaut).pixels()
    larger = np.pad(pixels, (*padding, (0, 0)), constant_values=114)
    as_is, padded = (engine.analysis(EncodedFrame.open(encode(shown))).faces for shown in (pixels, larger))
    assert padded.pose[0] == pytest.approx(as_is.pose[0], abs=5)


def test_a_mirrored_picture_mirrors_the_pose(engine: Engine, astronaut: bytes) -> None:
    pixels = EncodedFrame.open(astronaut).pixels()
    as_is, mirrored = (engine.analysis(EncodedFrame.open(encode(shown))).faces for shown in (pixels, pixels[:, ::-1]))
    assert mirrored.pose[0] == pytest.approx(as_is.pose[0] * [-1, -1, 1], abs=5)


def test_portraits_look_straight_ahead_on_average(engine: Engine, shared: Path) -> None:
    files = sorted((shared / "data" / "lfw_gray_pairs").glob("*.jpg"))[::20]
    faces = [engine.analysis(EncodedFrame.open(file.read_bytes())).faces.largest(1) for file in files]
    angles = np.concatenate([face.pose for face in faces])
    assert len(angles) > 50
    assert np.abs(angles.mean(axis=0)) == pytest.approx([0, 0, 0], abs=3)


@pytest.mark.parametrize("roll", [-150, -90, -60, 60, 90, 150])
def test_a_head_lying_down_or_upside_down_is_so(roll: float) -> None:
    assert posed(photographed(Turn(roll=roll))).roll == pytest.approx(roll, abs=ROUGHLY)


@given(
    st.lists(st.tuples(st.floats(0, 640, width=32), st.floats(0, 480, width=32)), min_size=5, max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_whatever_the_landmarks_the_angles_are_angles(points: list[tuple[float, float]]) -> None:
    angles = posed(np.array(points, np.float32))
    assert np.isfinite(angles).all()
    assert all(-180 <= angle <= 180 for angle in angles)


def test_landmarks_that_all_fall_together_have_finite_angles() -> None:
    assert np.isfinite(posed(np.full((5, 2), 100, np.float32))).all()
