"""CenterFace: faces as points with five landmarks. Xu et al. 2019, https://arxiv.org/abs/1911.03599"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.boxes import fitted, letterbox, suppress
from openrek.vision.runtime.session import Session

SIDES = (320, 640)
"""Canvases: for images of at most _SMALL pixels a side, and for others."""
# Faces are lost where a small image is enlarged much: they look unlike those it learnt from.
_SMALL = 400
_STRIDE = 4
_STEP = 32
# Faces that the image cuts are found with black beside them: one more in each set of 150 photos.
_MARGIN = 32
_NMS_IOU = 0.3
_MAX = 1000

Floats = NDArray[np.float32]


class CenterFace:
    """Faces with eyes, nose and mouth corners."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> tuple[Floats, Floats, Floats]:
        """(N, 4) boxes, (N,) confidences and (N, 5, 2) landmarks in (H, W, 3) RGB, most confident first."""
        side = SIDES[max(pixels.shape[:2]) > _SMALL]
        boxed, scale = letterbox(pixels, *fitted(pixels.shape[1], pixels.shape[0], side, _STEP, _MARGIN))
        outputs = list(self._session.run([channels_first(boxed)]).values())
        # By channels: heat 1, size 2, offset 2, landmarks 10; size comes before offset in the graph.
        heat = next(value for value in outputs if value.shape[1] == 1)[0, 0]
        size, offset = (value[0] for value in outputs if value.shape[1] == 2)
        marks = next(value for value in outputs if value.shape[1] == 10)[0]
        y, x = np.nonzero(heat > minimum)
        height, width = (np.exp(size[axis, y, x]) * _STRIDE for axis in (0, 1))
        top = (y + offset[0, y, x] + 0.5) * _STRIDE - height / 2
        left = (x + offset[1, y, x] + 0.5) * _STRIDE - width / 2
        landmarks = np.stack(
            [
                np.stack([marks[2 * point + 1, y, x] * width + left, marks[2 * point, y, x] * height + top], -1)
                for point in range(5)
            ],
            axis=1,
        )
        xyxy = np.stack([left, top, left + width, top + height], 1).astype(np.float32)
        confidence = heat[y, x].astype(np.float32)
        kept = suppress(xyxy, confidence, None, _NMS_IOU, _MAX)
        return (
            xyxy[kept] / np.float32(scale),
            confidence[kept],
            landmarks[kept].astype(np.float32) / np.float32(scale),
        )
