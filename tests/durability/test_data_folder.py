"""What is wrong with a data folder is said in one plain line, at the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunningService, start_service, stop_service

_GARBAGE = b"\x00\xff\xfe this is not what belongs here \x80" * 40


def serve(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "openrek", "serve", "--port", "0", "--data", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_a_second_service_on_the_same_folder_is_refused_and_commands_are_not(server: RunningService) -> None:
    message = last_line(serve(server.data_dir))
    assert f"Another openrek (process {server.process.pid}) serves {server.data_dir}" in message
    assert "--data" in message
    keys = [sys.executable, "-m", "openrek", "keys", "list", "--data", str(server.data_dir)]
    assert subprocess.run(keys, capture_output=True, timeout=60, check=False).returncode == 0


def test_a_service_that_was_killed_does_not_keep_the_folder(tmp_path: Path) -> None:
    first = start_service(tmp_path)
    first.process.kill()
    stop_service(first)
    stop_service(start_service(tmp_path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, _GARBAGE) for name in ("credentials", "token", "master.key", "openrek.sqlite3", "log.sqlite3")),
        ("models.toml", b"[x\n"),
        *((name, b"") for name in ("credentials", "token", "master.key")),
    ],
    ids=lambda value: value if isinstance(value, str) else "empty" if not value else "damaged",
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    message = last_line(serve(tmp_path))
    assert str(tmp_path / name) in message
    assert "elete" in message or "resets it" in message


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    message = last_line(serve(tmp_path / "file" / "data"))
    assert str(tmp_path / "file") in message
    assert "Not a directory" in message
