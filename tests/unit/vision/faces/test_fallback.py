"""Whom BlazeFace is believed to see, where CenterFace does not see anybody surely."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Engine
from openrek.vision.calibration import Curve
from openrek.vision.faces.detection import FaceLocator

Floats = NDArray[np.float32]
PIXELS = np.full((100, 100, 3), 127, np.uint8)
MARGIN = 30
BOX = np.array([50, 50, 90, 90], np.float32)


class Somebody:
    def __init__(self, *sure: float) -> None:
        self.sure = np.array(sure, np.float32)
        self.box = BOX

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> tuple[Floats, Floats, Floats]:
        # With a margin, for without one nobody is seen at all.
        sure = self.sure[self.sure >= minimum] if pixels.shape == (160, 160, 3) else self.sure[:0]
        return np.tile(self.box, (len(sure), 1)), sure, np.tile(BOX[:2], (len(sure), 6, 1))


class Mesh:
    def __init__(self, sure: float) -> None:
        self.sure = sure
        self.requested: list[Floats] = []

    def lay(self, pixels: NDArray[np.uint8], box: Floats, marks: Floats) -> tuple[Floats, float]:
        self.requested.append(box)
        return np.zeros((468, 3), np.float32), self.sure


@pytest.fixture
def search(engine: Engine) -> FaceLocator:
    """CenterFace hints at a face where BlazeFace sees one."""
    made = object.__new__(FaceLocator)
    made._pool = engine._pool
    made._detector = Somebody(0.3)
    made._calibrated = Curve()
    made._fallback_calibrated = Curve(0.0, 1.386)
    return made


def looked_again(search: Any) -> tuple[Floats, Floats, Floats]:
    found: tuple[Floats, Floats, Floats] = search.confident_again(search.see_again(PIXELS), PIXELS)
    return found


@pytest.mark.parametrize(
    ("hint", "sure", "mesh", "found"),
    [
        (0.3, (0.6,), 0.9, 1),
        (0.3, (0.9, 0.9), 0.9, 2),
        (0.3, (0.9,), 0.5, 0),
        (0.1, (0.9,), 0.9, 0),
        (0.3, (0.4,), 0.9, 0),
        (0.3, (), 0.9, 0),
    ],
)
def test_blazeface_is_believed_where_the_mesh_and_centerface_bear_it_out(
    search: Any, hint: float, sure: tuple[float, ...], mesh: float, found: int
) -> None:
    search._detector = Somebody(hint)
    search._fallback = (Somebody(*sure), Mesh(mesh))
    _, confidence, _ = looked_again(search)
    # However sure it is itself.
    assert confidence.tolist() == pytest.approx([0.8] * found, abs=1e-3)


def test_a_hint_elsewhere_bears_nothing_out(search: Any) -> None:
    elsewhere = Somebody(0.9)
    elsewhere.box = BOX + 50
    search._fallback = (elsewhere, Mesh(0.9))
    assert len(looked_again(search)[0]) == 0


@pytest.mark.parametrize(
    "image", ["n02129604_tiger", "n02090379_redbone", "n02814533_beach_wagon", "n02823428_beer_bottle"]
)
def test_neither_dogs_nor_wheels_nor_bottles_are_faces(engine: Engine, shared: Path, image: str) -> None:
    file = shared / "data" / "imagenet_1perclass" / f"{image}.jpg"
    assert len(engine.analysis(EncodedFrame.open(file.read_bytes())).faces) == 0


def test_the_mesh_is_asked_of_the_picture_itself_and_not_of_the_one_with_a_margin(search: Any) -> None:
    mesh = Mesh(0.9)
    search._fallback = (Somebody(0.6), mesh)
    assert looked_again(search)[0][0] == pytest.approx(BOX - MARGIN)
    assert mesh.requested[0] == pytest.approx(BOX - MARGIN)
