"""Workers: the processes that run jobs, each with its heartbeat."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select, update

from openrek.db import Reader, workers, writing

SILENT_MS = 20_000
"""A worker that gave no sign for so long is taken for dead."""
_FORGOTTEN_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that runs jobs."""

    id: str
    machine: str
    """Where its process id means something; empty if unknown."""
    pid: int
    shape: int
    """Number of the workflow's shape that it runs."""
    beat_ms: int
    """Its last sign of life, in milliseconds since the epoch."""


class Workers:
    """Workers by id."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database

    def beat(self, identifier: str, shape: int, now_ms: int | None = None) -> None:
        """Note that this process, under this id, is alive."""
        now = _now(now_ms)
        row = {"machine": this_machine(), "pid": os.getpid(), "shape": shape, "beat_ms": now}
        with writing(self._database) as connection:
            if not connection.execute(update(workers).where(workers.c.id == identifier).values(**row)).rowcount:
                connection.execute(insert(workers), {"id": identifier, **row})
            connection.execute(delete(workers).where(workers.c.beat_ms < now - _FORGOTTEN_MS))

    def alive(self, now_ms: int | None = None) -> dict[str, Worker]:
        """The workers that are alive, by id: those heard of lately, unless their process is gone from this machine."""
        statement = select(workers).where(workers.c.beat_ms > _now(now_ms) - SILENT_MS)
        with self._database.connect() as connection:
            found = [
                Worker(row.id, row.machine, row.pid, row.shape, row.beat_ms) for row in connection.execute(statement)
            ]
        return {worker.id: worker for worker in found if not _is_gone(worker)}

    def leave(self, identifier: str) -> None:
        """Forget a worker that ends."""
        with writing(self._database) as connection:
            connection.execute(delete(workers).where(workers.c.id == identifier))


def this_machine() -> str:
    """Names the machine and the namespace in which process ids are counted; empty where that cannot be known."""
    if sys.platform != "linux":
        return ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"[:128]
    except OSError:
        return ""


def _is_gone(worker: Worker) -> bool:
    if not worker.machine or worker.machine != this_machine():
        return False
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _now(given: int | None) -> int:
    return time.time_ns() // 1_000_000 if given is None else given
