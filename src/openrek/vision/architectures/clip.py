"""CLIP: images and sentences as points in one space. Radford et al. 2021, https://arxiv.org/abs/2103.00020

An image's labels are the sentences nearest to it. The sentences are embedded once, when the pack is pulled; serving
needs the image's half of the network alone.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openrek.vision.architectures.label_space import label_vectors, unit
from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.session import ModelSession, Session

# Of the images that it was trained on.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

Floats = NDArray[np.float32]


class Clip:
    """What an image as a whole is of, among any names. The graph takes `pixel_values` and gives `image_embeds`."""

    exclusive = True

    def __init__(self, session: Session, models: Mapping[str, ModelDescriptor]) -> None:
        """
        Args:
            session: The image's half; its descriptor's input names the labels' vectors, the size and the scale.
            models: The packs' models by name.

        Raises:
            LookupError: the vectors are missing, damaged, or not those of the labels.
        """
        self._session = session
        descriptor = session.descriptor
        self._height, self._width = descriptor.input_size
        self._scale = float(descriptor.input.get("scale", 100.0))
        self._labels = label_vectors(descriptor, models)

    def classify(self, pixels: NDArray[np.uint8]) -> Floats:
        """(labels,): logit of each label, for (H, W, 3) RGB."""
        image = Image.fromarray(pixels)
        scale = max(self._width / image.width, self._height / image.height)
        size = (max(self._width, int(image.width * scale)), max(self._height, int(image.height * scale)))
        resized = np.asarray(image.resize(size, Image.Resampling.BICUBIC), np.float32)
        top, left = (size[1] - self._height) // 2, (size[0] - self._width) // 2
        crop = resized[top : top + self._height, left : left + self._width] / np.float32(255)
        tensor = np.ascontiguousarray(((crop - _MEAN) / _STD).transpose(2, 0, 1)[None], np.float32)
        return self._labels @ unit(self._session.run([tensor])["image_embeds"][0]) * np.float32(self._scale)


class ClipText:
    """The sentences' half. The graph takes `input_ids`, perhaps `attention_mask`, and gives `text_embeds`."""

    def __init__(self, session: ModelSession) -> None:
        self._session = session

    def embed(self, tokens: NDArray[np.int64]) -> Floats:
        """(D,), of length 1, of one sentence's (T,) tokens, its start and end among them."""
        given = {"input_ids": tokens[None], "attention_mask": np.ones((1, len(tokens)), np.int64)}
        outputs = self._session.run([given[name] for name in self._session.inputs])
        return unit(outputs["text_embeds"][0])
