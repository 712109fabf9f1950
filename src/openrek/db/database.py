"""Opening the database."""

import contextlib
import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from openrek.data_folder import make_private
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
    make_private(path.parent)
    _keep_private(path)
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


def _keep_private(path: Path) -> None:
    """Mode 0600, which SQLite gives to the files beside it, too. One of another owner or on a read-only disk stays."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o600)
