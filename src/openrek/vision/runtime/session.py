"""ONNX Runtime sessions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from openrek.vision.pack import ModelDescriptor

Array = NDArray[Any]


class Session(Protocol):
    """A loaded model."""

    descriptor: ModelDescriptor

    def run(self, inputs: Sequence[Array]) -> Mapping[str, Array]:
        """Outputs by name, for inputs in the model's order."""


class OnnxSession:
    """One model in ONNX Runtime, on the calling thread alone; threads may share it."""

    def __init__(self, descriptor: ModelDescriptor) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Parallelism comes from the pool: one thread a run gives the most pictures per second and no idle spinning.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # A plan of memory for each shape of picture costs 20 % more of it and gains nothing measurable.
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self.descriptor = descriptor
        self._session = onnxruntime.InferenceSession(
            descriptor.verify().read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = tuple(value.name for value in self._session.get_inputs())
        self.metadata: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        """What its makers wrote into the file beside the graph."""
        self._outputs = [value.name for value in self._session.get_outputs()]

    def run(self, inputs: Sequence[Array]) -> dict[str, Array]:
        """See Session.run."""
        values = self._session.run(self._outputs, dict(zip(self.inputs, inputs, strict=True)))
        return dict(zip(self._outputs, values, strict=True))
