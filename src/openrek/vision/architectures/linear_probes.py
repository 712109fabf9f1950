"""Linear probes: attributes as weighted sums of what other networks see. Alain and Bengio 2016,
https://arxiv.org/abs/1610.01644; probabilities by Platt 1999, "Probabilistic Outputs for Support Vector Machines".
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.faceres import FEATURES
from openrek.vision.pack import ModelDescriptor

INPUTS = FEATURES + 2
"""faceres' features, then the ratios of the eyes' and the mouth's openings."""

Floats = NDArray[np.float32]


class LinearProbes:
    """Weights for each attribute that the descriptor's labels name."""

    def __init__(self, descriptor: ModelDescriptor) -> None:
        """
        Raises:
            LookupError: the file is missing, damaged, or not made for these inputs.
        """
        with np.load(descriptor.verify(), allow_pickle=False) as file:
            weights, offsets = file["weights"].astype(np.float32), file["offsets"].astype(np.float32)
        if weights.shape != (len(descriptor.labels), INPUTS) or offsets.shape != (len(descriptor.labels),):
            raise LookupError(
                f"the model {descriptor.name} has weights {weights.shape}; "
                f"{len(descriptor.labels)} labels and {INPUTS} inputs are needed"
            )
        self._places = {name: index for index, name in enumerate(descriptor.labels)}
        self._weights, self._offsets = weights, offsets

    def judge(self, name: str, features: Floats, eye_ratio: float = 0.0, mouth_ratio: float = 0.0) -> float:
        """Probability, 0 to 1, of the attribute in a face with (1024,) features.

        What the attribute does not depend on may be left at 0.
        """
        index = self._places[name]
        inputs = np.append(features, np.array([eye_ratio, mouth_ratio], np.float32))
        logit = float(self._weights[index] @ inputs + self._offsets[index])
        return float(1 / (1 + np.exp(-np.clip(logit, -60, 60))))
