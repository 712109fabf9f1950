"""Where a face lies in the pixels that its networks see."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openrek.vision.quarter_turns import quarters_of, turned_boxes, turned_points

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FacePosition:
    """A face in (H, W, 3) pixels."""

    xyxy: Floats
    """(4,): left, top, right, bottom."""
    landmarks: Floats
    """(5, 2): eye, eye, nose, mouth corner, mouth corner; of the upright face the left one first."""
    pose: Floats
    """(3,): roll, yaw, pitch in degrees."""

    @cached_property
    def key(self) -> bytes:
        """Equal for equal faces of the same pixels."""
        return b"".join(np.ascontiguousarray(part).tobytes() for part in (self.xyxy, self.landmarks, self.pose))

    @property
    def quarters(self) -> int:
        """Quarter turns of the pixels, 0 to 3, counter-clockwise, after which the face is within 45° of upright."""
        return quarters_of(float(self.pose[0]))

    def turned(self, width: int, height: int) -> Self:
        """The face in the pixels after these quarter turns.

        Args:
            width: Of the pixels before.
            height: Likewise.
        """
        if not self.quarters:
            return self
        boxes = turned_boxes(self.xyxy[None], width, height, self.quarters)
        pose = self.pose - np.array([(90 * self.quarters + 180) % 360 - 180, 0, 0], np.float32)
        pose[0] = (pose[0] + 180) % 360 - 180
        return replace(
            self,
            xyxy=boxes[0],
            landmarks=turned_points(self.landmarks, width, height, self.quarters),
            pose=np.asarray(pose, np.float32),
        )
