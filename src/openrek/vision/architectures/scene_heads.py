"""Logistic heads on a classifier's feature map: what stands about in an image, and where it was taken.

Two heads share the map. The dense one judges each cell, and the highest twelfth of its cells stands for the image; the
global one judges mean and maximum over all cells. A label's score is the mean of the logits that there are of it, and
one logistic curve, shifted by label, makes it a confidence. Trained by packs/default/build/train_scene_heads.py.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.pack import ModelDescriptor

_HIGHEST_SHARE = 1 / 12
_MAXIMUM_WEIGHT = 0.3
_ARRAYS = ("weights", "offsets", "mean", "scale")

Floats = NDArray[np.float32]


class LogisticHead:
    """logits = ((features - mean) / scale) @ weights + offsets."""

    def __init__(self, weights: Floats, offsets: Floats, mean: Floats, scale: Floats) -> None:
        """
        Args:
            weights: (inputs, labels)
            offsets: (labels,)
            mean: (inputs,)
            scale: (inputs,)

        Raises:
            LookupError: the shapes do not agree.
        """
        inputs, labels = weights.shape
        if offsets.shape != (labels,) or mean.shape != (inputs,) or scale.shape != (inputs,):
            raise LookupError("weights (inputs, labels), offsets (labels,), mean and scale (inputs,) must agree")
        # Standardisation is folded in once.
        self._weights = np.ascontiguousarray(weights / scale[:, None], np.float32)
        self._offsets = offsets - mean @ self._weights
        self.labels = labels

    def logits(self, features: Floats) -> Floats:
        """(..., labels), of (..., inputs)."""
        # Not `features @ weights`: numpy's BLAS starts threads of its own, which spin beside the inference threads and
        # took 28 ms of CPU time an image. OpenCV's product runs on this one.
        rows = np.ascontiguousarray(features.reshape(-1, features.shape[-1]))
        product = cv2.gemm(rows, self._weights, 1.0, np.zeros((0, 0), np.float32), 0.0).reshape(
            *features.shape[:-1], self.labels
        )
        return np.asarray(product + self._offsets, np.float32)


class SceneHeads:
    """Both heads, as the file of the pack has them."""

    def __init__(self, descriptor: ModelDescriptor) -> None:
        """
        Raises:
            LookupError: the file is missing or damaged, or not made for these labels.
        """
        with np.load(descriptor.verify(), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        self._dense, self._global = (
            LogisticHead(*(np.asarray(arrays[f"{head}_{part}"], np.float32) for part in _ARRAYS))
            for head in ("dense", "global")
        )
        self._dense_of = np.asarray(arrays["dense_of"], np.int64)
        self._shift = np.asarray(arrays["shift"], np.float32)
        self._slope, self._offset = (float(value) for value in arrays["curve"])
        self._names = descriptor.labels
        count = len(self._names)
        if self._global.labels != count or self._dense_of.shape != (count,) or self._shift.shape != (count,):
            raise LookupError(f"the model {descriptor.name} has {self._global.labels} labels and {count} names")

    def judge(self, features: Floats) -> tuple[tuple[str, float], ...]:
        """(label, confidence) of each label, the most confident first, of an image with a (H, W, channels) map."""
        exponent = self._slope * self._scores(features) + self._offset + self._shift
        confidences = 1 / (1 + np.exp(-np.clip(exponent, -60, 60)))
        order = np.argsort(-confidences, kind="stable")
        return tuple((self._names[index], float(confidences[index])) for index in order)

    def _scores(self, features: Floats) -> Floats:
        cells = features.reshape(-1, features.shape[-1])
        dense = self._dense.logits(cells)
        highest = np.sort(dense, axis=0)[-max(1, round(_HIGHEST_SHARE * len(cells))) :].mean(axis=0)
        whole = self._global.logits(np.concatenate([cells.mean(axis=0), _MAXIMUM_WEIGHT * cells.max(axis=0)]))
        both = (whole + highest[self._dense_of]) / 2
        return np.asarray(np.where(self._dense_of >= 0, both, whole), np.float32)
