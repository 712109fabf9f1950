"""The data folder is its owner's alone, and nothing else is touched."""

import logging
import os
import stat
from pathlib import Path

import pytest

from openrek.data_folder import make_private
from openrek.db import open_log_database

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_and_one_that_was_open_become_private(tmp_path: Path) -> None:
    make_private(tmp_path / "new" / "data")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    make_private(tmp_path / "open")
    assert (mode(tmp_path / "new" / "data"), mode(tmp_path / "open")) == (0o700, 0o700)


def test_a_folder_that_others_need_is_left_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tmp_path.chmod(0o1777)
    with caplog.at_level(logging.WARNING):
        make_private(tmp_path)
    assert mode(tmp_path) == 0o1777
    assert "can be read by others (mode 1777)" in caplog.text


def test_the_database_and_what_sqlite_puts_beside_it_are_private(tmp_path: Path) -> None:
    file = tmp_path / "openrek.sqlite3"
    file.touch(mode=0o644)
    file.chmod(0o644)
    database = open_log_database(file)
    with database.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM log_events")
        assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
        assert len(list(tmp_path.iterdir())) > 1
    database.dispose()
