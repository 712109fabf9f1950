"""Which way a head is turned, from five landmarks."""

import cv2
import numpy as np
from numpy.typing import NDArray

# A generic head in millimetres, x to the right in the image, y down, z away from the camera, origin between the
# pupils, which are 62 apart (the adult mean). Where nose and mouth lie below them is the mean of 1,088 portraits of
# Labeled Faces in the Wild, whose mean pitch so is 0.
_HEAD = np.array(
    [[-31, 0, 0], [31, 0, 0], [0, 33, -28], [-25.4, 58.2, 0], [25.4, 58.2, 0]],
    np.float64,
)
# The camera looks at the middle of the landmarks, from so many times as far as the farthest of them is from there:
# about a metre. The position in the image does not depend on the lens, because images are cropped and padded.
_AWAY = 24.0


def head_pose(landmarks: NDArray[np.float32]) -> tuple[float, float, float]:
    """Roll, yaw and pitch in degrees, -180 to 180: clockwise tilt, turned to the image's right, raised.

    Args:
        landmarks: (5, 2): eyes, nose, mouth corners, the left ones in the image first; in pixels of any image.

    Returns:
        Angles of the generic head that projects closest to the landmarks (cv2.solvePnP, SQPnP: Terzakis and
        Lourakis 2020). Five points place a head roughly: expect ±10°.
    """
    points = landmarks.astype(np.float64)
    points = points - points.mean(axis=0)
    focal = _AWAY * max(float(np.linalg.norm(points, axis=1).max()), 1e-6)
    camera = np.array([[focal, 0, 0], [0, focal, 0], [0, 0, 1]])
    eyes = points[1] - points[0]
    try:
        solved, rotation, _ = cv2.solvePnP(_HEAD, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    except cv2.error:  # landmarks that all fall together place no head
        solved = False
    if not solved:
        return float(np.degrees(np.arctan2(eyes[1], eyes[0]))), 0.0, 0.0
    turned, _ = cv2.Rodrigues(rotation)
    # Angles about z (roll), y (yaw), x (pitch), in the order the head makes them.
    roll = np.degrees(np.arctan2(turned[1, 0], turned[0, 0]))
    yaw = -np.degrees(np.arcsin(np.clip(-turned[2, 0], -1, 1)))
    pitch = -np.degrees(np.arctan2(turned[2, 1], turned[2, 2]))
    return float(roll), float(yaw), float(pitch)
