"""The arithmetic between what networks say of a face and what is answered."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openrek.vision import ModelDescriptor, load_packs
from openrek.vision.architectures.linear_probes import INPUTS, LinearProbes
from openrek.vision.faces.attributes import MIN_HALF_WIDTH, age_range, agreed
from openrek.vision.faces.crops import around, back, cut
from openrek.vision.faces.mesh_ratios import eye_ratio, mouth_ratio

_EYE_CORNERS = ((33, 133), (362, 263))
_EYE_LIDS = ((160, 144), (158, 153), (385, 380), (387, 373))
_LIPS = ((82, 87), (13, 14), (312, 317))


def certain(year: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """All probability on one year."""
    years = np.zeros(100, np.float32)
    years[year - 1] = 1
    return years


def mesh(eyes: float, mouth: float) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """Points whose eyes and mouth are 10 wide and open by so much."""
    points = np.zeros((468, 2), np.float32)
    for _, inner in _EYE_CORNERS:
        points[inner] = [10, 0]
    points[308] = [10, 0]
    for pairs, open_by in ((_EYE_LIDS, eyes), (_LIPS, mouth)):
        for upper, lower in pairs:
            points[upper], points[lower] = [5, -open_by / 2], [5, open_by / 2]
    return points


def test_models_that_agree_and_are_sure_give_the_least_range() -> None:
    low, high = age_range(certain(40), 40.0)
    assert (low, high) == (40 - MIN_HALF_WIDTH, 40 + MIN_HALF_WIDTH)


def test_models_that_disagree_give_a_range_that_holds_the_surer_one_and_is_as_wide_as_their_difference() -> None:
    low, high = age_range(certain(30), 70.0)
    assert high - low == pytest.approx(40)
    assert low < 30 < high


def test_a_spread_answer_gives_a_wider_range() -> None:
    unsure = np.zeros(100, np.float32)
    unsure[[19, 59]] = 0.5
    low, high = age_range(unsure, 40.0)
    assert high - low == pytest.approx(40)


def test_no_age_is_below_birth() -> None:
    low, high = age_range(certain(1), 0.25)
    assert low == 0
    assert high > MIN_HALF_WIDTH


@pytest.mark.parametrize(
    ("one", "other", "both"), [(0.5, 0.5, 0.5), (0.9, 0.5, 0.9), (0.9, 0.1, 0.5), (0.9, 0.9, 81 / 82)]
)
def test_odds_of_two_witnesses_multiply(one: float, other: float, both: float) -> None:
    assert agreed(one, other) == pytest.approx(both)


def test_a_certain_witness_does_not_silence_the_other() -> None:
    assert agreed(1.0, 0.2) > agreed(1.0, 0.1)
    assert agreed(0.0, 1.0) == pytest.approx(0.5)


def test_ratios_are_height_by_width() -> None:
    points = mesh(eyes=3, mouth=5)
    assert eye_ratio(points) == pytest.approx(0.3)
    assert mouth_ratio(points) == pytest.approx(0.5)


def test_ratios_do_not_change_with_size_or_tilt() -> None:
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]], np.float32)
    points = np.asarray(mesh(eyes=3, mouth=5) @ turn.T * np.float32(7) + np.float32(100), np.float32)
    assert eye_ratio(points) == pytest.approx(0.3, abs=1e-4)
    assert mouth_ratio(points) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("side", [16, 192])
def test_a_square_shows_the_box_and_its_points_go_back(side: int) -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[40:60, 90:110] = 255
    matrix = around(np.array([90, 40, 110, 60], np.float32), 2.0, side)
    face = cut(pixels, matrix, side)
    assert face.shape == (side, side, 3)
    # Half as long as the square, the box is a quarter of it.
    assert face.mean() / 255 == pytest.approx(0.25, abs=0.03)
    assert back(np.array([[side / 2, side / 2], [0, 0]], np.float32), matrix) == pytest.approx(
        np.array([[100, 50], [80, 30]]), abs=1e-3
    )


def test_a_turned_square_has_a_turned_line_level() -> None:
    pixels = np.zeros((200, 200, 3), np.uint8)
    along = np.arange(-40, 41)
    for thick in range(-2, 3):
        pixels[100 + along + thick, 100 + along] = 255
    matrix = around(np.array([60, 60, 140, 140], np.float32), 1.0, 80, np.pi / 4)
    rows = cut(pixels, matrix, 80).mean(axis=(1, 2))
    assert rows[39:42].min() > 200
    assert rows[:34].max() < 20


def test_a_large_face_is_averaged_and_not_sampled() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    face = cut(stripes, around(np.array([0, 0, 640, 640], np.float32), 1.0, 64), 64)
    assert face.std() < 20
    assert face.mean() == pytest.approx(127.5, abs=8)


def probes_of(folder: Path, weights: "np.ndarray[tuple[int, int], np.dtype[np.float16]]") -> ModelDescriptor:
    """The pack's descriptor, for other weights."""
    import hashlib

    buffer = io.BytesIO()
    np.savez(buffer, weights=weights, offsets=np.array([1.0, 0.0], np.float32))
    (folder / "probes.npz").write_bytes(buffer.getvalue())
    real = next(model for pack in load_packs() for model in pack.models if model.name == "face_probes")
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    return replace(real, file=folder / "probes.npz", sha256=digest, labels=("hat", "open"))


def test_a_probe_is_the_logistic_of_its_weighted_sum(tmp_path: Path) -> None:
    weights = np.zeros((2, INPUTS), np.float16)
    weights[0, 3], weights[1, -2], weights[1, -1] = 2, 10, -20
    probes = LinearProbes(probes_of(tmp_path, weights))
    features = np.zeros(1024, np.float32)
    features[3] = 0.5
    assert probes.judge("hat", features) == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert probes.judge("open", features, 0.3, 0.1) == pytest.approx(1 / (1 + np.exp(-1.0)), abs=1e-3)


def test_probes_for_other_inputs_are_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="7"):
        LinearProbes(probes_of(tmp_path, np.zeros((2, 7), np.float16)))
