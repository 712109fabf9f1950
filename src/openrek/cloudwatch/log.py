"""The log that every room writes to."""

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

    On AWS the stream is stdout, which CloudWatch Logs collects; any collector does elsewhere.
    """

    def __init__(
        self, stream: TextIO | None = None, store: "LogStore | None" = None, permit: Callable[[], bool] | None = None
    ) -> None:
        self._stream = stream
        self._store = store
        self._permit = permit
        self._lock = threading.Lock()

    def permitted(self, permit: Callable[[], bool]) -> "Log":
        """The same log for somebody who needs a permission: without it nothing is written, and nothing fails, as on
        AWS."""
        log = Log(self._stream, self._store, permit)
        log._lock = self._lock  # lines of both must not mix
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
        if self._stream is not None:
            with self._lock:
                self._stream.write(record.line + "\n")
                self._stream.flush()
        if self._store is not None:
            self._store.append(record)
