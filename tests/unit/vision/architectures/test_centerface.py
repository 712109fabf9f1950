"""CenterFace: the canvas that an image is put on."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from skimage import data

from openrek.vision import Engine
from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.runtime.session import Array, Session


class Recorder(Session):
    """Runs another session, and keeps the shapes of its inputs."""

    def __init__(self, session: Session) -> None:
        self._session, self.descriptor = session, session.descriptor
        self.shapes: list[tuple[int, ...]] = []

    def run(self, inputs: Sequence[Array]) -> Mapping[str, Array]:
        """See Session.run."""
        self.shapes += [each.shape for each in inputs]
        return self._session.run(inputs)


@pytest.mark.parametrize(
    ("size", "canvas"),
    [((512, 384), (640, 512)), ((500, 300), (640, 416)), ((300, 512), (416, 640)), ((512, 500), (640, 640))],
    ids=str,
)
def test_the_canvas_is_no_larger_than_the_image_needs(
    engine: Engine, size: tuple[int, int], canvas: tuple[int, int]
) -> None:
    session = Recorder(engine.sessions["centerface"])
    CenterFace(session).detect(np.zeros((size[1], size[0], 3), np.uint8), 0.5)
    assert session.shapes == [(1, 3, canvas[1], canvas[0])]


def test_a_face_is_where_it_is_on_a_square_canvas(engine: Engine) -> None:
    pixels = np.ascontiguousarray(data.astronaut()[:384])  # type: ignore[no-untyped-call]
    square = np.zeros((512, 512, 3), np.uint8)
    square[:384] = pixels
    finder = CenterFace(engine.sessions["centerface"])
    (boxes, confidence, landmarks), expected = finder.detect(pixels, 0.5), finder.detect(square, 0.5)
    assert len(boxes) == len(expected[0]) == 1
    assert confidence == pytest.approx(expected[1], abs=0.02)
    assert boxes == pytest.approx(expected[0], abs=1.5)
    assert landmarks == pytest.approx(expected[2], abs=1.5)
