"""The bounded queue of requests that need the engine, and the threads that run them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from openrek.rekognition.admission import Admission, Permit

P = ParamSpec("P")
T = TypeVar("T")


class ImageQueue:
    """Requests that need the engine, first come, first served.

    A few are under way, so that the engine's pool never waits for a request to be read or written; the rest wait here,
    as bytes, not as decoded images. When the queue is full, requests are rejected immediately.

    Args:
        admission: Bounds the requests, under way and waiting.
        workers: Of the engine's pool.
    """

    def __init__(self, admission: Admission, workers: int) -> None:
        self.admission = admission
        self._executor = ThreadPoolExecutor(2 * workers + 2, "image")

    def submit(self, run: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queues a request. Its permit travels with it.

        Raises:
            QueueFullError: the queue is full.
        """
        permit = self.admission.acquire()

        def admitted(permit: Permit) -> T:
            with permit.carried():
                return run(*args, **kwargs)

        try:
            future = self._executor.submit(admitted, permit)
        except BaseException:
            permit.release()
            raise
        future.add_done_callback(permit.release)
        return future

    def close(self) -> None:
        """Waits for the requests under way."""
        self._executor.shutdown(wait=True, cancel_futures=True)
