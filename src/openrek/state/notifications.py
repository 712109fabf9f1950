"""The outbox: notifications of jobs' ends, kept until they are delivered."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, update

from openrek.db import Reader, notifications, writing

_LEASE_MS = 60_000
_KEPT_MS = 7 * 24 * 3600 * 1000
_LONGEST_WAIT_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Notification:
    """A message to deliver."""

    job_id: str
    target: str
    """"sns:" and the topic's ARN, or "webhook"."""
    body: str
    attempts: int
    """Attempts so far, this one included."""


class Notifications:
    """Messages that wait for their delivery."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database

    def take(self, now_ms: int | None = None) -> Notification | None:
        """A message that is due, which no other worker takes for the next minute; None if there is none."""
        now = _now(now_ms)
        with self._database.connect() as connection:
            statement = select(notifications).where(notifications.c.due_ms <= now).order_by(notifications.c.due_ms)
            found = connection.execute(statement.limit(1)).first()
        if found is None:
            return None
        mine = (notifications.c.job_id == found.job_id, notifications.c.target == found.target)
        with writing(self._database) as connection:
            # Only whoever changes the row from what was read has the message.
            taken = connection.execute(
                update(notifications)
                .where(*mine, notifications.c.due_ms == found.due_ms, notifications.c.attempts == found.attempts)
                .values(due_ms=now + _LEASE_MS, attempts=found.attempts + 1)
            ).rowcount
        return Notification(found.job_id, found.target, found.body, found.attempts + 1) if taken else None

    def delivered(self, notification: Notification) -> None:
        """Forget a message that arrived."""
        with writing(self._database) as connection:
            connection.execute(
                delete(notifications).where(
                    notifications.c.job_id == notification.job_id, notifications.c.target == notification.target
                )
            )

    def postpone(self, notification: Notification, now_ms: int | None = None) -> None:
        """Try again later: after 2 s, 4 s, 8 s, … and at last every hour; give up after 7 days."""
        now = _now(now_ms)
        wait_ms = min(2 ** min(notification.attempts, 20) * 1000, _LONGEST_WAIT_MS)
        mine = (notifications.c.job_id == notification.job_id, notifications.c.target == notification.target)
        with writing(self._database) as connection:
            connection.execute(update(notifications).where(*mine).values(due_ms=now + wait_ms))
            connection.execute(delete(notifications).where(*mine, notifications.c.created_ms < now - _KEPT_MS))


def _now(given: int | None) -> int:
    return time.time_ns() // 1_000_000 if given is None else given
