"""Jobs: work that outlives its request, such as the analysis of a video.

https://docs.aws.amazon.com/rekognition/latest/dg/api-video.html
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import BigInteger, Connection, Engine, bindparam, delete, func, insert, literal, select, tuple_, update

from openrek.db import Reader, jobs, joined, lock, notifications, writing
from openrek.errors import JobLimitError, ResourceNotFoundError

Status = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED", "CANCELLED"]

KEPT_MS = 7 * 24 * 3600 * 1000
"""How long a job and its results are kept after its end."""
MAX_RUNNING = 20
"""Jobs in progress at a time."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job."""

    id: str
    """64 hexadecimal digits."""
    kind: str
    """The operation's name without its verb, for example "LabelDetection"."""
    request: Mapping[str, Any]
    """The request of the Start operation, without its token."""
    etag: str
    """Of the object when the job was started."""
    status: Status
    message: str | None
    """Why it failed."""
    percent: int
    """How much of it is done, 0 to 100."""
    created_ms: int
    """Milliseconds since the epoch, as all times here."""
    finished_ms: int | None
    shape: int
    """Number of the workflow's shape that began it."""
    worker: str | None
    """Id of the worker that runs it."""
    outcome: Mapping[str, Any] | None
    """What is known of a job that succeeded: metadata, model versions and the number of results."""

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status == "IN_PROGRESS"


_BY_ID = select(
    *(jobs.c[name] for name in ("id", "kind", "request", "etag", "status", "message", "percent")),
    *(jobs.c[name] for name in ("created_ms", "finished_ms", "shape", "worker", "outcome")),
).where(jobs.c.id == bindparam("id"))


