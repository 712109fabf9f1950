"""The loaded models, by name."""

from collections.abc import Iterable, Mapping

from openrek.vision.pack import ModelDescriptor, ModelPack
from openrek.vision.pool import InferencePool
from openrek.vision.session import OnnxSession, Session

_ONNX = ".onnx"


class Sessions:
    """A session for each ONNX model of the packs; of equal names the last pack's."""

    def __init__(self, packs: Iterable[ModelPack], pool: InferencePool) -> None:
        self.models: Mapping[str, ModelDescriptor] = {model.name: model for pack in packs for model in pack.models}
        loading = {
            name: pool.submit(OnnxSession, model) for name, model in self.models.items() if model.file.suffix == _ONNX
        }
        self._sessions: dict[str, Session] = {name: run.result() for name, run in loading.items()}

    def __getitem__(self, name: str) -> Session:
        try:
            return self._sessions[name]
        except KeyError:
            raise LookupError(f"no installed pack has the model {name}; install packs/default") from None
