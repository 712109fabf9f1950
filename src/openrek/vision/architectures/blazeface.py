"""BlazeFace, the back camera's model. Bazarevsky et al. 2019, https://arxiv.org/abs/1907.05047"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_last
from openrek.vision.boxes import letterbox, suppress
from openrek.vision.runtime.session import Session

SIDE = 256
_NMS_IOU = 0.3
_MAX = 100
# Anchors: two in each cell of a 16 × 16 grid, six in each of an 8 × 8 grid; only their centres matter.
_GRIDS = ((16, 2), (8, 6))

Floats = NDArray[np.float32]


class BlazeFace:
    """Faces with eyes, nose and the middle of the mouth."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._anchors = np.concatenate([_anchors(grid, count) for grid, count in _GRIDS])

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> tuple[Floats, Floats, Floats]:
        """(N, 4) boxes, (N,) confidences and (N, 4, 2) points in (H, W, 3) RGB, most confident first.

        The points: the left eye in the image, the other eye, the nose, the middle of the mouth.
        """
        boxed, scale = letterbox(pixels, SIDE, SIDE)
        outputs = {
            value.shape[1:]: value[0] for value in self._session.run([channels_last(boxed, 127.5, 127.5)]).values()
        }
        counts = [grid * grid * count for grid, count in _GRIDS]
        logits = np.concatenate([outputs[(count, 1)] for count in counts])[:, 0]
        boxes = np.concatenate([outputs[(count, 16)] for count in counts])
        confidence = (1 / (1 + np.exp(-np.clip(logits, -80, 80)))).astype(np.float32)
        indices = np.flatnonzero(confidence > minimum)
        boxes, anchors, confidence = boxes[indices], self._anchors[indices], confidence[indices]
        centre, half = boxes[:, :2] + anchors, boxes[:, 2:4] / 2
        xyxy = np.concatenate([centre - half, centre + half], 1).astype(np.float32)
        points = (boxes[:, 4:12].reshape(-1, 4, 2) + anchors[:, None]).astype(np.float32)
        kept = suppress(xyxy, confidence, None, _NMS_IOU, _MAX)
        return xyxy[kept] / np.float32(scale), confidence[kept], points[kept] / np.float32(scale)


def _anchors(grid: int, count: int) -> Floats:
    steps = (np.arange(grid, dtype=np.float32) + 0.5) * (SIDE / grid)
    x, y = np.meshgrid(steps, steps)
    return np.repeat(np.stack([x.ravel(), y.ravel()], 1), count, axis=0)
