"""Logistic heads on a classifier's pooled features, of a crop or of an image: a hard hat, a handgun.

Trained by packs/default/build/train_pooled_heads.py.
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.pack import ModelDescriptor

Floats = NDArray[np.float32]


class PooledHeads:
    """A weight for each channel and label."""

    def __init__(self, descriptor: ModelDescriptor) -> None:
        """
        Raises:
            LookupError: the file is missing or damaged, or not made for these labels.
        """
        with np.load(descriptor.verify(), allow_pickle=False) as file:
            self._weights = np.asarray(file["weights"], np.float32)
            self._offsets = np.asarray(file["offsets"], np.float32)
        self._names = descriptor.labels
        count = len(self._names)
        if self._weights.ndim != 2 or self._weights.shape[1] != count or self._offsets.shape != (count,):
            raise LookupError(f"the model {descriptor.name} has weights {self._weights.shape} and {count} labels")

    def judge(self, features: Floats) -> dict[str, float]:
        """Probability, 0 to 1, by label, for an (H, W, channels) map."""
        logits = features.mean(axis=(0, 1)) @ self._weights + self._offsets
        probabilities = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
        return {name: float(value) for name, value in zip(self._names, probabilities, strict=True)}
