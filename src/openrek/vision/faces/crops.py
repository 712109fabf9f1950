"""Squares around faces, as the networks expect them that were trained on boxes rather than on landmarks."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def around(xyxy: Floats, times: float, side: int, angle: float = 0.0) -> Floats:
    """The (2, 3) matrix that takes the square around a box's middle to (side, side).

    Args:
        xyxy: (4,): left, top, right, bottom in pixels.
        times: How many times as long as the box's longer side the square's side is.
        side: Of the result in pixels.
        angle: Radians by which the square is turned clockwise in the image.
    """
    middle = (xyxy[:2] + xyxy[2:]) / 2
    factor = side / max(float((xyxy[2:] - xyxy[:2]).max()) * times, 1e-6)
    cosine, sine = np.cos(angle) * factor, np.sin(angle) * factor
    turned = np.array([[cosine, sine], [-sine, cosine]])
    return np.asarray(np.c_[turned, side / 2 - turned @ middle], np.float32)


def cut(pixels: NDArray[np.uint8], matrix: Floats, side: int) -> NDArray[np.uint8]:
    """(side, side, 3): the part of (H, W, 3) that the (2, 3) matrix takes there; black beyond the image."""
    # OpenCV's warp reads four neighbours whatever the scale; a large face is first shrunk by whole areas, or what is
    # between those neighbours would be lost and fine lines would flicker.
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale >= 0.5:
        return np.asarray(cv2.warpAffine(pixels, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)
    times = int(1 / scale)
    larger = matrix * np.float32(times)
    warped = cv2.warpAffine(pixels, larger, (side * times, side * times), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(warped, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def back(points: Floats, matrix: Floats) -> Floats:
    """(N, 2) points of the square, in the image it was cut from."""
    return np.asarray((points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T, np.float32)
