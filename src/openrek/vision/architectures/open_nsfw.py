"""Open NSFW: ResNet-50-thin with one question. https://github.com/yahoo/open_nsfw"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_last
from openrek.vision.boxes import resize_smoothly
from openrek.vision.runtime.session import Session

SIDE = 224
_RESIZED = 256
# Blue, green, red: Caffe's order.
_MEAN = np.array([104, 117, 123], np.float32)


class OpenNsfw:
    """Not suitable for work, or suitable."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def classify(self, pixels: NDArray[np.uint8]) -> float:
        """Probability that (H, W, 3) RGB is not suitable for work."""
        edge = (_RESIZED - SIDE) // 2
        crop = resize_smoothly(pixels, (_RESIZED, _RESIZED))[edge : edge + SIDE, edge : edge + SIDE]
        (scores,) = self._session.run([np.ascontiguousarray(channels_last(crop[..., ::-1], _MEAN))]).values()
        return float(scores[0, 1])
