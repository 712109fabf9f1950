"""EfficientNet-lite0, trained on ImageNet's 1000 classes.

https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.runtime.session import Session

SIDE = 224
_CROP = 0.875


class EfficientNetLite:
    """What an image as a whole is of."""

    exclusive = True

    def __init__(self, session: Session) -> None:
        self._session = session

    def classify(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(1000,): logit of each class, for (H, W, 3) RGB."""
        short = round(SIDE / _CROP)
        height, width = pixels.shape[:2]
        scale = short / min(height, width)
        size = (max(short, round(width * scale)), max(short, round(height * scale)))
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        resized = cv2.resize(pixels, size, interpolation=interpolation)
        top, left = (size[1] - SIDE) // 2, (size[0] - SIDE) // 2
        crop = np.asarray(resized[top : top + SIDE, left : left + SIDE], np.uint8)
        (logits,) = self._session.run([channels_first(crop, 127, 128)]).values()
        return np.asarray(logits[0], np.float32)
