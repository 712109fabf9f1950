"""Classifiers fed as torchvision's are: ResNet and others, of any labels; He et al. 2015, https://arxiv.org/abs/1512.03385

Places365's are such: http://places2.csail.mit.edu, https://github.com/CSAILVision/places365
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.runtime.session import Session

# Of ImageNet's images, in 0 to 1.
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_STD = np.array([0.229, 0.224, 0.225], np.float32)
_CROP = 224 / 256


class ResNet:
    """What an image as a whole is of. The graph takes (1, 3, H, W) and gives (1, labels) logits."""

    exclusive = True

    def __init__(self, session: Session) -> None:
        self._session = session
        self._height, self._width = session.descriptor.input_size

    def classify(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(labels,): logit of each label, for (H, W, 3) RGB: of its middle, the short side cut by an eighth."""
        height, width = pixels.shape[:2]
        scale = max(self._height / height, self._width / width) / _CROP
        size = (max(self._width, round(width * scale)), max(self._height, round(height * scale)))
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        resized = cv2.resize(pixels, size, interpolation=interpolation)
        top, left = (size[1] - self._height) // 2, (size[0] - self._width) // 2
        crop = resized[top : top + self._height, left : left + self._width].astype(np.float32) / 255
        tensor = np.ascontiguousarray(((crop - _MEAN) / _STD).transpose(2, 0, 1)[None], np.float32)
        (logits,) = self._session.run([tensor]).values()
        return np.asarray(logits[0], np.float32)
