"""Cancellation of the work on one request: set when its client disconnects, checked by whatever works for it.

The edge that knows the client makes a `Cancellation`, runs the request inside `use(...)`, and calls `cancel()` when the
client disconnects. Decoding and the inference pool call `check()` between their steps, so at most one step runs on.
Without `use`, as in the in-process client, nothing is ever cancelled.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from openrek.errors import RequestCancelledError


class Cancellation:
    """Whether the work on one request may go on. Safe to share between threads and the event loop.

    Args:
        deadline_seconds: Seconds from now after which the work counts as cancelled; None for no deadline.
    """

    __slots__ = ("_cancelled", "_deadline")

    def __init__(self, deadline_seconds: float | None = None) -> None:
        self._cancelled = threading.Event()
        self._deadline = None if deadline_seconds is None else time.monotonic() + deadline_seconds

    def cancel(self) -> None:
        """Ends the work at its next check. Never blocks; may be called more than once."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called or the deadline has passed."""
        return self._cancelled.is_set() or (self._deadline is not None and time.monotonic() >= self._deadline)

    def check(self) -> None:
        """Returns if the work may go on.

        Raises:
            RequestCancelledError: it may not.
        """
        if self.cancelled:
            raise RequestCancelledError


_CURRENT: ContextVar[Cancellation | None] = ContextVar("openrek.cancellation", default=None)


@contextmanager
def use(cancellation: Cancellation | None) -> Iterator[None]:
    """Makes it the one that `current` and `check` see in this thread or task; None removes an outer one."""
    token = _CURRENT.set(cancellation)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Cancellation | None:
    """The cancellation in effect. Pass it along when work moves to another thread: contexts do not follow."""
    return _CURRENT.get()


def check() -> None:
    """Returns if the work in this thread or task may go on.

    Raises:
        RequestCancelledError: its client disconnected, or its deadline passed.
    """
    if (cancellation := _CURRENT.get()) is not None:
        cancellation.check()
