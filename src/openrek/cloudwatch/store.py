"""The kept log: records in SQL, written in batches by one thread."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Engine, Select, delete, insert, select

from openrek.cloudwatch.record import LogRecord
from openrek.db import log_events, writing

_BATCH = 500
_BUFFER = 20_000
_LINGER_SECONDS = 0.25
"""For which the first record waits for others."""
_RETENTION_CHECK_SECONDS = 3600.0
_DAY_MS = 86_400_000
_COLUMNS = ("timestamp_ms", "level", "event", "request_id", "analysis_id", "record")
_ATTRIBUTES = {"record": "line"}
"""Attributes of a record whose columns have another name."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which records. Empty fields ask for all."""

    request_id: str | None = None
    analysis_id: str | None = None
    after: int = 0
    """Only records kept after this position."""
    limit: int = 100
    newest: bool = False
    """The last `limit` records instead of the first; ascending all the same."""


class LogStore:
    """Keeps records without making their writers wait.

    A full buffer drops the newest record rather than stall recognition; stdout has it all the same.
    """

    def __init__(self, engine: Engine, retention_days: int = 30) -> None:
        self._engine = engine
        self._retention_days = retention_days
        # The C queue: its lock is not seen by recognition's threads. None ends the writer, an event is set in turn.
        self._queue: queue.SimpleQueue[LogRecord | threading.Event | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._hurry = threading.Event()
        """Set while somebody waits for what was handed over."""

    def append(self, record: LogRecord) -> None:
        """Hands the record to the writer."""
        if self._writer is None:
            self._start()
        if self._queue.qsize() < _BUFFER:
            self._queue.put(record)

    def flush(self) -> None:
        """Returns when all records handed over so far are kept."""
        writer = self._writer
        if writer is None:
            return
        kept = threading.Event()
        self._hurry.set()
        self._queue.put(kept)
        while not kept.wait(1.0) and writer.is_alive():
            pass
        self._hurry.clear()

    def close(self) -> None:
        """Keeps what was handed over, then ends the writer."""
        with self._lock:
            self._closed = True
            writer = self._writer
        if writer is not None:
            self._hurry.set()
            self._queue.put(None)
            writer.join()
        self._engine.dispose()

    def query(self, query: LogQuery) -> list[LogRecord]:
        """The matching records, oldest first."""
        statement: Select[Any] = select(log_events.c.id, log_events.c.timestamp_ms, log_events.c.record)
        if query.after:
            statement = statement.where(log_events.c.id > query.after)
        if query.request_id:
            statement = statement.where(log_events.c.request_id == query.request_id)
        if query.analysis_id:
            statement = statement.where(log_events.c.analysis_id == query.analysis_id)
        order = log_events.c.id.desc() if query.newest else log_events.c.id.asc()
        with self._engine.connect() as connection:
            rows = connection.execute(statement.order_by(order).limit(query.limit)).all()
        return [_record(*row) for row in (reversed(rows) if query.newest else rows)]

    def _start(self) -> None:
        with self._lock:
            if self._writer is None and not self._closed:
                self._writer = threading.Thread(target=self._write, name="log-writer", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        next_sweep = time.monotonic()
        open_ = True
        while open_:
            batch = [self._queue.get()]
            # A transaction costs far more than a record; under load this gathers what comes at the same time.
            if isinstance(batch[0], LogRecord) and not self._hurry.is_set():
                self._hurry.wait(_LINGER_SECONDS)
            with contextlib.suppress(queue.Empty):
                while len(batch) < _BATCH:
                    batch.append(self._queue.get_nowait())
            open_ = None not in batch
            self._keep([record for record in batch if isinstance(record, LogRecord)])
            if time.monotonic() >= next_sweep:
                self._sweep()
                next_sweep = time.monotonic() + _RETENTION_CHECK_SECONDS
            for waiting in batch:
                if isinstance(waiting, threading.Event):
                    waiting.set()

    @cached_property
    def _insert(self) -> tuple[str, Callable[[LogRecord], tuple[Any, ...]]]:
        """The statement for the driver and the values of a record in its order: SQLAlchemy's own handling of rows takes
        longer than the database."""
        statement = insert(log_events).compile(self._engine, column_keys=_COLUMNS)
        return str(statement), attrgetter(*(_ATTRIBUTES.get(name, name) for name in statement.positiontup or ()))

    def _keep(self, records: Sequence[LogRecord]) -> None:
        if not records:
            return
        statement, values = self._insert
        # A full disk must not end the service; the records are on stdout.
        with contextlib.suppress(Exception), writing(self._engine) as connection:
            connection.exec_driver_sql(statement, [values(record) for record in records])

    def _sweep(self) -> None:
        horizon = int(time.time() * 1000) - self._retention_days * _DAY_MS
        with contextlib.suppress(Exception), writing(self._engine) as connection:
            connection.execute(delete(log_events).where(log_events.c.timestamp_ms < horizon))


def _record(position: int, timestamp_ms: int, text: str) -> LogRecord:
    kept = orjson.loads(text)
    for name in ("timestamp", "timestamp_ms"):  # the first openreks kept the latter here, too
        kept.pop(name, None)
    return LogRecord(
        event=kept.pop("event"),
        level=kept.pop("level"),
        timestamp_ms=timestamp_ms,
        message=kept.pop("message", ""),
        request_id=kept.pop("request_id", None),
        analysis_id=kept.pop("analysis_id", None),
        fields=kept,
        position=position,
    )
