"""What is done every now and then while the service runs."""

import contextlib
import threading
from collections.abc import Callable, Iterable


class PeriodicTasks:
    """Runs its tasks again and again, in a thread of its own, until it is closed.

    Args:
        tasks: What to do. One that fails is tried again at the next round.
        seconds: Between two rounds; the first comes after as long.
    """

    def __init__(self, tasks: Iterable[Callable[[], object]], seconds: float) -> None:
        self._tasks = tuple(tasks)
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, after the task under way."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(self._seconds):
            for task in self._tasks:
                with contextlib.suppress(Exception):
                    task()
