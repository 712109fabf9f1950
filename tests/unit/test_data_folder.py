"""The data folder is its owner's alone, and nothing else is touched."""

import contextlib
import errno
import logging
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from openrek.data_folder import check_writable, make_private
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


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "Free space"), (errno.EDQUOT, "Free space"), (errno.EROFS, "Make it writable")],
)
def test_a_folder_that_cannot_be_written_is_named_with_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    check_writable(tmp_path)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RuntimeError, match=f"{tmp_path} cannot be written: {os.strerror(number)}. {remedy}"):
        check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where the test may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root on Linux")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def serve(folder: Path) -> str:
    """What `openrek serve` says when it cannot start."""
    command = [sys.executable, "-m", "openrek", "serve", "--port", "0", "--data", str(folder), "--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize("used_before", [False, True])
def test_a_start_on_a_full_or_read_only_disk_says_so(small_disk: Path, used_before: bool) -> None:
    data = small_disk / "data"
    data.mkdir()
    if used_before:
        open_log_database(data / "openrek.sqlite3").dispose()
    with contextlib.suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert f"The data folder {data} cannot be written: No space left on device. Free space" in serve(data)
    (small_disk / "fill").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert f"The data folder {data} cannot be written: Read-only file system. Make it writable" in serve(data)
