"""Scene heads: cells and the whole of a feature map become confidences."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrek.vision import ModelDescriptor, load_packs
from openrek.vision.architectures.scene_heads import SceneHeads

LABELS = ("Sky", "Indoors")


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., ModelDescriptor]:
    """Writes a file of two channels: Sky is the first in its cells, Indoors the second of the whole."""

    def write(**changed: Any) -> ModelDescriptor:
        arrays = {
            "dense_weights": np.array([[24.0], [0.0]], np.float16),
            "dense_offsets": np.zeros(1, np.float32),
            "dense_mean": np.zeros(2, np.float32),
            "dense_scale": np.ones(2, np.float32),
            "dense_of": np.array([0, -1], np.int32),
            "global_weights": np.array([[0, 0], [0, 2], [0, 0], [0, 0]], np.float16),
            "global_offsets": np.array([0, -1], np.float32),
            "global_mean": np.zeros(4, np.float32),
            "global_scale": np.ones(4, np.float32),
            "curve": np.array([1, 0], np.float32),
            "shift": np.zeros(2, np.float32),
            **changed,
        }
        file = tmp_path / "scene_heads.npz"
        np.savez(file, **arrays)
        known = next(model for pack in load_packs() for model in pack.models if model.name == "scene_heads")
        return replace(known, file=file, sha256=sha256(file.read_bytes()).hexdigest(), labels=LABELS)

    return write


def features(sky: float, indoors: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(4, 6, 2): two of 24 cells show sky."""
    found = np.zeros((4, 6, 2), np.float32)
    found[0, :2, 0], found[..., 1] = sky, indoors
    return found


def test_a_twelfth_of_the_cells_is_enough_for_the_dense_head(made: Callable[..., ModelDescriptor]) -> None:
    (first, sky), (second, indoors) = SceneHeads(made()).judge(features(sky=1, indoors=0))
    assert (first, second) == LABELS
    # Half of the dense logit, 24, and of the global one, 0.
    assert sky == pytest.approx(1 / (1 + np.exp(-12)), abs=1e-6)
    assert indoors == pytest.approx(1 / (1 + np.exp(1)))


def test_a_label_without_a_dense_column_goes_by_the_whole(made: Callable[..., ModelDescriptor]) -> None:
    found = dict(SceneHeads(made()).judge(features(sky=0, indoors=2)))
    assert found == {"Indoors": pytest.approx(1 / (1 + np.exp(-3))), "Sky": pytest.approx(0.5)}


def test_curve_and_shift_make_confidences_of_scores(made: Callable[..., ModelDescriptor]) -> None:
    descriptor = made(curve=np.array([2, 1], np.float32), shift=np.array([0, -3], np.float32))
    found = dict(SceneHeads(descriptor).judge(features(sky=0, indoors=2)))
    assert found["Indoors"] == pytest.approx(1 / (1 + np.exp(-(2 * 3 + 1 - 3))))


@pytest.mark.parametrize(
    "changed",
    [
        {"shift": np.zeros(3, np.float32)},
        {"dense_of": np.zeros(1, np.int32)},
        {"dense_offsets": np.zeros(2, np.float32)},
    ],
)
def test_arrays_that_do_not_agree_are_an_error(made: Callable[..., ModelDescriptor], changed: dict[str, Any]) -> None:
    with pytest.raises(LookupError):
        SceneHeads(made(**changed))
