"""The bounded queue of requests that need the engine, and the threads that run them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from openrek.errors import QueueFullError

P = ParamSpec("P")
T = TypeVar("T")


class ImageQueue:
    """Requests that need the engine, first come, first served.

    A few are under way, so that the engine's pool never waits for a request to be read or written; the rest wait here,
    as bytes, not as decoded images. When the queue is full, requests are rejected immediately.

    Args:
        workers: Of the engine's pool.
        queue: Images that may wait for them.
    """

    def __init__(self, workers: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(2 * workers + 2, "image")
        self._room = workers + queue
        self._inside = 0
        self._lock = threading.Lock()

    def submit(self, run: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queues a request.

        Raises:
            QueueFullError: the queue is full.
        """
        with self._lock:
            if self._inside >= self._room:
                raise QueueFullError(
                    f"The image queue is full: {self._inside} images are being analyzed or waiting. "
                    "Try again in a moment."
                )
            self._inside += 1
        try:
            future = self._executor.submit(run, *args, **kwargs)
        except BaseException:
            self._leave()
            raise
        future.add_done_callback(self._leave)
        return future

    def close(self) -> None:
        """Waits for the requests under way."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _leave(self, _: object = None) -> None:
        with self._lock:
            self._inside -= 1
