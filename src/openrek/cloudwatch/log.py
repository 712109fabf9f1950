"""The log that every room writes to."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from openrek.cloudwatch.record import LogRecord

if TYPE_CHECKING:
    from openrek.cloudwatch.store import LogStore


class Log:
    """Writes each event as one JSON line to `stream` and, where there is one, into the store.

    On AWS the stream is stdout, which CloudWatch Logs collects; any collector does elsewhere. A stream whose reader
    went away is written to no more: a failing log must not stop what it records.
    """

    def __init__(
        self, stream: TextIO | None = None, store: "LogStore | None" = None, permit: Callable[[], bool] | None = None
    ) -> None:
        self._lines = None if stream is None else _Lines(stream)
        self._store = store
        self._permit = permit

    def permitted(self, permit: Callable[[], bool]) -> "Log":
        """The same log for somebody who needs a permission: without it nothing is written, and nothing fails, as on
        AWS."""
        log = Log(None, self._store, permit)
        log._lines = self._lines  # lines of both must not mix
        return log

    @classmethod
    def to_stdout(cls, store: "LogStore | None" = None) -> "Log":
        """A log on standard output."""
        return cls(sys.stdout, store)

    def emit(  # the record's parts
        self,
        event: str,
        message: str = "",
        *,
        level: str = "INFO",
        request_id: str | None = None,
        analysis_id: str | None = None,
        **fields: Any,
    ) -> None:
        """Logs one event. Bytes and secrets among `fields` are left out, see LogRecord."""
        if self._permit is not None and not self._permit():
            return
        record = LogRecord(event, level, time.time_ns() // 1_000_000, message, request_id, analysis_id, fields)
        if self._lines is not None:
            self._lines.write(record.line)
        if self._store is not None:
            self._store.append(record)


class _Lines:
    """A stream that several logs write whole lines to, as long as somebody reads it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        with self._lock:
            if self._stream is None:
                return
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):  # a broken pipe, a full disk; a closed stream
                self._drop(self._stream)

    def _drop(self, stream: TextIO) -> None:
        self._stream = None
        # What is left in its buffer would fail once more when the process ends.
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
