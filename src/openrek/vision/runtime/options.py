"""How models run: threads, execution provider, memory."""

from dataclasses import dataclass

from openrek.vision.runtime.cpu import multiplies_bytes

AUTO, FLOAT, INT8 = "auto", "float", "int8"
PRECISIONS = (AUTO, FLOAT, INT8)
_SUFFIX = "ExecutionProvider"
_CPU = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """Options of the inference pool and of ONNX Runtime."""

    workers: int = 1
    """Inference threads: models that run at the same time."""
    provider: str = "cpu"
    """ONNX Runtime's execution provider, with or without "ExecutionProvider", in any case."""
    threads: int = 1
    """Threads of one run of one model. One gives the most images per second; more, a shorter wait for a single one."""
    memory_bytes: int = 0
    """Memory that loaded models may take, see `SessionCache`; 0 for no limit."""

    precision: str = AUTO
    """Which files of the models run: "float"; "int8", where a model has such a file; or "auto", int8 where the models
    run on a CPU that is faster in 8 bits."""

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision is {self.precision!r}; it must be one of {', '.join(PRECISIONS)}")

    @property
    def int8(self) -> bool:
        """Whether models run in 8 bits where they have such a file."""
        if self.precision == AUTO:
            return self.providers == [_CPU] and multiplies_bytes()
        return self.precision == INT8

    @property
    def providers(self) -> list[str]:
        """ONNX Runtime's names of the providers, the preferred one first.

        Raises:
            ValueError: the installed ONNX Runtime has no such provider; the message lists those that it has.
        """
        import onnxruntime

        # Azure's sends inputs to a service that openrek does not have; every build lists it.
        available = [name for name in onnxruntime.get_available_providers() if name != "AzureExecutionProvider"]
        wanted = self.provider.lower().removesuffix(_SUFFIX.lower())
        name = next((name for name in available if name.removesuffix(_SUFFIX).lower() == wanted), None)
        if name is None:
            names = ", ".join(sorted(name.removesuffix(_SUFFIX).lower() for name in available))
            raise ValueError(
                f"execution_provider is {self.provider!r}, which the installed ONNX Runtime does not have. "
                f"Available: {names}."
            )
        return [name] if name == _CPU else [name, _CPU]
