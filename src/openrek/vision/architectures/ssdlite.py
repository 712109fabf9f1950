"""SSDLite on MobileNetV2, the TensorFlow detection zoo's COCO model.

Liu et al. 2016, https://arxiv.org/abs/1512.02325; Sandler et al. 2018, https://arxiv.org/abs/1801.04381
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_last
from openrek.vision.boxes import resize, suppress
from openrek.vision.results import Detections
from openrek.vision.runtime.session import Session

SIDE = 300
_NMS_IOU = 0.6
_MAX = 100

# The model's 90 outputs are COCO's category ids less one; ten ids have no class. These are the classes of the outputs,
# -1 where there is none.
_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
_CATEGORIES = [category for category in range(1, 91) if category not in _GAPS]
_CLASSES = np.full(90, -1, np.int32)
_CLASSES[np.array(_CATEGORIES) - 1] = np.arange(len(_CATEGORIES))


class SsdLite:
    """Objects of the 80 COCO classes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""
        tensor = channels_last(resize(pixels, (SIDE, SIDE)), 127.5, 127.5)
        outputs = list(self._session.run([tensor]).values())
        corners = next(value for value in outputs if value.shape[-1] == 4).reshape(-1, 4)
        scores = next(value for value in outputs if value.shape[-1] != 4)[0]
        likely = np.flatnonzero(scores > minimum)
        anchors, categories = np.divmod(likely, scores.shape[1])
        classes = _CLASSES[categories]
        known = np.flatnonzero(classes >= 0)
        classes, xyxy = classes[known], corners[anchors[known]][:, [1, 0, 3, 2]]
        confidence = scores.reshape(-1)[likely[known]]
        kept = suppress(xyxy, confidence, classes, _NMS_IOU, _MAX)
        found = Detections(xyxy[kept], confidence[kept], classes[kept])
        height, width = pixels.shape[:2]
        return found.scaled((width, height), width, height)
