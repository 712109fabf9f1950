"""ONNX Runtime sessions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.cpu import multiplies_bytes
from openrek.vision.runtime.options import RuntimeOptions

Array = NDArray[Any]
DEFAULT_OPTIONS = RuntimeOptions()


class Session(Protocol):
    """A model that can be run, loaded or not."""

    descriptor: ModelDescriptor

    def run(self, inputs: Sequence[Array]) -> Mapping[str, Array]:
        """Outputs by name, for inputs in the model's order."""


class ModelSession(Session, Protocol):
    """A session that knows what its file declares."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the model's inputs, in order."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the model's authors wrote into the file beside the graph."""


class OnnxSession:
    """One model in ONNX Runtime, on the calling thread; threads may share it."""

    def __init__(self, descriptor: ModelDescriptor, options: RuntimeOptions = DEFAULT_OPTIONS) -> None:
        """
        Raises:
            LookupError: the model's file is missing or damaged.
            ValueError: the execution provider is not available.
        """
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        # Parallelism comes from the pool: one thread a run gives the most images per second and no idle spinning.
        settings.intra_op_num_threads = options.threads
        settings.inter_op_num_threads = 1
        # A plan of memory for each shape of image costs 20 % more of it and gains nothing measurable.
        settings.enable_mem_pattern = False
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if not multiplies_bytes():
            # x86 without VNNI adds products of bytes in 16 bits, which overflow. This takes kernels that do not; on a
            # CPU with VNNI they would cost twice the time and change nothing.
            settings.add_session_config_entry("session.x64quantprecision", "1")
        settings.log_severity_level = 3
        self.descriptor = descriptor
        self._session = onnxruntime.InferenceSession(
            descriptor.verify().read_bytes(), settings, providers=options.providers
        )
        self.inputs: tuple[str, ...] = tuple(value.name for value in self._session.get_inputs())
        self.metadata: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        self._outputs = [value.name for value in self._session.get_outputs()]

    def run(self, inputs: Sequence[Array]) -> dict[str, Array]:
        """See Session.run."""
        values = self._session.run(self._outputs, dict(zip(self.inputs, inputs, strict=True)))
        return dict(zip(self._outputs, values, strict=True))
