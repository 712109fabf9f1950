"""Which way up a face lies in the image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.facemesh import FaceMesh

# Of 164 upright faces (LFW, portraits without masks, groups) 99 in 100 look like this to CenterFace, and of the same
# faces lying on their side or upside down 1 of 248: it gives these an upright box, and landmarks that cross it.
_LEVEL = 30.0
_EYES_APART = 0.3
_MOUTH_BELOW = 0.28
# Points of the mesh in the middle of which each of the five landmarks lies.
_FIVE = ((33, 133, 159, 145), (362, 263, 386, 374), (1,), (61,), (291,))

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def level(xyxy: Floats, landmarks: Floats) -> Bools:
    """(N,): whether eyes are level in (N, 4) boxes and the mouth far below them, of (N, 5, 2) landmarks."""
    across = landmarks[:, 1] - landmarks[:, 0]
    below = (landmarks[:, 3:].mean(axis=1) - landmarks[:, :2].mean(axis=1))[:, 1]
    tilt = np.abs(np.degrees(np.arctan2(across[:, 1], across[:, 0])))
    return np.asarray((tilt <= _LEVEL) & (below >= _MOUTH_BELOW * (xyxy[:, 3] - xyxy[:, 1])), np.bool_)


def upright(xyxy: Floats, landmarks: Floats) -> Bools:
    """(N,): whether landmarks lie in their boxes as those of an upright face seen from the front.

    The eyes are level and far apart, and the mouth is far below them. Other faces may be upright, too: in profile, or
    with their chin raised.

    Args:
        xyxy: (N, 4) boxes.
        landmarks: (N, 5, 2): eye, eye, nose, mouth corner, mouth corner; the left one in the image first.
    """
    across = landmarks[:, 1] - landmarks[:, 0]
    apart = np.hypot(across[:, 0], across[:, 1]) >= _EYES_APART * (xyxy[:, 2] - xyxy[:, 0])
    return np.asarray(level(xyxy, landmarks) & apart, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Orientation:
    """Which way up a face lies."""

    quarters: int
    """Quarter turns counter-clockwise, 0 to 3, after which it is upright."""
    confidence: float
    """0 to 1: that there is a face. Many other things are taken for one, too."""
    landmarks: Floats
    """(5, 2): eye, eye, nose, mouth corner, mouth corner; the left one first once it is upright."""


def orientation(mesh: FaceMesh, pixels: NDArray[np.uint8], xyxy: Floats) -> Orientation:
    """Which way up the face in a box lies, if there is one.

    The mesh's network is shown the box all four ways up. Of 628 views of 161 faces it was most confident of the upright
    one in all.

    Args:
        mesh: The network.
        pixels: (H, W, 3) RGB.
        xyxy: (4,)
    """
    laid = [mesh.lay(pixels, xyxy, _eyes_along(quarters)) for quarters in range(4)]
    best = int(np.argmax([confidence for _, confidence in laid]))
    points, confidence = laid[best]
    landmarks = np.stack([points[list(indices), :2].mean(axis=0) for indices in _FIVE])
    return Orientation(best, confidence, np.asarray(landmarks, np.float32))


def _eyes_along(quarters: int) -> Floats:
    """(5, 2) landmarks of which the eyes lie as after so many quarter turns clockwise."""
    landmarks = np.zeros((5, 2), np.float32)
    landmarks[1] = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters]
    return landmarks
