"""The inference pool: as many threads as cores."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import cv2

from openrek import cancellation

P = ParamSpec("P")
T = TypeVar("T")

_NICENESS = 5


class InferencePool:
    """Runs models. A task is one run of one model and never waits for another, so the pool cannot lock up.

    One request's models run side by side on all cores; many requests keep the cores busy without more threads than
    cores. How many requests there are is bounded where they are admitted.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        cv2.setNumThreads(1)  # OpenCV's own threads would be more than there are cores
        self._executor = ThreadPoolExecutor(workers, "inference", _give_way)

    def submit(self, run: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Starts one run.

        The run of a request that is cancelled before its turn comes is skipped: its future raises
        RequestCancelledError.
        """
        if (request := cancellation.current()) is None:
            return self._executor.submit(run, *args, **kwargs)
        request.check()

        def checked() -> T:
            request.check()
            with cancellation.use(request):
                return run(*args, **kwargs)

        return self._executor.submit(checked)

    def close(self) -> None:
        """Waits for the runs under way."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def _give_way() -> None:
    """Has this thread run after those that read and answer requests: they need little time, and models wait for them.

    Only Linux gives threads priorities of their own; elsewhere the whole process would give way.
    """
    if sys.platform == "linux":
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(niceness + _NICENESS, 19))
