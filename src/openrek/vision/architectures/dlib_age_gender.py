"""dlib's age and gender networks, by Cydral Technology. https://github.com/davisking/dlib-models"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures import dlib_resnet
from openrek.vision.architectures.tensors import channels_first
from openrek.vision.faces.alignment import chip
from openrek.vision.runtime.session import Session

AGE_SIDE = 64
GENDER_SIDE = 32
_PADDING, _RESNET_PADDING = 0.2, 0.25
# Of ImageNet, as dlib subtracts them.
_MEAN = np.array([122.782, 117.001, 104.298], np.float32)
# Their author counts the first class, babies, as a quarter of a year.
_YEARS = np.append(np.float32(0.25), np.arange(1, 81, dtype=np.float32))

Floats = NDArray[np.float32]


class DlibAge:
    """Estimates ages."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def estimate(self, pixels: NDArray[np.uint8], landmarks: Floats) -> float:
        """Expected years, 0.25 to 80, of the face with the (5, 2) landmarks in (H, W, 3) RGB."""
        return float(_run(self._session, pixels, landmarks, AGE_SIDE) @ _YEARS)


class DlibGender:
    """Classifies gender."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def man(self, pixels: NDArray[np.uint8], landmarks: Floats) -> float:
        """Probability, 0 to 1, that the face with the (5, 2) landmarks in (H, W, 3) RGB is a man's."""
        return float(_run(self._session, pixels, landmarks, GENDER_SIDE)[1])


def _template(side: int) -> Floats:
    """The landmarks in a chip with a margin of `_PADDING` of the face's side, from those in the recogniser's."""
    resnet = dlib_resnet.TEMPLATE / dlib_resnet.SIDE * (1 + 2 * _RESNET_PADDING) - _RESNET_PADDING
    return np.asarray((resnet + _PADDING) / (1 + 2 * _PADDING) * side, np.float32)


def _run(session: Session, pixels: NDArray[np.uint8], landmarks: Floats, side: int) -> Floats:
    face = chip(pixels, landmarks, _template(side), side)
    return np.asarray(session.run([channels_first(face, _MEAN, 256)])["probabilities"][0], np.float32)
