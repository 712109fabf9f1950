"""Erasing what was deleted from SQLite's files.

https://sqlite.org/pragma.html#pragma_secure_delete, https://sqlite.org/pragma.html#pragma_wal_checkpoint
"""

from sqlalchemy import Engine

_WAIT_MS = 250


def erase_freed(database: Engine) -> bool:
    """Make what was deleted unreadable in the files, too, and return whether that was possible now.

    `secure_delete` overwrites deleted rows with zeros, but the write-ahead log still has the pages as they were. So its
    content is moved to the database file and it is cut to length 0, unless another connection is reading at the time.
    PostgreSQL has no such thing: deleted rows stay in its files until VACUUM and later writes overwrite them.
    """
    if database.dialect.name != "sqlite":
        return True
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if driver.in_transaction:  # begun by SQLAlchemy; a checkpoint runs outside
            driver.rollback()
        (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
        try:
            (busy, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout={usual}")
    return not busy
