"""How models run: threads, execution provider, memory."""

from dataclasses import dataclass

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