class Jobs:
    """Jobs by id."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def create(
        self, kind: str, request: Mapping[str, Any], etag: str, shape: int, connection: Connection | None = None
    ) -> str:
        """Begin a job. Returns its id.

        Args:
            kind: The operation's name without its verb.
            request: Of the Start operation; its values can be written as JSON.
            etag: Of the object that is analyzed.
            shape: Number of the workflow's shape.
            connection: The transaction to write in; one of its own if None.

        Raises:
            JobLimitError: 20 jobs are in progress.
        """
        identifier = secrets.token_hex(32)
        running = select(func.count()).select_from(jobs).where(jobs.c.status == "IN_PROGRESS")
        with joined(self._database, connection) as transaction:
            lock(transaction, "jobs")  # who counts them sees all
            lock(transaction, "jobs")  # two that count at the same time would both find room
            count = transaction.execute(running).scalar_one()
            if count >= MAX_RUNNING:
                raise JobLimitError(f"{count} jobs are in progress; at most {MAX_RUNNING} can be. Try again later.")
            transaction.execute(
                insert(jobs),
                {
                    "id": identifier,
                    "kind": kind,
                    "request": json.dumps(request),  # takes every text that a client in this process may send
                    "etag": etag,
                    "status": "IN_PROGRESS",
                    "percent": 0,
                    "created_ms": _now(None),
                    "shape": shape,
                    "attended_ms": 0,
                },
            )
        return identifier

    def get(self, identifier: str, kind: str | None = None) -> Job:
        """The job.

        Args:
            identifier: Its id.
            kind: What it must be, if given.

        Raises:
            ResourceNotFoundError: Unknown, expired, or of another kind.
        """
        rows = self._reader.all(_BY_ID, {"id": identifier})
        job = _job(rows[0]) if rows else None
        if job is None or kind not in (None, job.kind) or _is_expired(job, _now(None)):
            raise ResourceNotFoundError(f"There is no job {identifier[:80]!r}.")
        return job

    def running(self) -> list[Job]:
        """The jobs in progress, oldest first."""
        statement = _all().where(jobs.c.status == "IN_PROGRESS").order_by(jobs.c.created_ms, jobs.c.id)
        with self._database.connect() as connection:
            return [_job(row) for row in connection.execute(statement)]

    def page(self, kind: str, before: tuple[int, str], limit: int) -> list[Job]:
        """At most `limit` jobs of a kind, newest first, that come behind the time and id of another one."""
        place = tuple_(jobs.c.created_ms, jobs.c.id)
        statement = _all().where(
            jobs.c.kind == kind, place < tuple_(literal(before[0], BigInteger), literal(before[1]))
        )
        statement = statement.order_by(jobs.c.created_ms.desc(), jobs.c.id.desc())
        with self._database.connect() as connection:
            return [_job(row) for row in connection.execute(statement.limit(limit))]

    def attend(self, identifier: str, seconds: float, now_ms: int | None = None) -> bool:
        """Take it upon oneself to look after a job. False if another worker did in the last `seconds`."""
        now = _now(now_ms)
        statement = (
            update(jobs)
            .where(jobs.c.id == identifier, jobs.c.attended_ms < now - int(seconds * 1000))
            .values(attended_ms=now)
        )
        with writing(self._database) as connection:
            return bool(connection.execute(statement).rowcount)

    def assign(self, identifier: str, worker: str, shape: int) -> Job | None:
        """Make a worker the one that runs the job. None if the job has ended."""
        statement = update(jobs).where(jobs.c.id == identifier, jobs.c.status == "IN_PROGRESS")
        with writing(self._database) as connection:
            if not connection.execute(statement.values(worker=worker, shape=shape)).rowcount:
                return None
        return self.get(identifier)

    def is_held(self, identifier: str, worker: str) -> bool:
        """Whether the job is in progress and this worker is the one that runs it."""
        rows = self._reader.all(_BY_ID, {"id": identifier})
        job = _job(rows[0]) if rows else None
        return job is not None and job.is_running and job.worker == worker

    def progress(self, identifier: str, percent: int) -> None:
        """Note how much of a job is done, 0 to 100; never less than before."""
        statement = update(jobs).where(
            jobs.c.id == identifier, jobs.c.status == "IN_PROGRESS", jobs.c.percent < percent
        )
        with writing(self._database) as connection:
            connection.execute(statement.values(percent=percent))

    def finish(
        self,
        identifier: str,
        status: Status,
        message: str | None = None,
        outcome: Mapping[str, Any] | None = None,
        announced: Mapping[str, str] | None = None,
        now_ms: int | None = None,
    ) -> bool:
        """End a job and put the notifications of its end into the outbox, all or nothing. A job ends once.

        Args:
            identifier: Of the job.
            status: How it ended.
            message: Why it failed.
            outcome: See `Job.outcome`.
            announced: Body of each notification, by its target.
            now_ms: The time, in place of the clock's.

        Returns:
            False if the job had ended already, or does not exist.
        """
        now = _now(now_ms)
        values = {"status": status, "message": message, "finished_ms": now, "outcome": _json(outcome)}
        if status == "SUCCEEDED":
            values["percent"] = 100
        with writing(self._database) as connection:
            statement = update(jobs).where(jobs.c.id == identifier, jobs.c.status == "IN_PROGRESS")
            if not connection.execute(statement.values(**values)).rowcount:
                return False
            rows = [
                {"job_id": identifier, "target": target, "body": body, "attempts": 0, "due_ms": now, "created_ms": now}
                for target, body in (announced or {}).items()
            ]
            if rows:
                connection.execute(insert(notifications), rows)
        return True

    def expired(self, limit: int = 100, now_ms: int | None = None) -> list[Job]:
        """At most `limit` jobs that ended more than 7 days ago."""
        statement = _all().where(jobs.c.status != "IN_PROGRESS", jobs.c.finished_ms <= _now(now_ms) - KEPT_MS)
        with self._database.connect() as connection:
            return [_job(row) for row in connection.execute(statement.limit(limit))]

    def remove(self, identifier: str) -> None:
        """Forget a job and its notifications; an unknown one is ignored."""
        with writing(self._database) as connection:
            connection.execute(delete(notifications).where(notifications.c.job_id == identifier))
            connection.execute(delete(jobs).where(jobs.c.id == identifier))


def _all() -> Any:
    return select(*_BY_ID.selected_columns)


def _job(row: Any) -> Job:
    identifier, kind, request, etag, status, message, percent, created, finished, shape, worker, outcome = row
    return Job(
        identifier,
        kind,
        json.loads(request),
        etag,
        status,
        message,
        percent,
        created,
        finished,
        shape,
        worker,
        orjson.loads(outcome) if outcome else None,
    )


def _is_expired(job: Job, now: int) -> bool:
    return job.finished_ms is not None and job.finished_ms <= now - KEPT_MS


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _now(given: int | None) -> int:
    return time.time_ns() // 1_000_000 if given is None else given
