"""Where eyes look: the geometry, and the model on a person who looks into the camera."""

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from openrek.vision import EncodedFrame, Engine, Frame
from openrek.vision.faces.gaze import _ABOVE, _CORNERS, _EYE_WIDTH, _PUPIL, EYES, eye_direction

Floats = NDArray[np.float32]
AHEAD = np.zeros(3, np.float32)
WIDTH = 63.0
"""Pixels from corner to corner: two a millimetre."""


def eyes(right: float, up: float, yaw: float = 0, pitch: float = 0, roll: float = 0) -> tuple[Floats, Floats]:
    """Corners and irises of a head that is turned so and looks so, in degrees, as the model in `gaze` has it."""
    millimetre = WIDTH / _EYE_WIDTH
    middles = np.array([[100, 200], [230, 200]], float)
    half = np.array([WIDTH * np.cos(np.radians(yaw)) / 2, 0])
    corners = np.stack([middles - half, middles + half], axis=1)
    ball = middles - _CORNERS * millimetre * np.array([np.sin(np.radians(yaw)), -np.sin(np.radians(pitch))])
    look = _PUPIL * np.array([np.sin(np.radians(right)), -np.sin(np.radians(up))]) - [0, _ABOVE]
    irises = ball + look * millimetre
    turn = np.radians(roll)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (corners @ matrix.T).astype(np.float32), (irises @ matrix.T).astype(np.float32)


@pytest.mark.parametrize(
    ("right", "up", "yaw", "pitch"),
    [(0, 0, 0, 0), (20, 0, 0, 0), (-25, 10, 0, 0), (0, 0, 30, 0), (0, 0, 0, -20), (15, -10, -25, 10)],
)
def test_a_look_is_told_whichever_way_the_head_is_turned(right: float, up: float, yaw: float, pitch: float) -> None:
    pose = np.array([0, yaw, pitch], np.float32)
    told = eye_direction(*eyes(right, up, yaw, pitch), pose, 0.3)
    assert told == pytest.approx((right, up, 1), abs=0.1)


def test_size_does_not_matter_and_a_tilt_turns_the_look_with_the_head() -> None:
    corners, irises = eyes(20, 0)
    assert eye_direction(corners * 3, irises * 3, AHEAD, 0.3)[0] == pytest.approx(20, abs=0.1)
    right, up, _ = eye_direction(*eyes(20, 0, roll=90), np.array([90, 0, 0], np.float32), 0.3)
    assert (right, up) == pytest.approx((0, -20), abs=0.1)


def test_eyes_that_disagree_or_are_closed_are_less_sure() -> None:
    corners, irises = eyes(0, 0)
    apart = irises + np.array([[-6, 0], [6, 0]], np.float32)
    right, _, sure = eye_direction(corners, apart, AHEAD, 0.3)
    assert right == pytest.approx(0, abs=0.1)
    assert sure < 0.6
    assert eye_direction(corners, irises, AHEAD, 0.1)[2] == pytest.approx(0.5)
    assert eye_direction(corners, irises, AHEAD, 0.0)[2] == 0


def test_no_look_is_beyond_the_side() -> None:
    corners, irises = eyes(0, 0)
    assert eye_direction(corners, irises + np.float32(500), AHEAD, 0.3)[:2] == (90, -90)


def look(engine: Engine, image: Frame) -> tuple[float, float, float]:
    (found,) = engine.analysis(image).attributes(engine.analysis(image).faces.largest(1), frozenset({"eye_direction"}))
    assert found.eye_direction is not None
    assert found.mesh is None
    return found.eye_direction


def saved(picture: Pillow.Image) -> EncodedFrame:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return EncodedFrame.open(buffer.getvalue())


def test_who_looks_into_the_camera_is_told_so_and_mirrored_the_other_way_round(
    engine: Engine, astronaut: bytes
) -> None:
    right, up, sure = look(engine, EncodedFrame.open(astronaut))
    assert abs(right) < 12
    assert abs(up) < 12
    assert sure > 0.7
    with Pillow.open(io.BytesIO(astronaut)) as picture:
        mirrored, _, _ = look(engine, saved(ImageOps.mirror(picture)))
    assert mirrored == pytest.approx(-right, abs=6)


@pytest.mark.parametrize("side", [-1, 1])
def test_irises_painted_aside_are_seen_there(engine: Engine, astronaut: bytes, side: int) -> None:
    image = EncodedFrame.open(astronaut)
    (face,) = engine.analysis(image).attributes(engine.analysis(image).faces.largest(1), frozenset({"mesh"}))
    assert face.mesh is not None
    pixels = image.pixels().copy()
    for one, other in EYES:
        corners = face.mesh[[one, other]]
        width = float(np.linalg.norm(corners[1] - corners[0]))
        middle, across = corners.mean(axis=0) - [0, 0.03 * width], (corners[1] - corners[0]) / width
        white = (round(0.36 * width), round(0.13 * width))
        cv2.ellipse(pixels, _whole(middle), white, 0, 0, 360, (235, 225, 220), -1, cv2.LINE_AA)
        iris = middle + side * 0.18 * width * across
        cv2.circle(pixels, _whole(iris), round(0.15 * width), (45, 30, 25), -1, cv2.LINE_AA)
    right, _, _ = look(engine, saved(Pillow.fromarray(pixels)))
    assert right * side > 8


def _whole(point: "NDArray[np.floating]") -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
