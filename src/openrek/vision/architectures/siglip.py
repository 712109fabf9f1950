"""SigLIP: images and sentences as points in one space, each pair judged by itself. Zhai et al. 2023,
https://arxiv.org/abs/2303.15343

An image can have any number of labels, or none: their probabilities need not sum to 1.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openrek.vision.architectures.label_space import label_vectors, unit
from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.session import ModelSession, Session

Floats = NDArray[np.float32]


class SigLip:
    """What is in an image as a whole, among any names. The graph takes `pixel_values` and gives `pooler_output`."""

    exclusive = False

    def __init__(self, session: Session, models: Mapping[str, ModelDescriptor]) -> None:
        """
        Args:
            session: The image's half; its descriptor's input names the labels' vectors, the size, scale and bias.
            models: The packs' models by name.

        Raises:
            LookupError: the descriptor lacks something, or the vectors are not those of the labels.
        """
        self._session = session
        descriptor = session.descriptor
        self._height, self._width = descriptor.input_size
        self._labels = label_vectors(descriptor, models)
        try:
            self._scale, self._bias = (np.float32(descriptor.input[name]) for name in ("scale", "bias"))
        except KeyError as error:
            raise LookupError(f"the model {descriptor.name} must say its {error} as input") from None

    def classify(self, pixels: NDArray[np.uint8]) -> Floats:
        """(labels,): logit of each label, for (H, W, 3) RGB."""
        resized = Image.fromarray(pixels).resize((self._width, self._height), Image.Resampling.BICUBIC)
        tensor = np.asarray(resized, np.float32).transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1)
        vector = unit(self._session.run([np.ascontiguousarray(tensor)])["pooler_output"][0])
        return np.asarray(self._labels @ vector * self._scale + self._bias, np.float32)


class SigLipText:
    """The sentences' half. The graph takes `input_ids` and gives `pooler_output`."""

    def __init__(self, session: ModelSession) -> None:
        self._session = session

    def embed(self, tokens: NDArray[np.int64]) -> Floats:
        """(D,), of length 1, of one sentence's (64,) tokens."""
        return unit(self._session.run([tokens[None]])["pooler_output"][0])
