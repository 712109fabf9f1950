"""Objects: two detectors side by side, their boxes fused."""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.nanodet import NanoDet
from openrek.vision.architectures.ssdlite import SsdLite
from openrek.vision.fusion import fuse
from openrek.vision.pool import InferencePool
from openrek.vision.results import Detections
from openrek.vision.sessions import Sessions

LEAST = 0.05
"""Detectors' boxes below this confidence are noise."""
# SSDLite is wrong less often where it is sure, on the pictures of benchmarks/accuracy.py.
_TRUST = (0.7, 0.9)


class ObjectFinder:
    """NanoDet and SSDLite: they err differently, so what both see is surer than what either sees."""

    def __init__(self, sessions: Sessions, pool: InferencePool) -> None:
        self._pool = pool
        self._nanodet = NanoDet(sessions["nanodet"])
        self._ssdlite = SsdLite(sessions["ssdlite"])
        self.names = sessions["nanodet"].descriptor.labels

    def find(self, pixels: NDArray[np.uint8]) -> Detections:
        """Objects in (H, W, 3) RGB, in its pixels, at most 100, surest first."""
        runs = [self._pool.submit(model.detect, pixels, LEAST) for model in (self._nanodet, self._ssdlite)]
        return fuse([run.result() for run in runs], _TRUST, LEAST)
