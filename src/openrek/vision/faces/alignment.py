"""Faces cut out so that their landmarks lie where a model expects them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def similarity(points: Floats, target: Floats) -> Floats:
    """The (2, 3) matrix of the rotation, scale and shift that takes (N, 2) points closest to their (N, 2) targets.

    Least squares over the four numbers a, b, x, y in x' = a x - b y + x, y' = b x + a y + y.
    """
    count = len(points)
    rows = np.zeros((2 * count, 4))
    rows[:count] = np.stack([points[:, 0], -points[:, 1], np.ones(count), np.zeros(count)], 1)
    rows[count:] = np.stack([points[:, 1], points[:, 0], np.zeros(count), np.ones(count)], 1)
    a, b, x, y = np.linalg.lstsq(rows, np.concatenate([target[:, 0], target[:, 1]]), rcond=None)[0]
    return np.array([[a, -b, x], [b, a, y]], np.float32)


def chip(pixels: NDArray[np.uint8], landmarks: Floats, template: Floats, side: int) -> NDArray[np.uint8]:
    """(side, side, 3): the face whose (N, 2) landmarks come to lie as near as can be to the (N, 2) template.

    What lies outside the image is black.
    """
    matrix = similarity(landmarks, template)
    return np.asarray(cv2.warpAffine(pixels, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)
