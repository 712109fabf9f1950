"""Where eyes look, from their corners, their irises and the way the head is turned."""

import numpy as np
from numpy.typing import NDArray

EYES = ((33, 133), (362, 263))
"""Corners of the eyes in MediaPipe's mesh, in the image from left to right."""
# Millimetres. An iris is 11.7 wide in everybody, within half a millimetre (Rüfer et al. 2005, Cornea 24:259-261), and
# 0.371 of the distance between the corners in 1,088 portraits of Labeled Faces in the Wild.
_EYE_WIDTH = 31.5
# The pupil lies this far in front of the point that the eyeball turns about, and the corners this far.
_PUPIL = 10.5
_CORNERS = 5.5
# Of eyes that look ahead the iris is above the line between the corners: the mean of those portraits.
_ABOVE = 1.41
# Eyes look together. How far their irises are apart, as part of an eye's width, where their word counts half.
_APART = 0.2
# From this ratio of height to width on, an eye is open enough to show its iris.
_OPEN = 0.2
# How sure the direction of unseen eyes is.
_UNSEEN = 0.05

Floats = NDArray[np.float32]


def ahead(pose: Floats) -> tuple[float, float, float]:
    """The gaze of eyes of which nothing is seen: where the head points, as `eye_direction` gives it.

    Args:
        pose: (3,): roll, yaw and pitch of the head in degrees.
    """
    return float(np.clip(pose[1], -90, 90)), float(np.clip(pose[2], -90, 90)), _UNSEEN


def eye_direction(corners: Floats, irises: Floats, pose: Floats, opening: float) -> tuple[float, float, float]:
    """Yaw and pitch of the gaze, and how sure they are.

    An eyeball's middle lies behind its corners, so it is seen beside them when the head is turned; the iris is seen
    beside the eyeball's middle as far as the eye is turned. Both eyes' displacements are averaged.

    Args:
        corners: (2, 2, 2): of each eye, in the image from left to right, the left and the right corner in pixels.
        irises: (2, 2): the irises' middles.
        pose: (3,): roll, yaw and pitch of the head in degrees, as `head_pose` gives them.
        opening: Mean height of the eyes' openings as part of their width.

    Returns:
        Degrees to the image's right and upwards, -90 to 90, 0 for a look into the camera whichever way the head is
        turned; and 0 to 1, by how well the eyes agree and how far they are open.
    """
    _, yaw, pitch = np.radians(pose.astype(np.float64))
    across = corners[:, 1] - corners[:, 0]
    widths = np.maximum(np.linalg.norm(across, axis=1), 1e-6)
    millimetre = widths / (_EYE_WIDTH * max(float(np.cos(yaw)), 0.3))
    displaced = (irises - corners.mean(axis=1)) / millimetre[:, None]
    level = (across / widths[:, None]).mean(axis=0)
    down = np.array([-level[1], level[0]])
    behind = _CORNERS * np.array([np.sin(yaw), -np.sin(pitch)])
    x, y = (displaced.mean(axis=0) + behind + _ABOVE * down) / _PUPIL
    apart = float(np.linalg.norm((displaced[0] - displaced[1]) / _EYE_WIDTH))
    agreement = 1 / (1 + (apart / _APART) ** 2)
    right, up = (float(np.degrees(np.arcsin(np.clip(part, -1, 1)))) for part in (x, -y))
    return right, up, agreement * min(1.0, max(0.0, opening / _OPEN))
