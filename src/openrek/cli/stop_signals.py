"""SIGINT and SIGTERM of a service: the first one ends it in order, and a deadline holds whatever still runs."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import NoReturn


class StopSignals:
    """Turns SIGINT and SIGTERM into a request to stop.

    The handlers never raise, so a signal interrupts neither a migration nor a write: whoever owns the current step
    finishes it and looks at `requested`. What hangs is ended by `deadline_seconds`: a thread of its own then ends the
    process with status 0. That loses nothing acknowledged, because everything stored survives SIGKILL, too.

    Python runs handlers in the main thread only: an event loop, which signals wake up, must run there.

    Args:
        deadline_seconds: From the first signal to the end of the process, at most.
    """

    def __init__(self, deadline_seconds: float) -> None:
        self.requested = False
        self._deadline_seconds = deadline_seconds
        self._callbacks: list[Callable[[], None]] = []
        # Its `put` is reentrant: one handler may interrupt another. An Event would lock itself out.
        self._received: SimpleQueue[float] = SimpleQueue()

    def install(self) -> None:
        """Takes over both signals. Call it in the main thread, before anything slow."""
        threading.Thread(target=self._enforce, name="stop-deadline", daemon=True).start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._receive)

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Calls back at each signal, inside the handler; at once if one was received before."""
        self._callbacks.append(callback)
        if self.requested:
            callback()

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
        self._received.put(time.monotonic())
        for callback in self._callbacks:
            callback()

    def _enforce(self) -> None:
        received_at = self._received.get()
        time.sleep(max(0.0, received_at + self._deadline_seconds - time.monotonic()))
        end_now("openrek: work in progress did not finish in time and was cancelled\n")


def end_now(message: str, status: int = 0) -> NoReturn:
    """Prints the message on standard error and ends the process without waiting for its threads."""
    with contextlib.suppress(OSError, ValueError):
        os.write(2, message.encode())
    for stream in (sys.stdout, sys.stderr):
        # A thread that hangs inside a write holds the stream's lock; its buffer is then lost.
        flushing = threading.Thread(target=_flush, args=(stream,), daemon=True)
        flushing.start()
        flushing.join(0.2)
    os._exit(status)


def _flush(stream: object) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream.flush()  # type: ignore[attr-defined]
