"""QualityFilter: which faces are good enough to be compared.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_IndexFaces.html: Amazon does not say where its bars
are; these are openrek's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision import Faces

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a face must have."""

    side: float
    """Pixels of the box's shorter side, at least."""
    sharpness: float
    """0 to 100, at least."""
    brightness: float
    """0 to 100, at least."""
    turned: float
    """Degrees of yaw or pitch, at most."""
    confidence: float
    """That it is a face, 0 to 1, at least."""
    quality: float
    """All of it together, see `quality_of`, 0 to 1, at least: a face may be just good enough in each respect, and not
    good enough as a whole."""


_LOW = Bar(side=24, sharpness=5, brightness=5, turned=70, confidence=0.5, quality=0.3)
BARS: Mapping[str, Bar] = {
    "LOW": _LOW,
    "AUTO": _LOW,
    "MEDIUM": Bar(side=48, sharpness=20, brightness=10, turned=45, confidence=0.95, quality=0.65),
    "HIGH": Bar(side=96, sharpness=40, brightness=15, turned=30, confidence=0.99, quality=0.92),
}
_FULL_SIDE = 96.0
_FULL_SHARPNESS = 40.0


def passing(faces: Faces, quality: str) -> Faces:
    """The faces that meet the bar of a QualityFilter; all of them for NONE."""
    return faces.take(np.array([index for index, why in enumerate(reasons(faces, quality)) if not why], np.intp))


def reasons(faces: Faces, quality: str) -> list[tuple[str, ...]]:
    """Why each face does not meet the bar of a QualityFilter, in the contract's words; none for a face that does."""
    bar = BARS.get(quality)
    if bar is None:
        return [()] * len(faces)
    failing = {
        "EXTREME_POSE": _turned(faces) > bar.turned,
        "LOW_BRIGHTNESS": faces.brightness < bar.brightness,
        "LOW_SHARPNESS": faces.sharpness < bar.sharpness,
        "LOW_CONFIDENCE": faces.confidence < bar.confidence,
        "SMALL_BOUNDING_BOX": _sides(faces) < bar.side,
        "LOW_FACE_QUALITY": quality_of(faces) < bar.quality,
    }
    return [tuple(reason for reason, fails in failing.items() if fails[index]) for index in range(len(faces))]


def quality_of(faces: Faces) -> Floats:
    """How well each face can be compared, (N,), 0 to 1: the geometric mean of size, sharpness, frontality and
    confidence, each from 0 to 1."""
    factors = np.stack(
        [
            np.minimum(_sides(faces) / _FULL_SIDE, 1),
            np.minimum(faces.sharpness / _FULL_SHARPNESS, 1),
            np.clip(1 - _turned(faces) / 90, 0, 1),
            np.clip(faces.confidence, 0, 1),
        ]
    )
    return np.asarray(factors.prod(axis=0) ** (1 / len(factors)), np.float32)


def best(faces: Faces, count: int) -> NDArray[np.intp]:
    """Positions of at most so many faces: those of the highest quality and, of equal quality, the largest.

    Quality is how many of the bars LOW, MEDIUM and HIGH a face meets.
    """
    met = np.array([[not why for why in reasons(faces, name)] for name in ("LOW", "MEDIUM", "HIGH")])
    return np.lexsort((-faces.areas, -met.sum(axis=0)))[:count]


def _sides(faces: Faces) -> Floats:
    return np.asarray((faces.xyxy[:, 2:] - faces.xyxy[:, :2]).min(axis=1, initial=np.inf), np.float32)


def _turned(faces: Faces) -> Floats:
    return np.asarray(np.abs(faces.pose[:, 1:]).max(axis=1, initial=0), np.float32)
