"""Opening the databases: state is in `openrek.sqlite3` or on PostgreSQL, the log in `log.sqlite3`.

https://sqlite.org/wal.html, https://sqlite.org/lang_transaction.html
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError

from openrek.data_folder import make_private
from openrek.db.migrations import upgrade
from openrek.db.postgresql import (
    check_encoding,
    create_postgresql,
    display_name,
    is_postgresql,
    opening_error,
    translate_errors,
)
from openrek.db.tables import log_metadata
from openrek.db.transactions import BEGIN, writing

LOG_FILE = "log.sqlite3"
_LOG_VERSION = 1
_BUSY_SECONDS = 30.0


def open_database(location: Path | str) -> Engine:
    """The state database, migrated to this release's schema. Several processes may have it open.

    In a file of SQLite, commits are durable (`synchronous=FULL`), foreign keys are enforced, and what is deleted is
    overwritten with zeros (`secure_delete`); see also `openrek.db.erasure`. PostgreSQL's server has its own settings.
    When it cannot be reached later, statements raise StorageUnavailableError, until it can be reached again.

    Args:
        location: A path, or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`. Messages never show the password.

    Raises:
        RuntimeError: The file or the server cannot be used, or the database was written by a newer openrek.
    """
    if is_postgresql(location):
        return _opened_postgresql(str(location))
    path = Path(location)
    with _named(path, "keys, collections and celebrities then start empty, stored objects stay"):
        advice = "use another data folder with --data"
        return _opened(path, "FULL", lambda engine: upgrade(engine, str(path), advice))


def open_log_database(path: Path) -> Engine:
    """The log database. The last records may be lost in a power failure, which saves a disk flush for every batch.

    Raises:
        RuntimeError: The file cannot be used, or was written by a newer openrek.
    """
    with _named(path, "the log then starts empty"):
        return _opened(path, "NORMAL", lambda engine: _create_log(engine, path))


def _opened_postgresql(location: str) -> Engine:
    engine = create_postgresql(location)
    try:
        check_encoding(engine)
        upgrade(engine, display_name(engine.url), "use another database")
    except DBAPIError as error:
        engine.dispose()
        raise opening_error(engine.url, error) from None
    except BaseException:
        engine.dispose()
        raise
    translate_errors(engine)
    return engine


def _create_log(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version > _LOG_VERSION:
        raise RuntimeError(f"{path} was written by a newer openrek (version {version}, this one knows {_LOG_VERSION}).")
    if version < _LOG_VERSION:
        with writing(engine) as connection:
            log_metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version={_LOG_VERSION}")


def _opened(path: Path, synchronous: Literal["FULL", "NORMAL"], prepare: Any) -> Engine:
    make_private(path.parent)
    private_file(path)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        # The driver begins no transactions by itself: the listener below does.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        if synchronous == "FULL":  # the state: what is deleted there, such as vectors of faces, is overwritten
            connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(BEGIN, 'DEFERRED')}")

    try:
        prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def _named(path: Path, consequence: str) -> Iterator[None]:
    """Database errors say which file cannot be used, and what to do about it."""
    try:
        yield
    except DatabaseError as error:
        reason = str(error.orig)
        if "readonly" in reason or not os.access(path.parent, os.W_OK):
            help_ = "Make the file and its folder writable."
        elif "full" in reason:
            help_ = "Free some space."
        else:
            help_ = f"Fix or delete the file; {consequence}."
        raise RuntimeError(f"{path} cannot be used: {reason}. {help_}") from None


def private_file(path: Path) -> Path:
    """The path, at which there is a file of mode 0600 then, which SQLite gives to the files beside it, too.

    A file of another owner or on a read-only disk stays as it is.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o600)
    return path
