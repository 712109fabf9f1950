"""MediaPipe's face mesh: 468 points of a face's surface. Kartynnik et al. 2019, https://arxiv.org/abs/1907.06724"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.crops import around, back, cut
from openrek.vision.runtime.session import Session

SIDE = 192
POINTS = 468
_TIMES = 1.5
MIN = 0.5
"""Where the network is less sure that it sees a face, its points mean nothing."""

Floats = NDArray[np.float32]


class FaceMesh:
    """Lays the mesh over faces."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lay(self, pixels: NDArray[np.uint8], xyxy: Floats, landmarks: Floats) -> tuple[Floats, float]:
        """Points of the face in the (4,) box, and the probability, 0 to 1, that the network was shown a face.

        Args:
            pixels: (H, W, 3) RGB.
            xyxy: (4,)
            landmarks: (5, 2): the eyes first; the square is turned so that they are level.

        Returns:
            (468, 3): x and y in pixels of the image; z in the same unit, falling towards the camera.
        """
        across = landmarks[1] - landmarks[0]
        matrix = around(xyxy, _TIMES, SIDE, float(np.arctan2(across[1], across[0])))
        face = cut(pixels, matrix, SIDE).astype(np.float32) / np.float32(255)
        outputs = self._session.run([face[None]])
        points = outputs["landmarks"].reshape(POINTS, 3)
        scale = np.float32(np.hypot(matrix[0, 0], matrix[1, 0]))
        return np.c_[back(points[:, :2], matrix), points[:, 2] / scale], float(outputs["face"].ravel()[0])
