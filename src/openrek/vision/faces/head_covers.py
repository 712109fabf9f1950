"""What covers heads: hard hats, judged of the square around each face."""

from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.architectures.pooled_heads import PooledHeads
from openrek.vision.faces.head_crops import head_square
from openrek.vision.faces.position import FacePosition
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache

MIN_SIDE = 16.0
"""Pixels of the shorter side of a face from which its head is judged, as in the images that were trained on."""
_LABEL = "hard_hat"


class HeadCoverClassifier:
    """A run of EfficientNet-lite0 for each head, and a logistic head on its features."""

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        """
        Raises:
            LookupError: a model is missing or damaged.
        """
        self._pool = pool
        self._features = EfficientNetLite(sessions["efficientnet_lite0"])
        heads = sessions.models.get("pooled_heads")
        if heads is None:
            raise LookupError("no installed pack has the model pooled_heads; install packs/default")
        self._heads = PooledHeads(heads)

    def start(self, pixels: NDArray[np.uint8], face: FacePosition) -> "Future[float | None]":
        """Begins the run for an upright face in (H, W, 3) RGB.

        It gives the probability, 0 to 1, of a hard hat; None of a face that is too small, or whose head lies outside.
        """
        return self._pool.submit(self._judge, pixels, face)

    def _judge(self, pixels: NDArray[np.uint8], face: FacePosition) -> float | None:
        crop = head_square(pixels, face.xyxy)
        if crop is None or float((face.xyxy[2:] - face.xyxy[:2]).min()) < MIN_SIDE:
            return None
        features = self._features.observe_whole(np.ascontiguousarray(crop)).features
        return None if features is None else self._heads.judge(features)[_LABEL]
