"""The log moves to a file of its own, and rows that foreign keys forbid go."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from openrek.db.database import LOG_FILE, open_log_database
from openrek.db.transactions import writing

revision = "0002"
down_revision = "0001"

_BATCH = 1000
_COLUMNS = ("id", "timestamp_ms", "level", "event", "request_id", "analysis_id", "record")


def upgrade() -> None:
    """Copy the records, then drop their table.

    A record that was copied before, in an attempt that did not come to its end, is not copied again.
    """
    connection = op.get_bind()
    path = connection.engine.url.database
    if connection.dialect.name == "sqlite" and path:
        _copy(connection, Path(path).with_name(LOG_FILE))
    op.drop_table("log_events")
    connection.execute(sa.text("DELETE FROM celebrity_faces WHERE celebrity_id NOT IN (SELECT id FROM celebrities)"))


def _copy(source: sa.Connection, target: Path) -> None:
    names = ", ".join(_COLUMNS)
    values = ", ".join(f":{name}" for name in _COLUMNS)
    position = 0
    log = None
    while rows := source.execute(
        sa.text(f"SELECT {names} FROM log_events WHERE id > :after ORDER BY id LIMIT {_BATCH}"),  # noqa: S608
        {"after": position},
    ).all():
        log = log or open_log_database(target)
        with writing(log) as connection:
            connection.execute(
                sa.text(f"INSERT OR IGNORE INTO log_events ({names}) VALUES ({values})"),  # noqa: S608
                [dict(zip(_COLUMNS, row, strict=True)) for row in rows],
            )
        position = rows[-1].id
    if log is not None:
        log.dispose()
