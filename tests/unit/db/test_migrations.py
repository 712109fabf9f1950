"""Data folders of earlier releases are upgraded, newer ones are refused, and several processes may start at once."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, Inspector, inspect

from openrek.cloudwatch import LogQuery
from openrek.compose import DATABASE_FILE, compose
from openrek.config import Settings
from openrek.db import collections, metadata, open_database, open_log_database, writing
from openrek.db.migrations import revisions

_LAST_RELEASE = (Path(__file__).parent / "last_release.sql").read_text(encoding="utf-8")
"""What release 0.1 wrote: collections with tags, a celebrity, a key, facts of an object, three records."""


def folder_of_the_last_release(folder: Path) -> Path:
    with sqlite3.connect(folder / DATABASE_FILE) as database:
        database.executescript(_LAST_RELEASE)
    database.close()
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / DATABASE_FILE)
    yield engine
    engine.dispose()


def test_a_data_folder_of_the_last_release_keeps_everything(tmp_path: Path) -> None:
    with compose(Settings(folder_of_the_last_release(tmp_path))) as system:
        repositories = system.repositories
        assert [each.name for each in repositories.collections.page("", 10)] == ["empty", "visitors"]
        assert repositories.tags.of(repositories.arn("collection", "visitors")) == {"team": "door", "Farbe": "blå"}
        ((celebrity, faces),) = repositories.celebrities.all()
        assert (celebrity.name, celebrity.urls, celebrity.gender, faces) == (
            "Lan",
            ("https://example.org/lan",),
            "Female",
            2,
        )
        assert [key.user for key in system.keys().all()] == ["lan"]
        records = system.log_store.query(LogQuery())
        assert [(record.message, record.position) for record in records] == [
            ("record 0", 1),
            ("record 1", 2),
            ("record 2", 3),
        ]
        assert "log_events" not in inspect(system.database).get_table_names()


def test_an_upgrade_that_was_interrupted_after_the_log_was_copied_copies_nothing_twice(tmp_path: Path) -> None:
    folder_of_the_last_release(tmp_path)
    log = open_log_database(tmp_path / "log.sqlite3")
    with sqlite3.connect(tmp_path / DATABASE_FILE) as old, writing(log) as connection:
        for row in old.execute("SELECT * FROM log_events WHERE id < 3"):
            connection.exec_driver_sql("INSERT INTO log_events VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    old.close()
    log.dispose()
    with compose(Settings(tmp_path)) as system:
        assert [record.position for record in system.log_store.query(LogQuery())] == [1, 2, 3]


def test_rows_of_the_last_release_that_foreign_keys_forbid_go(tmp_path: Path) -> None:
    folder_of_the_last_release(tmp_path)
    with sqlite3.connect(tmp_path / DATABASE_FILE) as old:
        old.execute("DELETE FROM celebrities")
    old.close()
    with compose(Settings(tmp_path)) as system, system.database.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM celebrity_faces").scalar() == 0


def test_migrations_make_the_tables_that_the_code_uses(state_settings: Settings) -> None:
    with compose(state_settings) as system:
        _compare(inspect(system.database))


def _compare(found: Inspector) -> None:
    assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
    for name, table in metadata.tables.items():
        columns = {(column["name"], column["nullable"]) for column in found.get_columns(name)}
        assert columns == {(column.name, column.nullable) for column in table.columns}, name
        keys = found.get_pk_constraint(name)["constrained_columns"]
        assert set(keys) == {column.name for column in table.primary_key}, name
        indices = {index["name"] for index in found.get_indexes(name) if not index["unique"]}
        assert indices == {index.name for index in table.indexes}, name


def test_revisions_follow_one_another(database: Engine) -> None:
    assert revisions() == tuple(f"{number:04}" for number in range(1, len(revisions()) + 1))
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == revisions()[-1]


def test_alembic_is_not_imported_when_nothing_is_to_be_done(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from openrek.db import open_database; "
        "open_database(Path(sys.argv[1])).dispose(); print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / DATABASE_FILE)]
    outputs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert outputs == ["True", "False"]


@pytest.mark.parametrize(
    ("statement", "schema"),
    [("UPDATE alembic_version SET version_num = '9999'", "9999"), ("DROP TABLE alembic_version", "")],
    ids=["later revision", "no revisions, later count"],
)
def test_a_folder_of_a_newer_release_is_refused(tmp_path: Path, statement: str, schema: str) -> None:
    open_database(tmp_path / DATABASE_FILE).dispose()
    with sqlite3.connect(tmp_path / DATABASE_FILE) as database:
        database.execute(statement)
    database.close()
    with pytest.raises(RuntimeError, match=rf"was written by a newer openrek \(schema {schema}.*Install the newer"):
        open_database(tmp_path / DATABASE_FILE)


def test_the_last_release_refuses_an_upgraded_folder(database: Engine) -> None:
    with database.connect() as connection:
        # It compared this number with its own, 4.
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() > 4


def test_several_processes_may_upgrade_at_once(tmp_path: Path) -> None:
    folder_of_the_last_release(tmp_path)
    program = (
        "import sys; from pathlib import Path; from openrek.db import open_database; "
        "open_database(Path(sys.argv[1])).dispose()"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / DATABASE_FILE)]

    def start(_: int) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(4) as several:
        done = list(several.map(start, range(4)))
    assert [each.stderr for each in done] == [""] * 4


def test_commits_of_state_are_flushed_and_foreign_keys_enforced(database: Engine, tmp_path: Path) -> None:
    log = open_log_database(tmp_path / "log.sqlite3")
    settings = []
    for engine in (database, log):
        with engine.connect() as connection:
            names = ("synchronous", "foreign_keys", "journal_mode")
            settings.append([connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names])
    log.dispose()
    assert settings == [[2, 1, "wal"], [1, 1, "wal"]]


def test_transactions_that_read_first_wait_for_one_another(database: Engine) -> None:
    """Without SQLite's lock from the beginning on, one of two fails with "database is locked" at once."""
    with writing(database) as connection:
        connection.execute(collections.insert().values(name="counted", model="m", created_ms=0))

    def count(_: int) -> None:
        with writing(database) as connection:
            number = connection.exec_driver_sql("SELECT created_ms FROM collections").scalar_one()
            connection.exec_driver_sql("UPDATE collections SET created_ms = ?", (number + 1,))

    with ThreadPoolExecutor(8) as several:
        list(several.map(count, range(80)))
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT created_ms FROM collections").scalar_one() == 80


def test_names_of_migrations_say_what_they_do() -> None:
    from openrek.db.migrations import VERSIONS

    names = [path.stem for path in VERSIONS.glob("*.py")]
    assert all(re.fullmatch(r"m\d{4}(_[a-z0-9]+)+", name) for name in names)
