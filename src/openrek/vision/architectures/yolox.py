"""YOLOX: one-stage detector without anchors. Ge et al. 2021, https://arxiv.org/abs/2107.08430

Fed and decoded as the authors' own ONNX demonstration does it:
https://github.com/Megvii-BaseDetection/YOLOX/tree/main/demo/ONNXRuntime
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import letterbox, suppress
from openrek.vision.results import Detections
from openrek.vision.runtime.session import Session

STRIDES = (8, 16, 32)
_FILL = 114
_NMS_IOU = 0.65
_MAX = 100

Floats = NDArray[np.float32]


class YoloX:
    """Objects of the classes in the model's labels. The graph takes (1, 3, H, W) and gives (1, cells, 5 + classes)."""

    def __init__(self, session: Session) -> None:
        """
        Raises:
            LookupError: the descriptor does not say how large the input is.
        """
        self._session = session
        self._height, self._width = session.descriptor.input_size
        self._cells, self._strides = _grid(self._height, self._width)

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""
        boxed, scale = letterbox(pixels, self._width, self._height)
        shown = [max(1, round(side * scale)) for side in pixels.shape[:2]]
        boxed[shown[0] :] = _FILL
        boxed[:, shown[1] :] = _FILL
        # Blue, green, red from 0 to 255: the released networks were trained on OpenCV's order, without normalisation.
        tensor = np.ascontiguousarray(boxed[..., ::-1].transpose(2, 0, 1)[None], np.float32)
        (output,) = self._session.run([tensor]).values()
        found = output[0]
        classes = found[:, 5:].argmax(axis=1)
        confidence = found[:, 4] * found[np.arange(len(found)), 5 + classes]
        indices = np.flatnonzero(confidence > minimum)
        xyxy = _decode(found[indices, :4], self._cells[indices], self._strides[indices])
        confidence, class_id = confidence[indices].astype(np.float32), classes[indices].astype(np.int32)
        kept = suppress(xyxy, confidence, class_id, _NMS_IOU, _MAX)
        found_here = Detections(xyxy[kept], confidence[kept], class_id[kept])
        return found_here.scaled((1 / scale, 1 / scale), pixels.shape[1], pixels.shape[0])


def _grid(height: int, width: int) -> tuple[Floats, Floats]:
    """(cells, 2): column and row of every cell, finest grid first; and (cells, 1): their strides."""
    cells, strides = [], []
    for stride in STRIDES:
        x, y = np.meshgrid(np.arange(width // stride), np.arange(height // stride))
        cells.append(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32))
        strides.append(np.full((len(cells[-1]), 1), stride, np.float32))
    return np.concatenate(cells), np.concatenate(strides)


def _decode(raw: Floats, cells: Floats, strides: Floats) -> Floats:
    """Centres are offsets from the cell's corner in strides, sides logarithms of strides."""
    centre = (raw[:, :2] + cells) * strides
    half = np.exp(np.clip(raw[:, 2:], -20, 20)) * strides / 2
    return np.concatenate([centre - half, centre + half], 1).astype(np.float32)
