"""State on PostgreSQL: opened or refused with a reason, migrated once, and back by itself after the server was away."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, func, insert, select, update
from sqlalchemy.exc import DataError
from tests.conftest import free_port
from tests.postgresql import PASSWORD, PostgresqlServer, running_postgresql

from openrek.compose import compose
from openrek.config import Settings
from openrek.db import Reader, collections, lock, open_database, snapshot, tags, writing
from openrek.errors import (
    InvalidParameterError,
    QuotaExceededError,
    StorageReadOnlyError,
    StorageUnavailableError,
)
from openrek.state import Tags

_NAMES = select(collections.c.name).where(collections.c.name == bindparam("name"))


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Engine]:
    engine = open_database(postgresql_url)
    yield engine
    engine.dispose()


@pytest.fixture
def own_server(postgresql_programs: Path) -> Iterator[PostgresqlServer]:
    """A server to be stopped."""
    with running_postgresql(postgresql_programs) as server:
        yield server


def add(database: Engine, name: str) -> None:
    with writing(database) as connection:
        connection.execute(insert(collections), {"name": name, "model": "m", "created_ms": 0})


def names(database: Engine) -> list[str]:
    with database.connect() as connection:
        return list(connection.execute(select(collections.c.name).order_by(collections.c.name)).scalars())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda url: url.replace("openrek:", "nobody:"),
            r"authentication failed .*Check the user and the password",
        ),
        (
            lambda url: url.replace("word%3F", "wort%3F"),
            r"authentication failed .*Check the user and the password",
        ),
        (lambda url: url + "x", r'database "test_\w+x" does not exist\. Create the database: createdb .* test_\w+x$'),
        (
            lambda url: url.replace(url.split(":")[3].split("/")[0], str(free_port())),
            r"Connection refused\. Start the server, or correct host and port",
        ),
        (lambda url: url.replace("127.0.0.1", "host.invalid"), r"host\.invalid.*Start the server, or correct host"),
    ],
    ids=["user", "password", "database", "port", "host"],
)
def test_a_database_that_cannot_be_opened_is_named_without_the_password(
    postgresql_url: str, change: Callable[[str], str], message: str
) -> None:
    with pytest.raises(RuntimeError, match=rf"^postgresql://[\w.]+:\d+/test_\w+ cannot be used: .*{message}") as caught:
        open_database(change(postgresql_url))
    assert not any(secret in str(caught.value) for secret in ("ss/word", "ss%2F", "wort"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://lan:sec@ret@host/db",
        "postgresql://lan:secret@host:port/db",
        "postgresql://lan:secret@host",
        "postgresql://",
    ],
)
def test_a_url_that_is_not_valid_is_not_repeated(url: str) -> None:
    with pytest.raises(RuntimeError, match=r"URL of the database is not valid.*Write postgresql://USER:PASS") as caught:
        open_database(url)
    assert "ret" not in str(caught.value)


def test_the_password_may_be_a_parameter_of_the_url_and_is_not_shown(postgresql_url: str) -> None:
    user, _, rest = postgresql_url.removeprefix("postgresql://").partition(":")
    secret, _, place = rest.partition("@")
    engine = open_database(f"postgres://{user}@{place}?password={secret}")
    assert PASSWORD not in repr(engine)
    assert secret not in repr(engine)
    engine.dispose()


def test_a_database_of_a_newer_release_is_refused(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(RuntimeError, match=r"by a newer openrek \(schema 9999; .* openrek, or use another database\.$"):
        open_database(postgresql_url)


def test_a_database_that_cannot_hold_all_text_is_refused(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(RuntimeError, match=r"has the encoding LATIN1, .* Create a database in UTF8: createdb"):
        open_database(url)
    postgresql.drop(url)


def test_a_user_who_may_not_create_tables_gets_advice(postgresql: PostgresqlServer, postgresql_url: str) -> None:
    postgresql.execute("DROP ROLE IF EXISTS guest")
    postgresql.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    place = postgresql_url.partition("@")[2]
    with pytest.raises(RuntimeError, match=r"permission denied for schema public\. Make the user the owner"):
        open_database(f"postgresql://guest:guest@{place}")


def test_without_psycopg_the_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None; from openrek.db import open_database; "
        "open_database('postgresql://lan:secret@localhost/db')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "RuntimeError: PostgreSQL needs psycopg" in done.stderr
    assert done.stderr.endswith("Install it: pip install 'openrek[postgresql]'\n")
    assert "secret@" not in done.stderr.splitlines()[-1]


def test_several_processes_may_create_the_tables_at_once(postgresql_url: str) -> None:
    program = "import sys; from openrek.db import open_database; open_database(sys.argv[1]).dispose()"
    command = [sys.executable, "-W", "error", "-c", program, postgresql_url]

    def start(_: int) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(4) as several:
        done = list(several.map(start, range(4)))
    assert [each.stderr for each in done] == [""] * 4


def test_names_are_ordered_as_in_sqlite_whatever_the_locale(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database("LOCALE_PROVIDER icu ICU_LOCALE 'vi' TEMPLATE template0")
    database = open_database(url)
    for name in ("b", "A", "a", "_", "B", "Đ", "d"):
        add(database, name)
    assert names(database) == ["A", "B", "_", "a", "b", "d", "Đ"]
    database.dispose()
    postgresql.drop(url)


def test_two_who_decide_by_what_they_read_wait_for_one_another(database: Engine) -> None:
    add(database, "counted")

    def count(_: int) -> None:
        with writing(database) as connection:
            lock(connection, "count")
            number = connection.execute(select(collections.c.created_ms)).scalar_one()
            connection.execute(update(collections).values(created_ms=number + 1))

    with ThreadPoolExecutor(8) as several:
        list(several.map(count, range(40)))
    with database.connect() as connection:
        assert connection.execute(select(collections.c.created_ms)).scalar_one() == 40


def test_callers_at_once_do_not_exceed_the_number_of_tags(database: Engine) -> None:
    reader = Reader(database)
    repository = Tags(database, reader)

    def write(number: int) -> None:
        with suppress(QuotaExceededError):
            repository.write("arn", {f"{number}-{index}": "" for index in range(30)})

    with ThreadPoolExecutor(12) as several:
        list(several.map(write, range(12)))
    with database.connect() as connection:
        assert connection.execute(select(func.count()).select_from(tags)).scalar_one() == 180
    reader.close()


def test_transactions_that_block_each_other_end_with_an_error_to_retry(database: Engine) -> None:
    add(database, "a")
    add(database, "b")
    both = threading.Barrier(2)

    def change(first: str, second: str) -> str:
        try:
            with writing(database) as connection:
                for name in (first, second):
                    connection.execute(update(collections).where(collections.c.name == name).values(model=first))
                    if name == first:
                        both.wait(30)
        except StorageUnavailableError as error:
            return error.message
        return "done"

    with ThreadPoolExecutor(2) as several:
        outcomes = list(several.map(change, "ab", "ba"))
    assert sorted(outcomes) == ["Requests that change the same data kept each other waiting. Try again.", "done"]


def test_connections_are_bounded(database: Engine) -> None:
    start = threading.Barrier(40)

    def query(_: int) -> int:
        start.wait(30)
        with database.connect() as connection:
            connection.exec_driver_sql("SELECT pg_sleep(0.05)")
            statement = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            return int(connection.exec_driver_sql(statement).scalar_one())

    with ThreadPoolExecutor(40) as several:
        assert max(several.map(query, range(40))) <= 20


def test_who_gets_no_connection_is_to_try_again(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openrek.db.postgresql._POOL_SECONDS", 0.01)
    database = open_database(postgresql_url)
    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(database.connect())
        with pytest.raises(StorageUnavailableError, match="Too many requests use the database"):
            names(database)
    assert names(database) == []
    database.dispose()


def test_a_connection_that_the_server_ended_is_replaced_unnoticed(
    database: Engine, postgresql: PostgresqlServer
) -> None:
    reader = Reader(database)
    add(database, "first")
    assert reader.all(_NAMES, {"name": "first"}) == [("first",)]
    name = database.url.database
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    postgresql.execute(end)
    assert reader.all(_NAMES, {"name": "first"}) == [("first",)]
    postgresql.execute(end)
    add(database, "second")
    postgresql.execute(end)
    assert names(database) == ["first", "second"]
    reader.close()


def test_a_transaction_whose_connection_is_lost_leaves_nothing(database: Engine, postgresql: PostgresqlServer) -> None:
    with pytest.raises(StorageUnavailableError, match="Try again"), writing(database) as connection:
        connection.execute(insert(collections), {"name": "lost", "model": "m", "created_ms": 0})
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgresql.execute(f"SELECT pg_terminate_backend({number})")
        connection.execute(insert(collections), {"name": "never", "model": "m", "created_ms": 0})
    assert names(database) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_server_that_comes_back_is_used_again(own_server: PostgresqlServer, how: signal.Signals) -> None:
    url = own_server.new_database()
    database = open_database(url)
    reader = Reader(database)
    add(database, "before")
    assert reader.all(_NAMES, {"name": "before"})
    own_server.stop(how)
    attempts: list[Callable[[], object]] = [
        lambda: reader.all(_NAMES, {"name": "before"}),
        lambda: names(database),
        lambda: add(database, "meanwhile"),
    ]
    for attempt in attempts:
        with pytest.raises(StorageUnavailableError) as caught:
            attempt()
        assert caught.value.message == "The database cannot be reached. Try again in a moment."
        assert re.match(r"postgresql://127\.0\.0\.1:\d+/test_\w+ cannot be reached: .", caught.value.args[1])
    own_server.start()
    assert reader.all(_NAMES, {"name": "before"}) == [("before",)]
    add(database, "after")
    assert names(database) == ["after", "before"]
    reader.close()
    database.dispose()


def test_queries_that_wait_for_one_that_cannot_connect_share_its_failure(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would wait for the timeout of its own connection, one after the other."""
    reader = Reader(database)
    trying, free = threading.Event(), threading.Event()
    attempts: list[int] = []

    def connect() -> None:
        attempts.append(1)
        trying.set()
        free.wait(30)
        raise StorageUnavailableError(cause="timeout expired")

    monkeypatch.setattr(database, "connect", connect)

    def query(_: int) -> str:
        with pytest.raises(StorageUnavailableError) as caught:
            reader.all(_NAMES, {"name": "a"})
        return str(caught.value.args[1])

    with ThreadPoolExecutor(8) as several:
        outcomes = [several.submit(query, 0)]
        trying.wait(30)
        outcomes += [several.submit(query, number) for number in range(7)]
        time.sleep(0.5)  # until the others wait
        free.set()
        assert [outcome.result() for outcome in outcomes] == ["timeout expired"] * 8
    assert len(attempts) < 8
    monkeypatch.undo()
    assert reader.all(_NAMES, {"name": "a"}) == []
    reader.close()


