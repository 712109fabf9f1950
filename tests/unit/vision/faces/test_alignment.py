"""Faces laid where a model expects them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openrek.vision.faces.alignment import chip, similarity

Floats = NDArray[np.float32]

FACE = np.array([[38, 52], [74, 52], [56, 72], [42, 92], [71, 92]], np.float32)


def matrix(degrees: float, scale: float, x: float, y: float) -> Floats:
    turn = np.deg2rad(degrees)
    a, b = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[a, -b, x], [b, a, y]], np.float32)


def moved(points: Floats, by: Floats) -> Floats:
    return np.asarray(points @ by[:, :2].T + by[:, 2], np.float32)


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(0.1, 10), st.floats(-500, 500), st.floats(-500, 500))
def test_a_known_rotation_scale_and_shift_is_recovered(degrees: float, scale: float, x: float, y: float) -> None:
    known = matrix(degrees, scale, x, y)
    np.testing.assert_allclose(similarity(FACE, moved(FACE, known)), known, atol=2e-3 * max(1, scale))


def test_two_points_are_enough() -> None:
    known = matrix(30, 2, 5, -7)
    np.testing.assert_allclose(similarity(FACE[:2], moved(FACE[:2], known)), known, atol=1e-3)


def test_no_other_turn_scale_or_shift_comes_nearer_to_shaken_points() -> None:
    target = moved(FACE, matrix(20, 1.5, 10, 5)) + np.random.default_rng(5).normal(0, 4, FACE.shape)
    a, b, x, y = (found := similarity(FACE, np.asarray(target, np.float32)))[[0, 1, 0, 1], [0, 0, 2, 2]]
    minimum = ((moved(FACE, found) - target) ** 2).sum()
    for change in np.concatenate([np.eye(4), -np.eye(4)]) * [0.02, 0.02, 0.5, 0.5]:
        p, q, r, s = np.array([a, b, x, y]) + change
        assert ((moved(FACE, np.array([[p, -q, r], [q, p, s]], np.float32)) - target) ** 2).sum() > minimum


def test_a_face_is_never_mirrored() -> None:
    found = similarity(FACE, np.asarray(FACE * [-1, 1], np.float32))
    assert np.linalg.det(found[:, :2]) >= 0


@pytest.mark.parametrize(("degrees", "scale"), [(0, 1), (35, 2), (-120, 1.5), (180, 3)])
def test_landmarks_come_to_lie_on_the_template(degrees: float, scale: float) -> None:
    by = matrix(degrees, scale, 0, 0)
    by[:, 2] = 250 - moved(FACE.mean(axis=0)[None], by)[0]
    landmarks = moved(FACE, by)
    rows, columns = np.mgrid[:500, :500]
    pixels = np.zeros((500, 500, 3), np.uint8)
    for x, y in landmarks:
        pixels[(columns - x) ** 2 + (rows - y) ** 2 <= (4 * scale) ** 2] = 255
    face = chip(pixels, landmarks, FACE, 112)
    assert face.shape == (112, 112, 3)
    rows, columns = np.mgrid[:112, :112]
    nearest = np.min([np.hypot(columns - x, rows - y) for x, y in FACE], axis=0)
    assert face[nearest < 2.5].min() > 200
    assert face[nearest > 6].max() == 0


def test_what_lies_outside_the_picture_is_black() -> None:
    face = chip(np.full((60, 112, 3), 255, np.uint8), FACE, FACE, 112)
    assert (face[:60] == 255).all()
    assert (face[61:] == 0).all()
