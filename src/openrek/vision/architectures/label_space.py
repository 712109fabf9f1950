"""Labels as points in the space in which images are points, too: one for each, made when the pack was pulled."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from openrek.vision.pack import ModelDescriptor

Floats = NDArray[np.float32]


def label_vectors(descriptor: ModelDescriptor, models: Mapping[str, ModelDescriptor]) -> Floats:
    """(labels, D), of length 1 each, of a model whose input names the file of them.

    Raises:
        LookupError: the vectors are missing, damaged, or not those of the labels.
    """
    known = models.get(str(descriptor.input.get("vectors")))
    if known is None:
        raise LookupError(f"the model {descriptor.name} needs the vectors of its labels; pull its pack again")
    vectors: Floats = np.load(known.verify(), allow_pickle=False).astype(np.float32)
    if vectors.ndim != 2 or len(vectors) != len(descriptor.labels):
        raise LookupError(
            f"{known.file} has vectors of {len(vectors)} labels and the model {descriptor.name} "
            f"{len(descriptor.labels)} labels; pull its pack again"
        )
    return vectors


def unit(vector: Floats) -> Floats:
    """A vector at length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)
