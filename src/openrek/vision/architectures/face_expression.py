"""face-api.js's expression network. https://github.com/justadudewhohacks/face-api.js"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.faces.crops import around, cut
from openrek.vision.runtime.session import Session

SIDE = 112

Floats = NDArray[np.float32]


class FaceExpression:
    """Reads expressions."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.names = session.descriptor.labels

    def read(self, pixels: NDArray[np.uint8], xyxy: Floats) -> Floats:
        """(7,): probabilities of `names`, together 1, of the face in the (4,) box of (H, W, 3) RGB."""
        face = cut(pixels, around(xyxy, 1.0, SIDE), SIDE)
        tensor = channels_first(face)
        return np.asarray(self._session.run([tensor])["probabilities"][0], np.float32)
