"""SFace: a face as a point on a sphere. Zhong et al. 2021, https://doi.org/10.1109/TIP.2020.3048632

Aligned and fed as OpenCV's FaceRecognizerSF does it:
https://github.com/opencv/opencv/blob/4.x/modules/objdetect/src/face_recognize.cpp
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.alignment import chip
from openrek.vision.runtime.session import Session

SIDE = 112
LENGTH = 128
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where eyes, nose and mouth corners lie in the faces it was trained on."""

Floats = NDArray[np.float32]


class SFace:
    """Embeds faces."""

    length = LENGTH
    aligned_by_mesh = False

    def __init__(self, session: Session) -> None:
        self._session = session

    def embed(self, pixels: NDArray[np.uint8], landmarks: Floats, mesh: Floats | None = None) -> Floats:
        """(128,), of length 1, of the face with the (5, 2) landmarks in (H, W, 3) RGB."""
        face = chip(pixels, landmarks, TEMPLATE, SIDE)
        tensor = np.ascontiguousarray(face.transpose(2, 0, 1)[None], np.float32)
        (vector,) = self._session.run([tensor]).values()
        flat = vector.reshape(-1)
        return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-12), np.float32)
