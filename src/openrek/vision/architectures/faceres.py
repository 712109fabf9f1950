"""faceres: age, gender and features of a face. Savchenko 2019, https://doi.org/10.7717/peerj-cs.197"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.crops import around, cut
from openrek.vision.runtime.session import Session

SIDE = 224
FEATURES = 1024
# Hair and chin are within the square.
_TIMES = 1.2

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The network's output for one face."""

    man: float
    """Probability, 0 to 1."""
    years: Floats
    """(100,): probability of each year from 1."""
    features: Floats
    """(1024,)"""


class FaceRes:
    """Judges faces."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def judge(self, pixels: NDArray[np.uint8], xyxy: Floats) -> Judgement:
        """The face in the (4,) box of (H, W, 3) RGB."""
        face = cut(pixels, around(xyxy, _TIMES, SIDE), SIDE)
        outputs = self._session.run([face[None].astype(np.float32)])
        return Judgement(float(outputs["gender"][0, 0]), outputs["age"][0], outputs["features"][0])