def test_a_snapshot_sees_one_state_of_the_database(state_settings: Settings) -> None:
    with compose(state_settings) as system, snapshot(system.database) as connection:
        count = select(func.count()).select_from(collections)
        assert connection.execute(count).scalar_one() == 0
        add(system.database, "meanwhile")
        assert connection.execute(count).scalar_one() == 0


def test_a_database_that_takes_no_writes_is_named(postgresql: PostgresqlServer, postgresql_url: str) -> None:
    open_database(postgresql_url).dispose()
    name = postgresql_url.rpartition("/")[2]
    postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database = open_database(postgresql_url)
    with pytest.raises(StorageReadOnlyError, match=rf"{name} could not be written: .* read-only transaction"):
        add(database, "c")
    assert names(database) == []
    database.dispose()


def test_text_that_postgresql_cannot_hold_is_an_error_of_the_request(database: Engine) -> None:
    with pytest.raises(InvalidParameterError, match=r"U\+0000"):
        add(database, "a\0b")
    reader = Reader(database)
    with pytest.raises(InvalidParameterError, match=r"U\+0000"):
        reader.all(_NAMES, {"name": "a\0b"})
    assert reader.all(_NAMES, {"name": "a"}) == []
    reader.close()


def test_errors_of_statements_stay_what_they_are(database: Engine) -> None:
    with pytest.raises(DataError, match="too long"):
        add(database, "n" * 256)


def test_the_environment_of_libpq_supplies_what_the_url_leaves_out(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = postgresql_url.partition("@")[2]
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:openrek:{PASSWORD}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", os.fspath(file))
    open_database(f"postgresql://openrek@{place}").dispose()
