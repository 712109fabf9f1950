"""The command line says what is wrong in plain words, and what it found to people and programs."""

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from openrek.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_every_command_helps() -> None:
    listed = run("--help")
    for name in ("serve", "analyze", "logs", "keys", "celebrities"):
        assert name in listed.output
        assert run(name, "--help").exit_code == 0
    assert run("nonsense").exit_code == 2


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), "--data", str(tmp_path))
    assert done.exit_code == 1
    assert f"port {port}" in done.output
    assert "--port" in done.output


@pytest.mark.parametrize(("option", "value"), [("--port", "70000"), ("--workers", "0")])
def test_a_setting_out_of_range_is_told(tmp_path: Path, option: str, value: str) -> None:
    done = run("serve", option, value, "--data", str(tmp_path))
    assert done.exit_code == 2
    assert "must be from" in done.output


def test_there_is_no_log_before_the_first_start(tmp_path: Path) -> None:
    done = run("logs", "--data", str(tmp_path))
    assert done.exit_code == 1
    assert "openrek serve" in done.output


def test_pictures_are_analysed_and_others_named(tmp_path: Path, cat: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cat.jpg").write_bytes(cat)
    (tmp_path / "in" / "broken.jpg").write_bytes(cat[:500])
    done = run("analyze", str(tmp_path / "in"), "--json", "--save", str(tmp_path / "out"))
    found = {Path(line["path"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert "Cat" in [label["Name"] for label in found["cat.jpg"]["labels"]]
    assert "labels" not in found.get("broken.jpg", {})
    assert "broken.jpg" in done.output
    assert done.exit_code == 1
    assert list((tmp_path / "out").rglob("*.jpg"))


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run("analyze", str(tmp_path / "nothing.jpg"))
    assert done.exit_code == 2
    assert "nothing.jpg" in done.output
