"""Labels: objects with boxes and what the picture is of as a whole."""

from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.pool import InferencePool
from openrek.vision.results import Detections, Labels
from openrek.vision.sessions import Sessions
from openrek.vision.tasks.objects import ObjectFinder

_MOST_TAGS = 20
_LEAST_TAG = 0.01


class Labeller:
    """The object finder and EfficientNet-lite0, side by side."""

    def __init__(self, sessions: Sessions, pool: InferencePool, objects: ObjectFinder) -> None:
        self._pool = pool
        self._objects = objects
        self._classifier = EfficientNetLite(sessions["efficientnet_lite0"])
        self._tags = sessions["efficientnet_lite0"].descriptor.labels

    def label(self, pixels: NDArray[np.uint8]) -> tuple[Detections, Labels]:
        """Labels of (H, W, 3) RGB in its pixels."""
        classifying: Future[NDArray[np.float32]] = self._pool.submit(self._classifier.classify, pixels)
        objects = self._objects.find(pixels)
        scores = classifying.result()
        order = np.argsort(-scores, kind="stable")[:_MOST_TAGS]
        tags = tuple((self._tags[place], float(scores[place])) for place in order if scores[place] >= _LEAST_TAG)
        names = tuple(self._objects.names[kind] for kind in objects.class_id)
        return objects, Labels(objects, names, tags)
