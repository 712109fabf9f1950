"""QualityFilter: which faces are good enough to be compared.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CompareFaces.html: Amazon does not say where its bars
are; these are openrek's own.
"""

from dataclasses import dataclass

import numpy as np

from openrek.vision import Faces


@dataclass(frozen=True, slots=True)
class Bar:
    """What a face must have."""

    side: float
    """Pixels of the box's shorter side, at least."""
    sharpness: float
    """0 to 100, at least."""
    turned: float
    """Degrees of yaw or pitch, at most."""
    confidence: float
    """That it is a face, 0 to 1, at least."""


_LOW = Bar(side=24, sharpness=5, turned=70, confidence=0.5)
BARS = {
    "LOW": _LOW,
    "AUTO": _LOW,
    "MEDIUM": Bar(side=48, sharpness=20, turned=45, confidence=0.95),
    "HIGH": Bar(side=96, sharpness=40, turned=30, confidence=0.99),
}


def passing(faces: Faces, quality: str) -> Faces:
    """The faces that meet the bar of a QualityFilter; all of them for NONE."""
    bar = BARS.get(quality)
    if bar is None:
        return faces
    sides = np.minimum(faces.xyxy[:, 2] - faces.xyxy[:, 0], faces.xyxy[:, 3] - faces.xyxy[:, 1])
    turned = np.abs(faces.pose[:, 1:]).max(axis=1, initial=0)
    meets = (
        (sides >= bar.side)
        & (faces.sharpness >= bar.sharpness)
        & (turned <= bar.turned)
        & (faces.confidence >= bar.confidence)
    )
    return faces.take(np.flatnonzero(meets))
