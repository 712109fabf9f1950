"""Whom BlazeFace is believed to see, where CenterFace sees nobody."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.vision import Engine
from openrek.vision.tasks.faces import FaceFinder

Floats = NDArray[np.float32]
PIXELS = np.full((100, 100, 3), 127, np.uint8)
MARGIN = 30
BOX = np.array([50, 50, 90, 90], np.float32)


class Nobody:
    def detect(self, pixels: NDArray[np.uint8], least: float) -> tuple[Floats, Floats, Floats]:
        return np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32)


class Somebody:
    def __init__(self, *sure: float) -> None:
        self.sure = np.array(sure, np.float32)

    def detect(self, pixels: NDArray[np.uint8], least: float) -> tuple[Floats, Floats, Floats]:
        assert pixels.shape == (160, 160, 3)
        sure = self.sure[self.sure >= least]
        return np.tile(BOX, (len(sure), 1)), sure, np.tile(BOX[:2], (len(sure), 6, 1))


class Mesh:
    def __init__(self, sure: float) -> None:
        self.sure = sure
        self.asked: list[Floats] = []

    def lay(self, pixels: NDArray[np.uint8], box: Floats, marks: Floats) -> tuple[Floats, float]:
        self.asked.append(box)
        return np.zeros((468, 3), np.float32), self.sure


@pytest.fixture
def finder(engine: Engine) -> FaceFinder:
    found = object.__new__(FaceFinder)
    found._pool = engine._pool
    found._detector = Nobody()
    return found


@pytest.mark.parametrize(
    ("sure", "mesh", "found"),
    [
        ((0.9,), 0.0, [0.9]),
        ((0.6,), 0.9, [0.6]),
        ((0.6,), 0.1, []),
        ((0.4,), 0.9, []),
        ((0.9, 0.6), 0.1, [0.9]),
        ((), 0.9, []),
    ],
)
def test_less_sure_faces_need_the_mesh(finder: Any, sure: tuple[float, ...], mesh: float, found: list[float]) -> None:
    finder._fallback = (Somebody(*sure), Mesh(mesh))
    assert finder.find(PIXELS).confidence.tolist() == pytest.approx(found)


def test_the_mesh_is_asked_of_the_picture_itself_and_not_of_the_one_with_a_margin(finder: Any) -> None:
    mesh = Mesh(0.9)
    finder._fallback = (Somebody(0.6), mesh)
    assert finder.find(PIXELS).xyxy[0] == pytest.approx(BOX - MARGIN)
    assert mesh.asked[0] == pytest.approx(BOX - MARGIN)
