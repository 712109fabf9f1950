"""Labels: objects with boxes and what the image is of as a whole."""

from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.calibration import Curve, of_tags
from openrek.vision.results import Detections, Labels
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.objects import ObjectDetector
from openrek.vision.tasks.task import LABELS

_MIN = 0.01
# Shares below this add up to nothing that changes what an ancestor of many labels gets, but for the first ones'.
_MIN_SHARE = 0.002
_FIRST = 20


@dataclass(frozen=True, slots=True)
class Classified:
    """The classifier's result for an image."""

    shares: tuple[tuple[str, float], ...]
    """(name, share), most confident first, of the labels that have more than next to nothing."""
    curve: Curve
    """From shares to confidences, as of an image of one thing: whether it is one was not checked."""
    exclusive: bool
    """Whether the shares are of a whole of 1."""


class ImageClassifier:
    """EfficientNet-lite0, or the model chosen for labels, and what the object detector adds to it."""

    def __init__(self, sessions: SessionCache, pool: InferencePool, objects: ObjectDetector) -> None:
        self._pool = pool
        self._objects = objects
        session = sessions.chosen("labels") or sessions["efficientnet_lite0"]
        self._classifier = LABELS.open(session, sessions.models)
        self._tags = session.descriptor.labels
        self._calibration = of_tags(session.descriptor.name)

    def start(self, pixels: NDArray[np.uint8]) -> "Future[NDArray[np.float32]]":
        """Begins the run of the classifier on (H, W, 3) RGB: its logits, (labels,)."""
        return self._pool.submit(self._classifier.classify, pixels)

    def classified(self, logits: NDArray[np.float32]) -> Classified:
        """What the (labels,) logits say of an image as a whole, without a search for objects."""
        return Classified(self._shares(logits), self._calibration.alone, self._classifier.exclusive)

    def label(self, objects: Detections, logits: NDArray[np.float32]) -> Labels:
        """The labels of an image.

        Args:
            objects: What the object detector found in it.
            logits: (labels,) of the classifier.
        """
        return Labels(
            objects,
            tuple(self._objects.names[kind] for kind in objects.class_id),
            self._objects.names,
            self._present(objects.confidence, objects.class_id),
            self._shares(logits),
            self._classifier.exclusive,
            self._calibration.curve(logits),
        )

    def _shares(self, logits: NDArray[np.float32]) -> tuple[tuple[str, float], ...]:
        shares = self._calibration.shares(logits) if self._classifier.exclusive else 1 / (1 + np.exp(-logits))
        order = np.argsort(-shares, kind="stable")
        count = max(_FIRST, int((shares >= _MIN_SHARE).sum()))
        return tuple((self._tags[index], float(shares[index])) for index in order[:count])

    def _present(self, confidence: NDArray[np.float32], class_id: NDArray[np.int32]) -> tuple[tuple[str, float], ...]:
        """That a class is in the image at all: surer than any of its boxes, which might lie badly."""
        kinds, first = np.unique(class_id, return_index=True)  # boxes are sorted, so the first is the most confident
        chances = self._objects.calibration.present(confidence[first])
        found = [(self._objects.names[kind], float(chance)) for kind, chance in zip(kinds, chances, strict=True)]
        return tuple(sorted((each for each in found if each[1] >= _MIN), key=lambda each: -each[1]))
