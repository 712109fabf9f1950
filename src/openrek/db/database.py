"""Opening the database."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from openrek.db.tables import metadata

SCHEMA_VERSION = 4


def open_sqlite(path: Path) -> Engine:
    """The database file, created with its tables where absent; many processes may have it open.

    WAL lets `openrek logs` read while the service writes (https://sqlite.org/wal.html).

    Raises:
        RuntimeError: the file cannot be used, or was written by a newer openrek.
    """
    try:
        return _open(path)
    except DatabaseError as error:
        raise RuntimeError(
            f"{path} cannot be used: {error.orig}. If its disk can be written, the file is damaged; move it away, and "
            "openrek makes a new one: log, keys, collections and celebrities start empty, the pictures stay"
        ) from None


def _open(path: Path) -> Engine:
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    with engine.begin() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > SCHEMA_VERSION:
            raise RuntimeError(f"{path} was written by a newer openrek (schema {version}, known {SCHEMA_VERSION})")
        metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
    return engine
