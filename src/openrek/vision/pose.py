"""Which way a head is turned, from five landmarks."""

import cv2
import numpy as np
from numpy.typing import NDArray

# A generic head in millimetres, x to the right in the picture, y down, z away from the camera, origin between the
# eyes' outer parts: pupils 62 mm apart (the adult mean), the nose's tip 23 mm in front of them.
_HEAD = np.array(
    [[-31, 0, 0], [31, 0, 0], [0, 35, -23], [-25, 67, -3], [25, 67, -3]],
    np.float64,
)


def head_pose(landmarks: NDArray[np.float32], width: int, height: int) -> tuple[float, float, float]:
    """Roll, yaw and pitch in degrees, -180 to 180: clockwise tilt, turned to the picture's right, raised.

    Args:
        landmarks: (5, 2): eyes, nose, mouth corners, the left ones in the picture first.
        width: Of the picture in pixels.
        height: Of the picture in pixels.

    Returns:
        Angles of the generic head that projects closest to the landmarks (cv2.solvePnP, SQPnP: Terzakis and
        Lourakis 2020) through a camera of 53° angle of view. Five points place a head roughly: expect ±10°.
    """
    focal = float(max(width, height))
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    eyes = landmarks[1] - landmarks[0]
    try:
        solved, rotation, _ = cv2.solvePnP(_HEAD, landmarks.astype(np.float64), camera, None, flags=cv2.SOLVEPNP_SQPNP)
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
