"""What is done every now and then while the service runs."""

import logging
import threading
from collections.abc import Callable, Iterable


def _log(error: Exception) -> None:
    logging.getLogger(__name__).error("a periodic task failed", exc_info=error)


class PeriodicTasks:
    """Runs its tasks again and again, in a thread of its own, until it is closed.

    Args:
        tasks: What to do. One that fails is tried again in the next round.
        seconds: Between two rounds.
        first_seconds: Before the first round; as long as between two if None.
        failed: Called with each exception of a task.
        stopping: Set by `close`; a long task looks at it between its steps and ends early.
    """

    def __init__(
        self,
        tasks: Iterable[Callable[[], object]],
        seconds: float,
        *,
        first_seconds: float | None = None,
        failed: Callable[[Exception], object] = _log,
        stopping: threading.Event | None = None,
    ) -> None:
        self._tasks = tuple(tasks)
        self._seconds = seconds
        self._first_seconds = seconds if first_seconds is None else first_seconds
        self._failed = failed
        self._end = stopping or threading.Event()
        self._thread = threading.Thread(target=self._run, name="periodic-tasks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, after the step under way."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        wait_seconds = self._first_seconds
        while not self._end.wait(wait_seconds):
            wait_seconds = self._seconds
            for task in self._tasks:
                if self._end.is_set():
                    return
                try:
                    task()
                except Exception as error:
                    self._failed(error)
