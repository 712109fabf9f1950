"""What happens on AWS, as it happens."""

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.status import Status
from rich.text import Text

if TYPE_CHECKING:
    from openrek.deploy.stack import StackEvent


class StackProgress:
    """A line for each thing done, and below them what is being done."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status = Status("", console=self._console)
        self._doing = ""

    def __enter__(self) -> "StackProgress":
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def on_step(self, text: str) -> None:
        """Something is begun."""
        self._doing = text
        self._console.print(Text(text))
        self._status.update(Text(f"{text} …"))

    def on_event(self, event: "StackEvent") -> None:
        """Something happened to a resource of the stack."""
        colour = "red" if event.is_failure else "green" if event.status.endswith("_COMPLETE") else "dim"
        line = Text.assemble(f"  {event.at:%H:%M:%S} ", (f"{event.status:<28}", colour), f" {event.resource}")
        if event.reason:
            line.append(f"  {event.reason}", style="red" if event.is_failure else "dim")
        self._console.print(line, soft_wrap=True)

    def count(self, number: int) -> None:
        """So many are done."""
        self._status.update(Text(f"{self._doing}: {number:,}"))
