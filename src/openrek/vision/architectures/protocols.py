"""What the models of each task do, whatever their architecture."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import Reading
from openrek.vision.results import Detections

Floats = NDArray[np.float32]


class DetectorModel(Protocol):
    """Finds objects."""

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""


class FaceDetectorModel(Protocol):
    """Finds faces."""

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> tuple[Floats, Floats, Floats]:
        """(N, 4) boxes, (N,) confidences and (N, 5, 2) landmarks in (H, W, 3) RGB, most confident first."""


class EmbedderModel(Protocol):
    """Embeds faces."""

    length: int
    """Of its vectors."""
    aligned_by_mesh: bool
    """Whether a mesh, where one can be laid, helps it."""

    def embed(self, pixels: NDArray[np.uint8], landmarks: Floats, mesh: Floats | None = None) -> Floats:
        """(length,), of length 1, of the face with (5, 2) landmarks and a (468, 2 or more) mesh, in (H, W, 3) RGB."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What one run of a classifier returns."""

    logits: Floats
    """(labels,): of each label."""
    features: Floats | None = None
    """(H, W, channels): the feature map that heads are trained on; None of a model that does not return it."""


class ClassifierModel(Protocol):
    """Classifies an image as a whole."""

    exclusive: bool
    """Whether it was trained to choose one of its labels, by softmax; else to judge each by itself, by sigmoid."""

    def classify(self, pixels: NDArray[np.uint8]) -> Floats:
        """(labels,): logit of each of the model's labels, for (H, W, 3) RGB."""


class RecognizerModel(Protocol):
    """Reads lines of text."""

    def read(self, line: NDArray[np.uint8]) -> Reading:
        """The text of a line's upright crop, (H, W, 3) RGB."""
