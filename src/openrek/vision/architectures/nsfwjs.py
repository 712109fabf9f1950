"""NSFWJS: MobileNetV2 with five classes. https://github.com/infinitered/nsfwjs"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_last
from openrek.vision.boxes import resize_smoothly
from openrek.vision.runtime.session import Session

SIDE = 224


class NsfwJs:
    """Drawing, hentai, neutral, porn or sexy."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def classify(self, pixels: NDArray[np.uint8]) -> dict[str, float]:
        """Probability of each class by its lower-case name, for (H, W, 3) RGB."""
        tensor = channels_last(resize_smoothly(pixels, (SIDE, SIDE)), 0, 255)
        (scores,) = self._session.run([tensor]).values()
        return {
            name.lower(): float(score) for name, score in zip(self._session.descriptor.labels, scores[0], strict=True)
        }
