"""NanoDet: one-stage detector with distributions as box sides.

https://github.com/RangiLyu/nanodet; the box head is Generalized Focal Loss, Li et al. 2020, https://arxiv.org/abs/2006.04388
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.boxes import fitted, letterbox, suppress
from openrek.vision.results import Detections
from openrek.vision.runtime.session import Session

SIDE = 416
STRIDES = (8, 16, 32)
# Blue, green, red: this network was trained on OpenCV's order.
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_STD = np.array([57.375, 57.12, 58.395], np.float32)
_NMS_IOU = 0.6
_MAX = 100


class NanoDet:
    """Objects of the 80 COCO classes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._classes = len(session.descriptor.labels)
        self._step: int | None = session.descriptor.input.get("step")

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""
        canvas = self._canvas(pixels.shape[1], pixels.shape[0])
        boxed, scale = letterbox(pixels, *canvas)
        outputs = self._session.run([channels_first(boxed, _MEAN, _STD, reverse=True)]).values()
        scores = {value.shape[1]: value[0] for value in outputs if value.shape[2] == self._classes}
        sides = {value.shape[1]: value[0] for value in outputs if value.shape[2] != self._classes}
        boxes, confidence, class_id = [], [], []
        for stride in STRIDES:
            columns, rows = canvas[0] // stride, canvas[1] // stride
            of_cells = scores[columns * rows]
            likely = np.flatnonzero(of_cells > minimum)
            cells, classes = np.divmod(likely, self._classes)
            boxes.append(_decode(sides[columns * rows][cells], _centres(cells, columns, stride), stride))
            confidence.append(of_cells.reshape(-1)[likely])
            class_id.append(classes.astype(np.int32))
        found = Detections(np.concatenate(boxes), np.concatenate(confidence), np.concatenate(class_id))
        kept = found.take(suppress(found.xyxy, found.confidence, found.class_id, _NMS_IOU, _MAX))
        return kept.scaled((1 / scale, 1 / scale), pixels.shape[1], pixels.shape[0])

    def _canvas(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of what an image is fed in: a square, or what it needs of it where the model takes that."""
        return (SIDE, SIDE) if self._step is None else fitted(width, height, SIDE, self._step)


def _centres(cells: NDArray[np.intp], columns: int, stride: int) -> NDArray[np.float32]:
    """(N, 2): x and y of the cells' centres in input pixels; cells are counted row by row."""
    return (np.stack([cells % columns, cells // columns], 1) + 0.5).astype(np.float32) * stride


def _decode(sides: NDArray[np.float32], centres: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
    """Distances to the four sides are the expectations of distributions over whole strides."""
    logits = sides.reshape(len(sides), 4, sides.shape[1] // 4)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    steps = np.arange(logits.shape[2], dtype=np.float32)
    distance = (weights @ steps) / weights.sum(axis=2) * stride
    return np.concatenate([centres - distance[:, :2], centres + distance[:, 2:]], axis=1).astype(np.float32)
