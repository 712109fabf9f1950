"""The mesh of a face, shared by its attributes, its landmarks and its embedding."""

from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.facemesh import MIN, FaceMesh
from openrek.vision.faces.position import FacePosition
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache

Floats = NDArray[np.float32]


class FaceMesher:
    """Lays the mesh over faces."""

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        self._mesh = FaceMesh(sessions["facemesh"])

    def start(self, pixels: NDArray[np.uint8], face: FacePosition) -> "Future[Floats | None]":
        """Begins the run for a face of (H, W, 3) RGB: (468, 3) points in its pixels, or None where none fits."""
        return self._pool.submit(self._lay, pixels, face)

    def _lay(self, pixels: NDArray[np.uint8], face: FacePosition) -> Floats | None:
        points, confidence = self._mesh.lay(pixels, face.xyxy, face.landmarks)
        return points if confidence >= MIN else None
