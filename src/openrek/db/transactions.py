"""Transactions that write, and how SQLite begins them.

https://sqlite.org/lang_transaction.html, https://sqlite.org/rescode.html
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from openrek.errors import StorageFullError, StorageReadOnlyError

BEGIN = "sqlite_begin"
"""Execution option of a connection: what follows BEGIN in SQLite, DEFERRED by default."""


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back on an exception.

    SQLite's write lock is taken at its beginning, so that a transaction that reads first never fails because another
    one wrote in between; it waits instead.

    Raises:
        StorageFullError: The disk is full.
        StorageReadOnlyError: The file or its folder cannot be written.
    """
    try:
        with database.execution_options(**{BEGIN: "IMMEDIATE"}).begin() as connection:
            yield connection
    except OperationalError as error:
        reason = f"{database.url.database} could not be written: {error.orig}"
        match _primary_code(error):
            case sqlite3.SQLITE_FULL:
                raise StorageFullError(f"{reason}. Free space on the disk of the data folder.") from error
            case sqlite3.SQLITE_READONLY:
                raise StorageReadOnlyError(f"{reason}. Make the data folder writable.") from error
        raise


def joined(database: Engine, connection: Connection | None) -> AbstractContextManager[Connection]:
    """The transaction that the connection is in, or one of its own that writes, see `writing`."""
    return writing(database) if connection is None else nullcontext(connection)


def _primary_code(error: OperationalError) -> int:
    """SQLite's primary result code: the lower eight bits of what the driver reports."""
    return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
