"""Labels: objects with boxes and what the picture is of as a whole."""

from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.registry import CLASSIFIERS, opened
from openrek.vision.calibration import Curve, of_tags
from openrek.vision.pool import InferencePool
from openrek.vision.results import Labels
from openrek.vision.sessions import Sessions
from openrek.vision.tasks.objects import ObjectFinder

_MOST_TAGS = 20
_LEAST = 0.01
# Shares below this add up to nothing that changes what an ancestor of many labels gets.
_LEAST_SHARE = 0.002
# A picture with so many things surely found is none of one thing, which is what the classifier was trained on.
_SURE = 0.5
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Classified:
    """What the classifier alone says of a picture."""

    shares: tuple[tuple[str, float], ...]
    """(name, share), surest first, of the labels that have more than next to nothing."""
    belief: Curve
    """From shares to confidences, as of a picture of one thing: whether it is one, nobody looked."""


class Labeller:
    """The object finder and EfficientNet-lite0, or the model chosen for labels, side by side."""

    def __init__(self, sessions: Sessions, pool: InferencePool, objects: ObjectFinder) -> None:
        self._pool = pool
        self._objects = objects
        session = sessions.chosen("labels") or sessions["efficientnet_lite0"]
        self._classifier = opened(CLASSIFIERS, session, sessions.models)
        self._tags = session.descriptor.labels
        self._calibration = of_tags(session.descriptor.name)

    def classify(self, pixels: NDArray[np.uint8]) -> Classified:
        """What (H, W, 3) RGB is of as a whole, without a search for objects."""
        shares = self._calibration.sharpened(self._pool.submit(self._classifier.classify, pixels).result())
        return Classified(self._named(shares, np.argsort(-shares, kind="stable")), self._calibration.alone)

    def label(self, pixels: NDArray[np.uint8], detail: NDArray[np.uint8] | None = None) -> Labels:
        """Labels of (H, W, 3) RGB, boxes in its pixels.

        Args:
            pixels: The picture.
            detail: The same picture with more pixels, to look for objects in tiles, too.
        """
        classifying: Future[NDArray[np.float32]] = self._pool.submit(self._classifier.classify, pixels)
        objects = self._objects.find(pixels, detail)
        shares = self._calibration.sharpened(classifying.result())
        several = int((objects.confidence >= _SURE).sum()) >= _SEVERAL
        belief = self._calibration.among if several else self._calibration.alone
        confidences = belief(shares)
        order = np.argsort(-shares, kind="stable")
        return Labels(
            objects,
            tuple(self._objects.names[kind] for kind in objects.class_id),
            tuple((self._tags[place], float(confidences[place])) for place in order[:_MOST_TAGS]),
            self._present(objects.confidence, objects.class_id),
            self._named(shares, order),
            belief,
        )

    def _named(self, shares: NDArray[np.float32], order: NDArray[np.intp]) -> tuple[tuple[str, float], ...]:
        return tuple((self._tags[place], float(shares[place])) for place in order if shares[place] >= _LEAST_SHARE)

    def _present(self, confidence: NDArray[np.float32], class_id: NDArray[np.int32]) -> tuple[tuple[str, float], ...]:
        """That a class is in the picture at all: surer than any of its boxes, which might lie badly."""
        kinds, first = np.unique(class_id, return_index=True)  # boxes are sorted, so the first is the surest
        chances = self._objects.calibration.present(confidence[first])
        found = [(self._objects.names[kind], float(chance)) for kind, chance in zip(kinds, chances, strict=True)]
        return tuple(sorted((each for each in found if each[1] >= _LEAST), key=lambda each: -each[1]))
