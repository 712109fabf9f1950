"""The kept log: complete, in order, by request, without secrets, not for ever."""

import io
import threading
import time
from pathlib import Path

import orjson
import pytest

from openrek.cloudwatch import Log, LogQuery, LogRecord, LogStore
from openrek.db import open_log_database

DAY_MS = 86_400_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite3"


def test_records_are_found_by_request_and_by_position(path: Path) -> None:
    store = LogStore(open_log_database(path))
    log = Log(None, store)
    for number in range(5):
        log.emit("stored", "kept", request_id=f"r{number % 2}", analysis_id="a", bytes=number)
    store.flush()
    assert [record.fields["bytes"] for record in store.query(LogQuery(request_id="r1"))] == [1, 3]
    assert [record.fields["bytes"] for record in store.query(LogQuery(limit=2, newest=True))] == [3, 4]
    first = store.query(LogQuery(limit=2))
    assert first[-1].position is not None
    rest = store.query(LogQuery(after=first[-1].position))
    assert [record.fields["bytes"] for record in [*first, *rest]] == [0, 1, 2, 3, 4]
    store.close()


def test_closing_keeps_what_was_handed_over(path: Path) -> None:
    store = LogStore(open_log_database(path))
    for number in range(700):
        Log(None, store).emit("answered", ms=number)
    store.close()
    again = LogStore(open_log_database(path))
    assert len(again.query(LogQuery(limit=1000))) == 700
    again.close()


def test_many_writers_lose_nothing(path: Path) -> None:
    store = LogStore(open_log_database(path))
    log = Log(None, store)

    def write(writer: int) -> None:
        for number in range(200):
            log.emit("answered", request_id=f"w{writer}", number=number)

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    store.flush()
    for writer in range(8):
        found = store.query(LogQuery(request_id=f"w{writer}", limit=1000))
        assert [record.fields["number"] for record in found] == list(range(200))
    store.close()


def test_old_records_go(path: Path) -> None:
    store = LogStore(open_log_database(path), retention_days=7)
    now = time.time_ns() // 1_000_000
    for age in (8, 6):
        store.append(LogRecord("stored", "INFO", now - age * DAY_MS, "", None, None, {"age": age}))
    store.flush()
    assert [record.fields["age"] for record in store.query(LogQuery())] == [6]
    store.close()


def test_a_line_is_json_and_holds_no_secret_and_no_bytes() -> None:
    stream = io.StringIO()
    Log(stream).emit("received", "a picture", request_id="r", image=b"\xff\xd8" * 50, secret_access_key="abc", size=3)
    (line,) = stream.getvalue().splitlines()
    record = orjson.loads(line)
    assert (record["event"], record["message"], record["request_id"], record["size"]) == (
        "received",
        "a picture",
        "r",
        3,
    )
    assert "abc" not in line
    assert "\\xff" not in line
    assert "ffd8" not in line


def test_without_permission_nothing_is_written() -> None:
    stream = io.StringIO()
    allowed = [True]
    log = Log(stream).permitted(lambda: allowed[0])
    log.emit("one")
    allowed[0] = False
    log.emit("two")
    assert [orjson.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["one"]
