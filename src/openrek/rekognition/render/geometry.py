"""Pixels to the wire's ratios."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.protocol import single_precision
from openrek.vision import Frame


def percent(confidence: float) -> float:
    """0-1 as the wire's 0-100.

    It is the 32-bit float that the response has, so that thresholds are compared with what clients see.
    """
    return single_precision(min(max(confidence, 0.0), 1.0) * 100)


def bounding_box(xyxy: NDArray[np.float32], image: Frame) -> dict[str, float]:
    """A box in pixels as ratios of the upright image.

    https://docs.aws.amazon.com/rekognition/latest/APIReference/API_BoundingBox.html
    """
    left, top, right, bottom = (float(value) for value in xyxy)
    return {
        "Width": (right - left) / image.width,
        "Height": (bottom - top) / image.height,
        "Left": left / image.width,
        "Top": top / image.height,
    }


def geometry(polygon: NDArray[np.float32], image: Frame) -> dict[str, Any]:
    """A polygon, (N, 2) pixels, with the upright box around it.

    https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Geometry.html
    """
    points = np.clip(polygon, 0, (image.width, image.height))
    around = np.concatenate([points.min(axis=0), points.max(axis=0)])
    return {
        "BoundingBox": bounding_box(around, image),
        "Polygon": [{"X": float(x) / image.width, "Y": float(y) / image.height} for x, y in points],
    }
