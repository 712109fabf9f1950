"""Models that can be pulled: fed and decoded as their authors do it, on tiny graphs whose answers are known."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import graphs
from tests.graphs import described

from openrek.vision import EncodedFrame
from openrek.vision.architectures.detr import Detr, RtDetr
from openrek.vision.architectures.resnet import ResNet
from openrek.vision.architectures.sface import TEMPLATE, SFace
from openrek.vision.architectures.yolox import YoloX
from openrek.vision.architectures.yunet import YuNet
from openrek.vision.runtime.session import OnnxSession, Session
from openrek.vision.tasks.task import FACES, OBJECTS

Pixels = NDArray[np.uint8]


class Watched:
    """A session that remembers what it was fed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.descriptor = session.descriptor
        self.fed: list[NDArray[Any]] = []

    def run(self, inputs: Sequence[NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """See Session.run."""
        self.fed = list(inputs)
        return self._session.run(inputs)


def painted(height: int, width: int, *patches: tuple[tuple[int, int, int, int], tuple[int, int, int]]) -> Pixels:
    """A black picture with patches ((left, top, right, bottom), (red, green, blue))."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for (left, top, right, bottom), colour in patches:
        pixels[top:bottom, left:right] = colour
    return pixels


def test_yolox_finds_what_its_graph_sees_in_the_cell_where_it_is(tmp_path: Path) -> None:
    model = YoloX(OnnxSession(described(graphs.yolox(tmp_path / "y.onnx", 64, 64), "yolox", size=[64, 64])))
    # A yellow cell (red, green) is of class 0, a cyan one of class 1; a red one has no objectness.
    image = painted(
        64, 64, ((16, 8, 24, 16), (255, 255, 0)), ((40, 48, 48, 56), (0, 255, 255)), ((0, 56, 8, 64), (255, 0, 0))
    )
    found = model.detect(image, 0.05)
    assert len(found) == 2
    boxes = {int(kind): box for kind, box in zip(found.class_id, found.xyxy, strict=True)}
    assert boxes[0] == pytest.approx([12, 8, 28, 16], abs=1e-3)
    assert boxes[1] == pytest.approx([36, 48, 52, 56], abs=1e-3)
    assert (found.confidence > 0.99).all()


def test_yolox_boxes_are_in_the_picture_s_own_pixels_and_within_it(tmp_path: Path) -> None:
    model = YoloX(OnnxSession(described(graphs.yolox(tmp_path / "y.onnx", 64, 64), "yolox", size=[64, 64])))
    # Twice as large and half as high: cells are 16 pixels, and the lower half of the input is filled up.
    found = model.detect(painted(64, 128, ((112, 0, 128, 16), (255, 255, 0))), 0.05)
    assert found.xyxy == pytest.approx(np.array([[104, 0, 128, 16]]), abs=1e-2)


def test_yolox_is_fed_blue_first_from_0_to_255_on_a_field_of_114(tmp_path: Path) -> None:
    session = Watched(OnnxSession(described(graphs.yolox(tmp_path / "y.onnx", 32, 64), "yolox", size=[32, 64])))
    YoloX(session).detect(np.full((32, 32, 3), (10, 20, 30), np.uint8), 0.05)
    (tensor,) = session.fed
    assert tensor.shape == (1, 3, 32, 64)
    assert tensor.dtype == np.float32
    assert tensor[0, :, 5, 5].tolist() == [30, 20, 10]
    assert tensor[0, :, 5, 40].tolist() == [114, 114, 114]


def test_yolox_sees_nothing_in_the_dark(tmp_path: Path) -> None:
    model = YoloX(OnnxSession(described(graphs.yolox(tmp_path / "y.onnx", 64, 64), "yolox", size=[64, 64])))
    assert len(model.detect(painted(64, 64), 0.05)) == 0


def test_yolox_keeps_one_box_of_those_that_are_the_same(tmp_path: Path) -> None:
    row = painted(64, 64, ((0, 8, 64, 16), (255, 255, 0)))
    for wide, count in ((2, 8), (8, 4)):
        file = graphs.yolox(tmp_path / f"{wide}.onnx", 64, 64, wide)
        # Neighbours overlap by a third at two strides and by seven ninths at eight; there every second is new again.
        found = YoloX(OnnxSession(described(file, "yolox", size=[64, 64]))).detect(row, 0.05)
        assert len(found) == count
        assert (np.diff(found.confidence) <= 0).all()


def test_detr_gives_every_class_of_every_box_that_is_sure_enough(tmp_path: Path) -> None:
    model = Detr(OnnxSession(described(graphs.detr(tmp_path / "d.onnx", 32, 2), "detr", size=[32, 32])))
    bright = np.full((100, 200, 3), 255, np.uint8)
    found = model.detect(bright, 0.05)
    assert found.class_id.tolist() == [0, 1, 0, 1]
    assert found.confidence == pytest.approx([1 / (1 + np.exp(-logit)) for logit in (4, 2, -1, -2)], abs=1e-5)
    # Middle and size as parts of the picture; what reaches beyond it is cut off.
    assert found.xyxy[0] == pytest.approx([80, 30, 120, 70], abs=1e-3)
    assert found.xyxy[1] == pytest.approx([0, 0, 100, 50], abs=1e-3)
    assert found.xyxy[2] == pytest.approx([140, 70, 200, 100], abs=1e-3)
    assert model.detect(bright, 0.3).class_id.tolist() == [0, 1]
    assert len(model.detect(np.zeros((100, 200, 3), np.uint8), 0.05)) == 0


def test_detr_is_fed_the_stretched_picture_red_first_from_0_to_1(tmp_path: Path) -> None:
    session = Watched(OnnxSession(described(graphs.detr(tmp_path / "d.onnx", 32, 2), "detr", size=[32, 32])))
    Detr(session).detect(np.full((10, 90, 3), (255, 0, 51), np.uint8), 0.05)
    (tensor,) = session.fed
    assert tensor[0, :, 31, 31] == pytest.approx([1, 0, 0.2])


def test_rt_detr_of_its_authors_is_told_the_picture_s_width_and_height(tmp_path: Path) -> None:
    session = Watched(OnnxSession(described(graphs.rtdetr(tmp_path / "r.onnx", 32), "rtdetr", size=[32, 32])))
    found = RtDetr(session).detect(np.full((100, 200, 3), 255, np.uint8), 0.05)
    assert session.fed[1].tolist() == [[200, 100]]
    assert session.fed[1].dtype == np.int64
    assert found.class_id.tolist() == [0, 1]
    assert found.confidence == pytest.approx([0.9, 0.6], abs=1e-5)
    assert found.xyxy == pytest.approx(np.array([[0, 0, 200, 50], [50, 25, 150, 75]]), abs=1e-3)


def test_yunet_finds_the_faces_that_opencv_finds_with_the_same_graph(tmp_path: Path) -> None:
    file = graphs.yunet(tmp_path / "f.onnx", 128)
    image = painted(128, 128, ((32, 48, 48, 64), (255, 0, 0)), ((96, 16, 112, 32), (230, 40, 40)))
    theirs = cv2.FaceDetectorYN.create(str(file), "", (128, 128), 0.6, 0.3)
    _, expected = theirs.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    boxes, confidence, landmarks = YuNet(OnnxSession(described(file, "yunet", "faces", size=[128, 128]))).detect(
        image, 0.5
    )
    assert expected.shape == (2, 15)
    expected = expected[np.argsort(-expected[:, 14])]
    corners = np.concatenate([expected[:, :2], expected[:, :2] + expected[:, 2:4]], 1)
    assert boxes == pytest.approx(corners, abs=1e-3)
    assert confidence == pytest.approx(expected[:, 14], abs=1e-4)
    assert landmarks.reshape(2, 10) == pytest.approx(expected[:, 4:14], abs=1e-3)


def test_yunet_s_faces_are_in_the_picture_s_own_pixels(tmp_path: Path) -> None:
    file = graphs.yunet(tmp_path / "f.onnx", 128)
    model = YuNet(OnnxSession(described(file, "yunet", "faces", size=[128, 128])))
    boxes, _, landmarks = model.detect(painted(256, 128, ((32, 192, 64, 224), (255, 0, 0))), 0.5)
    assert boxes == pytest.approx(np.array([[16, 176, 80, 240]]), abs=1e-2)
    assert landmarks[0, 0] == pytest.approx([32, 192], abs=1e-2)
    assert [len(part) for part in model.detect(painted(64, 64), 0.5)] == [0, 0, 0]


def test_sface_embeds_a_face_as_opencv_does_with_the_same_graph(tmp_path: Path, astronaut: bytes) -> None:
    file = graphs.sface(tmp_path / "s.onnx")
    pixels = EncodedFrame.open(astronaut).pixels()
    marks = np.array([[203, 100], [249, 104], [231, 130], [205, 148], [243, 150]], np.float32)
    theirs = cv2.FaceRecognizerSF.create(str(file), "")
    face = np.concatenate([[180, 60, 100, 120], marks.ravel(), [1]]).astype(np.float32)
    aligned = theirs.alignCrop(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), face)
    expected = theirs.feature(aligned)[0]
    vector = SFace(OnnxSession(described(file, "sface", "face_embedding"))).embed(pixels, marks)
    assert vector.shape == (128,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert vector @ (expected / np.linalg.norm(expected)) > 0.9995


def test_sface_is_fed_an_aligned_face_red_first(tmp_path: Path) -> None:
    session = Watched(OnnxSession(described(graphs.sface(tmp_path / "s.onnx"), "sface", "face_embedding")))
    SFace(session).embed(np.full((112, 112, 3), (200, 100, 50), np.uint8), TEMPLATE)
    assert session.fed[0][0, :, 56, 56].tolist() == [200, 100, 50]


def test_an_architecture_that_is_not_for_the_task_is_refused_with_those_that_are(tmp_path: Path) -> None:
    session = OnnxSession(described(graphs.yolox(tmp_path / "y.onnx", 64, 64), "yolov9", size=[64, 64]))
    with pytest.raises(LookupError, match="the architecture yolov9; for objects there are detr, nanodet, rtdetr"):
        OBJECTS.open(session, {})
    with pytest.raises(LookupError, match="yunet"):
        FACES.open(session, {})


@pytest.mark.parametrize("size", [None, 64, [64], [64, 0], ["64", "64"]])
def test_a_descriptor_must_say_how_large_the_input_is(tmp_path: Path, size: object) -> None:
    content: dict[str, Any] = {} if size is None else {"size": size}
    session = OnnxSession(described(graphs.yolox(tmp_path / "y.onnx", 64, 64), "yolox", **content))
    with pytest.raises(LookupError, match=r"input\.size = \[HEIGHT, WIDTH\]"):
        YoloX(session)


def test_resnet_is_fed_as_torchvision_s_are_and_sees_the_middle(tmp_path: Path) -> None:
    file = graphs.classifier(tmp_path / "r.onnx", 28)
    session = OnnxSession(described(file, "resnet", "labels", ("Red", "Green", "Blue"), size=[28, 28]))
    model = ResNet(session)
    image = painted(64, 128, ((30, 0, 98, 64), (255, 0, 0)))
    scores = model.classify(image)
    assert model.exclusive
    assert scores == pytest.approx([(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225], abs=1e-5)
