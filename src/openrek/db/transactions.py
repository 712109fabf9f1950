"""Transactions that write.

https://sqlite.org/lang_transaction.html, https://sqlite.org/rescode.html,
https://www.postgresql.org/docs/current/explicit-locking.html
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import BigInteger, Connection, Engine, func, literal, select
from sqlalchemy.exc import OperationalError

from openrek.errors import StorageFullError, StorageReadOnlyError, StorageUnavailableError

BEGIN = "sqlite_begin"
"""Execution option of a connection: what follows BEGIN in SQLite, DEFERRED by default."""


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back on an exception.

    SQLite's write lock is taken at its beginning, so that a transaction that reads first never fails because another
    one wrote in between; it waits instead. On PostgreSQL several may write at once: one that decides by what it has
    read takes `lock` first, or changes a row that the others change, too.

    Raises:
        StorageFullError: The disk is full.
        StorageReadOnlyError: The file or its folder cannot be written.
        StorageUnavailableError: Another process writes for too long, or the server cannot be reached.
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
            case sqlite3.SQLITE_BUSY:
                raise StorageUnavailableError(f"{reason}. Another process is writing. Try again.") from error
        raise


@contextmanager
def snapshot(database: Engine) -> Iterator[Connection]:
    """A transaction that reads: all its statements see what was committed before the first of them."""
    # SQLite's transactions are so by themselves.
    options = {"isolation_level": "REPEATABLE READ"} if database.dialect.name == "postgresql" else {}
    with database.connect() as connection:
        yield connection.execution_options(**options)


def joined(database: Engine, connection: Connection | None) -> AbstractContextManager[Connection]:
    """The transaction that the connection is in, or one of its own that writes, see `writing`."""
    return writing(database) if connection is None else nullcontext(connection)


def lock(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds the lock of this name, and hold it until the transaction ends.

    Args:
        connection: In a transaction that writes. SQLite has one lock for all such transactions, which it holds already.
        name: Anything, for example a table and a key.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big", signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(literal(number, BigInteger))))


def _primary_code(error: OperationalError) -> int:
    """SQLite's primary result code: the lower eight bits of what the driver reports."""
    return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
