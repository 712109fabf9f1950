"""SSDLite on MobileNetV2, the TensorFlow detection zoo's COCO model.

Liu et al. 2016, https://arxiv.org/abs/1512.02325; Sandler et al. 2018, https://arxiv.org/abs/1801.04381
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import resize, suppress
from openrek.vision.results import Detections
from openrek.vision.runtime.session import Session

SIDE = 300
_NMS_IOU = 0.6
_MAX = 100

# The model's 90 outputs are COCO's category ids less one; ten ids have no class. These are the ids of the 80 classes.
_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
_CATEGORIES = np.array([category for category in range(1, 91) if category not in _GAPS])


class SsdLite:
    """Objects of the 80 COCO classes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""
        tensor = resize(pixels, (SIDE, SIDE)).astype(np.float32)[None] * np.float32(1 / 127.5) - 1
        outputs = list(self._session.run([tensor]).values())
        corners = next(value for value in outputs if value.shape[-1] == 4).reshape(-1, 4)
        scores = next(value for value in outputs if value.shape[-1] != 4)[0][:, _CATEGORIES - 1]
        anchors, classes = np.nonzero(scores > minimum)
        xyxy = corners[anchors][:, [1, 0, 3, 2]].astype(np.float32)
        confidence = scores[anchors, classes].astype(np.float32)
        kept = suppress(xyxy, confidence, classes.astype(np.int32), _NMS_IOU, _MAX)
        found = Detections(xyxy[kept], confidence[kept], classes[kept].astype(np.int32))
        height, width = pixels.shape[:2]
        return found.scaled((width, height), width, height)
