"""Admission: how many requests may use the engine at a time, those that wait for it included."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from openrek.errors import QueueFullError


class Permit:
    """A place that one request has, until it is released."""

    def __init__(self, admission: "Admission") -> None:
        self._admission = admission
        self._lock = threading.Lock()
        self._is_held = True

    @contextmanager
    def carried(self) -> Iterator[None]:
        """Makes it the permit of the work in this thread or task. Contexts do not follow work to another thread."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def release(self, _: object = None) -> None:
        """Gives the place back. More than once does no harm; the argument is ignored, so that futures can call it."""
        with self._lock:
            if not self._is_held:
                return
            self._is_held = False
        self._admission._leave()


_CURRENT: ContextVar[Permit | None] = ContextVar("openrek.permit", default=None)


class Admission:
    """A bound on requests. When it is full, requests are rejected immediately.

    A request is admitted once, by whoever receives it: the gateway, or the in-process client. Its permit travels with
    it, so that what it causes is not admitted again and cannot be rejected half-way.

    Args:
        room: Requests under way and waiting, together.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._inside = 0
        self._freed = threading.Condition()

    def acquire(self) -> Permit:
        """A permit for a new request.

        Raises:
            QueueFullError: there is no room.
        """
        with self._freed:
            if self._inside >= self._room:
                raise QueueFullError(
                    f"The image queue is full: {self._inside} images are being analyzed or waiting. "
                    "Please try again in a moment."
                )
            self._inside += 1
        return Permit(self)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Runs under the permit that the request has already or, if it has none, under a new one.

        Raises:
            QueueFullError: there is no room.
        """
        if _CURRENT.get() is not None:
            yield
            return
        permit = self.acquire()
        try:
            with permit.carried():
                yield
        finally:
            permit.release()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Waits for room, for work that no client waits for."""
        with self._freed:
            self._freed.wait_for(lambda: self._inside < self._room)
            self._inside += 1
        permit = Permit(self)
        try:
            with permit.carried():
                yield
        finally:
            permit.release()

    def _leave(self) -> None:
        with self._freed:
            self._inside -= 1
            self._freed.notify()
