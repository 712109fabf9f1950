"""MediaPipe's iris model: where the iris is in an eye. Ablavatski et al. 2020, https://arxiv.org/abs/2006.11341"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.crops import around, back, cut
from openrek.vision.runtime.session import Session

SIDE = 64
_CONTOUR = 71
_TIMES = 2.3

Floats = NDArray[np.float32]


class Iris:
    """Finds irises."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, pixels: NDArray[np.uint8], corners: Floats, *, mirrored: bool) -> Floats:
        """(2,): the middle of the iris, in pixels of (H, W, 3) RGB.

        Args:
            pixels: (H, W, 3) RGB.
            corners: (2, 2): the eye's corners, the left one in the image first; the square is turned so that they
                are level.
            mirrored: The eye is the right one in the image. The network knows the left one.
        """
        half = np.linalg.norm(corners[1] - corners[0]) / 2
        middle, across = corners.mean(axis=0), corners[1] - corners[0]
        box = np.concatenate([middle - half, middle + half]).astype(np.float32)
        matrix = around(box, _TIMES, SIDE, float(np.arctan2(across[1], across[0])))
        eye = cut(pixels, matrix, SIDE).astype(np.float32) / np.float32(255)
        shown = np.ascontiguousarray(eye[:, ::-1] if mirrored else eye)
        (points,) = self._session.run([shown[None]]).values()
        # The contour of the eye and its brow comes first, then the iris: its middle and four points of its edge.
        x, y = points.reshape(-1, 3)[_CONTOUR, :2]
        return np.asarray(back(np.array([[SIDE - x if mirrored else x, y]], np.float32), matrix)[0], np.float32)
