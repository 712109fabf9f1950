"""Transactions that cannot be written name the reason, and leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import OperationalError

from openrek.db import collections, open_database, writing
from openrek.errors import StorageFullError, StorageReadOnlyError, StorageUnavailableError

ROW = {"model": "m", "created_ms": 1}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "openrek.sqlite3")
    yield engine
    engine.dispose()


def _set(database: Engine, pragma: str) -> None:
    database.dispose()
    event.listen(database, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}"))


def _rows(database: Engine) -> int:
    with database.connect() as connection:
        return connection.execute(select(func.count()).select_from(collections)).scalar_one()


def test_a_full_disk_is_named(database: Engine) -> None:
    _set(database, "max_page_count=1")  # what SQLite does then is what it does on a full disk: SQLITE_FULL
    with (
        pytest.raises(StorageFullError, match=r"openrek\.sqlite3 could not be written: .* full\. Free space on"),
        writing(database) as connection,
    ):
        for number in range(10_000):
            connection.execute(collections.insert().values(name=f"c{number}", **ROW))
    assert _rows(database) == 0


def test_a_read_only_database_is_named(database: Engine) -> None:
    _set(database, "query_only=ON")
    with (
        pytest.raises(StorageReadOnlyError, match=r"openrek\.sqlite3 could not be written: .*Make the data folder"),
        writing(database) as connection,
    ):
        connection.execute(collections.insert().values(name="c", **ROW))
    assert _rows(database) == 0


def test_a_writer_that_waits_for_too_long_is_to_try_again(database: Engine) -> None:
    _set(database, "busy_timeout=1")
    with (
        writing(database),
        pytest.raises(StorageUnavailableError, match=r"openrek\.sqlite3 could not be written: .*locked\. .*Try again"),
        writing(database),
    ):
        pass


def test_other_errors_stay_what_they_are(database: Engine) -> None:
    with pytest.raises(OperationalError, match="no such table"), writing(database) as connection:
        connection.exec_driver_sql("DELETE FROM no_such_table")
