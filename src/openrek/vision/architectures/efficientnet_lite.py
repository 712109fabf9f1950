"""EfficientNet-lite0, trained on ImageNet's 1000 classes.

https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.protocols import Observation
from openrek.vision.architectures.tensors import channels_first
from openrek.vision.runtime.session import Session

SIDE = 224
_CROP = 0.875
_FEATURES = "features"

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


class EfficientNetLite:
    """What an image as a whole is of, and the features that other heads are trained on."""

    exclusive = True

    def __init__(self, session: Session) -> None:
        self._session = session

    def classify(self, pixels: Pixels) -> Floats:
        """(1000,): logit of each class, for (H, W, 3) RGB."""
        return self.observe(pixels).logits

    def observe(self, pixels: Pixels) -> Observation:
        """Logits and (7, 7, 1280) features of the centre of (H, W, 3) RGB, scaled to a short side of 256."""
        short = round(SIDE / _CROP)
        height, width = pixels.shape[:2]
        scale = short / min(height, width)
        size = (max(short, round(width * scale)), max(short, round(height * scale)))
        resized = _resize(pixels, size, scale)
        top, left = (size[1] - SIDE) // 2, (size[0] - SIDE) // 2
        return self._run(resized[top : top + SIDE, left : left + SIDE])

    def observe_whole(self, pixels: Pixels) -> Observation:
        """Logits and features of all of (H, W, 3) RGB, stretched to a square."""
        return self._run(_resize(pixels, (SIDE, SIDE), SIDE / min(pixels.shape[:2])))

    def _run(self, square: Pixels) -> Observation:
        outputs = self._session.run([channels_first(square, 127, 128)])
        logits = next(iter(outputs.values()))
        features = outputs.get(_FEATURES)
        return Observation(
            np.asarray(logits[0], np.float32), None if features is None else np.asarray(features[0], np.float32)
        )


def _resize(pixels: Pixels, size: tuple[int, int], scale: float) -> Pixels:
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=interpolation), np.uint8)
