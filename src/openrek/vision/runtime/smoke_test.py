"""Trying a new model before anything depends on it."""

from collections.abc import Mapping

from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.session import OnnxSession
from openrek.vision.tasks.task import TASKS


def smoke_test(descriptor: ModelDescriptor, models: Mapping[str, ModelDescriptor]) -> None:
    """Loads a model and runs it once as its task does.

    Args:
        descriptor: The model.
        models: Those of its pack, by name.

    Raises:
        LookupError: it cannot be loaded, or does not take and return what its architecture does.
    """
    try:
        task = TASKS[descriptor.task]
        task.try_out(task.open(OnnxSession(descriptor), models), descriptor)
    # ONNX Runtime and the decoding of unknown numbers raise what they like; each means the same here.
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LookupError(
            f"the model {descriptor.name} does not work as {descriptor.architecture}: {reason}"
        ) from error
