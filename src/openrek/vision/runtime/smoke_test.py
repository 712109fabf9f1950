"""Trying a model that is new here before anybody depends on it."""

from collections.abc import Mapping

import numpy as np

from openrek.vision.architectures.registry import CLASSIFIERS, DETECTORS, EMBEDDERS, FACE_DETECTORS, RECOGNIZERS, opened
from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.session import OnnxSession

_PICTURE = np.full((480, 640, 3), 127, np.uint8)
_FACE = np.array([[300, 200], [340, 200], [320, 225], [305, 245], [335, 245]], np.float32)


def smoke_test(descriptor: ModelDescriptor, models: Mapping[str, ModelDescriptor]) -> None:
    """Loads a model that can be chosen for a task and asks it of a gray picture.

    Args:
        descriptor: The model.
        models: Those of its pack, by name.

    Raises:
        LookupError: it cannot be loaded, or does not take and give what its architecture does.
    """
    try:
        session = OnnxSession(descriptor)
        match descriptor.task:
            case "objects":
                opened(DETECTORS, session, models).detect(_PICTURE, 0.5)
            case "faces":
                opened(FACE_DETECTORS, session, models).detect(_PICTURE, 0.5)
            case "face_embedding":
                opened(EMBEDDERS, session, models).embed(_PICTURE, _FACE)
            case "labels":
                scores = opened(CLASSIFIERS, session, models).classify(_PICTURE)
                if len(scores) != len(descriptor.labels):
                    raise LookupError(f"it tells {len(scores)} labels apart and has names for {len(descriptor.labels)}")
            case "text_recognition":
                opened(RECOGNIZERS, session, models).read(_PICTURE)
            case task:
                raise LookupError(f"no model can be chosen for {task}")
    # ONNX Runtime and decoding a stranger's numbers raise what they like; each means the same here.
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LookupError(
            f"the model {descriptor.name} does not work as {descriptor.architecture}: {reason}"
        ) from error
