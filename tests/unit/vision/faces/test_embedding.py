"""Faces are aligned by landmarks and mesh before they are embedded."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Engine
from openrek.vision.architectures.dlib_resnet import LENGTH, MESH, MESH_TEMPLATE, SIDE, TEMPLATE, DlibResNet

Floats = NDArray[np.float32]


class Mirror:
    """A session that keeps what it is fed, and answers the same vector always."""

    descriptor: Any = None

    def __init__(self) -> None:
        self.fed: list[Floats] = []

    def run(self, inputs: Sequence[NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        self.fed.append(inputs[0])
        return {"embedding": np.ones((1, LENGTH), np.float32)}


def mesh_at(places: Floats) -> Floats:
    points = np.zeros((468, 3), np.float32)
    points[list(MESH), :2] = places
    return points


def test_dlib_s_own_points_lie_symmetrical_about_the_nose() -> None:
    middle = MESH_TEMPLATE[4, 0]
    assert (MESH_TEMPLATE[0] + MESH_TEMPLATE[3])[0] / 2 == pytest.approx(middle, abs=0.1)
    assert (MESH_TEMPLATE[1] + MESH_TEMPLATE[2])[0] / 2 == pytest.approx(middle, abs=0.1)


def test_a_face_that_lies_right_is_fed_as_it_is_with_and_without_a_mesh(astronaut: bytes) -> None:
    pixels = np.asarray(cv2.resize(EncodedFrame.open(astronaut).pixels(), (SIDE, SIDE)), np.uint8)
    session = Mirror()
    net = DlibResNet(session)
    net.embed(pixels, TEMPLATE)
    net.embed(pixels, TEMPLATE, mesh_at(MESH_TEMPLATE))
    for fed in session.fed[0], session.fed[2]:
        assert np.abs(fed[0].transpose(1, 2, 0) - pixels).mean() < 1
    assert session.fed[1] == pytest.approx(session.fed[0][..., ::-1])


def test_landmarks_and_mesh_have_the_same_say() -> None:
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[60:90, 60:90] = 255
    session = Mirror()
    net = DlibResNet(session)
    shift = np.array([20, 0], np.float32)
    net.embed(pixels, TEMPLATE)
    net.embed(pixels, TEMPLATE, mesh_at(MESH_TEMPLATE + shift))
    columns = [np.argwhere(fed[0, 0].max(axis=0) > 127).mean() for fed in session.fed[::2]]
    assert columns[1] - columns[0] == pytest.approx(-10, abs=1.5)


def test_the_served_vector_is_of_the_face_aligned_by_both(engine: Engine, astronaut: bytes) -> None:
    image = EncodedFrame.open(astronaut)
    face = engine.analysis(image).faces.largest(1)
    (vector,) = engine.analysis(image).embeddings(face)
    (attributes,) = engine.analysis(image).attributes(face, frozenset({"mesh"}))
    assert attributes.mesh is not None
    net: Any = engine._models.embedding._model
    both, alone = (net.embed(image.pixels(), face.landmarks[0], mesh) for mesh in (attributes.mesh, None))
    assert vector @ both == pytest.approx(1, abs=1e-4)
    assert vector @ alone < 0.9999


def test_vectors_aligned_by_another_mesh_are_of_another_version(engine: Engine) -> None:
    hashes = {model.name: model.sha256[:8] for model in engine.models}
    assert engine.face_model == f"dlib_resnet-{hashes['face_embedding']}-{hashes['facemesh']}"
