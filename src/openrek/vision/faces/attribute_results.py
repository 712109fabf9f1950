"""Attributes of a face beyond its position: a frozen record."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
TRAITS = ("smile", "eyeglasses", "sunglasses", "beard", "mustache", "occluded", "eyes_open", "mouth_open")
"""What a face has or has not."""
ATTRIBUTES = frozenset({"age", "gender", "emotions", "eye_direction", "mesh", *TRAITS})
"""What can be requested."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceAttributesResult:
    """Attributes of one face; None, or absent from `traits`, only where they were not requested, but for the mesh."""

    age: tuple[float, float] | None
    """From and to, in years."""
    man: float | None
    """Probability of a man, 0 to 1."""
    emotions: Mapping[str, float] | None
    """Probability of each of EMOTIONS, together 1."""
    traits: Mapping[str, float]
    """Probability, 0 to 1, by name."""
    mesh: NDArray[np.float32] | None
    """(468, 2): MediaPipe's points in pixels of the frame; None where no mesh fits the face, too."""
    eye_direction: tuple[float, float, float] | None = None
    """Degrees to the right and upwards, as the upright face is seen, 0 for a look into the camera; and the confidence,
    0 to 1."""

    def __post_init__(self) -> None:
        if self.mesh is not None:
            self.mesh.setflags(write=False)
