"""Labels: objects with boxes and what the image is of as a whole."""

from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.architectures.pooled_heads import PooledHeads
from openrek.vision.architectures.protocols import Observation
from openrek.vision.architectures.scene_heads import SceneHeads
from openrek.vision.calibration import Curve, of_tags
from openrek.vision.results import Detections, Labels
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.objects import ObjectDetector
from openrek.vision.tasks.task import LABELS

_DEFAULT = "efficientnet_lite0"
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
    handgun: float = 0.0
    """Probability, 0 to 1, of a handgun, by a head on the features; 0 where there is none."""


class ImageClassifier:
    """EfficientNet-lite0, or the model chosen for labels, and what the object detector and scene heads add to it.

    The heads are trained on the features of EfficientNet-lite0: with another model chosen there are none.
    """

    def __init__(self, sessions: SessionCache, pool: InferencePool, objects: ObjectDetector) -> None:
        self._pool = pool
        self._objects = objects
        chosen = sessions.chosen("labels")
        session = chosen or sessions[_DEFAULT]
        self._classifier = LABELS.open(session, sessions.models)
        heads = sessions.models.get("scene_heads")
        self._heads = SceneHeads(heads) if chosen is None and heads is not None else None
        pooled = sessions.models.get("pooled_heads")
        self._pooled = PooledHeads(pooled) if chosen is None and pooled is not None else None
        self._tags = session.descriptor.labels
        self._calibration = of_tags(session.descriptor.name)

    def start(self, pixels: NDArray[np.uint8]) -> "Future[Observation]":
        """Begins the run of the classifier on (H, W, 3) RGB."""
        return self._pool.submit(self._observe, pixels)

    def _observe(self, pixels: NDArray[np.uint8]) -> Observation:
        model = self._classifier
        return model.observe(pixels) if isinstance(model, EfficientNetLite) else Observation(model.classify(pixels))

    def classified(self, observed: Observation) -> Classified:
        """What the run of the classifier shows of an image as a whole, without a search for objects."""
        features = observed.features
        handgun = 0.0 if self._pooled is None or features is None else self._pooled.judge(features)["handgun"]
        return Classified(self._shares(observed.logits), self._calibration.alone, self._classifier.exclusive, handgun)

    def label(self, objects: Detections, observed: Observation) -> Labels:
        """The labels of an image.

        Args:
            objects: What the object detector found in it.
            observed: The run of the classifier.
        """
        logits, features = observed.logits, observed.features
        return Labels(
            objects,
            tuple(self._objects.names[kind] for kind in objects.class_id),
            self._objects.names,
            self._present(objects.confidence, objects.class_id),
            self._shares(logits),
            self._classifier.exclusive,
            self._calibration.curve(logits),
            () if self._heads is None or features is None else self._heads.judge(features),
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
