"""The loaded models, by name."""

from collections.abc import Iterable, Mapping

from openrek.vision.pack import ModelDescriptor, ModelPack
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session import OnnxSession

REPLACEABLE = ("objects", "labels", "faces", "face_embedding", "text_recognition")
"""Tasks that a model of another pack can be chosen for, in place of the default pack's."""
_ONNX = ".onnx"


class Sessions:
    """A session for each ONNX model of the packs; of equal names the last pack's.

    Of a task that a model is chosen for, the other graphs are not loaded.
    """

    def __init__(self, packs: Iterable[ModelPack], pool: InferencePool, use: Mapping[str, str] | None = None) -> None:
        """
        Args:
            packs: All packs.
            pool: Loads the models.
            use: The name of the model chosen for a task, by task.

        Raises:
            LookupError: a model is missing or damaged, or chosen for a task that it is not for.
        """
        self._use = dict(use or {})
        models = {model.name: model for pack in packs for model in pack.models}
        for task, name in self._use.items():
            _check(task, models.get(name), name)
        self.models: Mapping[str, ModelDescriptor] = {
            name: model
            for name, model in models.items()
            if model.file.suffix != _ONNX or self._use.get(model.task, name) == name
        }
        loading = {
            name: pool.submit(OnnxSession, model) for name, model in self.models.items() if model.file.suffix == _ONNX
        }
        self._sessions: dict[str, OnnxSession] = {name: run.result() for name, run in loading.items()}

    def __getitem__(self, name: str) -> OnnxSession:
        try:
            return self._sessions[name]
        except KeyError:
            raise LookupError(f"no installed pack has the model {name}; install packs/default") from None

    def chosen(self, task: str) -> OnnxSession | None:
        """The model chosen for a task; None where it is the default pack's to do."""
        return self._sessions[self._use[task]] if task in self._use else None


def _check(task: str, model: ModelDescriptor | None, name: str) -> None:
    if task not in REPLACEABLE:
        raise LookupError(f"no model can be chosen for {task}; it can for {', '.join(REPLACEABLE)}")
    if model is None:
        raise LookupError(f"the model {name} is chosen for {task}, and no pack has it")
    if model.task != task or model.file.suffix != _ONNX:
        raise LookupError(f"the model {name} is chosen for {task}, and it is for {model.task}")
