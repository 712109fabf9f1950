"""Where a face lies in the pixels that its networks see."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FacePlace:
    """A face in (H, W, 3) pixels."""

    xyxy: Floats
    """(4,): left, top, right, bottom."""
    landmarks: Floats
    """(5, 2): eye, eye, nose, mouth corner, mouth corner; the left one in the image first."""
    pose: Floats
    """(3,): roll, yaw, pitch in degrees."""

    @cached_property
    def key(self) -> bytes:
        """Equal for equal faces of the same pixels."""
        return b"".join(np.ascontiguousarray(part).tobytes() for part in (self.xyxy, self.landmarks, self.pose))
