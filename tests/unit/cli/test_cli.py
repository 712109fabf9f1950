"""The command line says what is wrong in plain words, and what it found to people and programs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from tests.conftest import encode
from tests.images import page

from openrek.cli import main
from openrek.cloudwatch import Log
from openrek.compose import compose
from openrek.config import Settings


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


def test_an_unknown_host_is_refused_with_the_option_to_change(tmp_path: Path) -> None:
    done = run("serve", "--host", "256.1.1.1", "--port", "0", "--data", str(tmp_path))
    assert done.exit_code == 1
    assert "256.1.1.1" in done.output
    assert "--host" in done.output


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


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["table", "json"])
def test_files_in_a_folder_that_are_skipped_are_counted_and_named(
    tmp_path: Path, cat: bytes, options: tuple[str, ...]
) -> None:
    (tmp_path / "trip").mkdir()
    (tmp_path / "cat.jpg").write_bytes(cat)
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (tmp_path / "trip" / "film.mp4").write_bytes(b"\0")
    (tmp_path / ".DS_Store").write_bytes(b"\0")
    done = run("analyze", str(tmp_path), *options)
    assert done.exit_code == 0, done.output
    assert "Skipped 2 files" in done.stderr
    assert "IMG_1.HEIC, film.mp4" in done.stderr
    assert "DS_Store" not in done.stderr
    assert "HEIC" not in done.stdout
    if options:
        assert [Path(json.loads(line)["path"]).name for line in done.stdout.splitlines()] == ["cat.jpg"]


def test_a_folder_of_other_files_alone_says_what_they_are(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"IMG_{number:02}.HEIC").write_bytes(b"\0")
    done = run("analyze", str(tmp_path))
    assert done.exit_code == 1
    assert "Skipped 30 files" in done.stderr
    assert "IMG_19.HEIC and 10 more" in done.stderr
    assert "No images found" in done.stderr


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run("analyze", str(tmp_path / "nothing.jpg"))
    assert done.exit_code == 2
    assert "nothing.jpg" in done.output


def test_what_a_picture_says_is_no_markup(tmp_path: Path) -> None:
    image = tmp_path / "[bold].png"
    image.write_bytes(page("[1] Smith [/2]"))
    done = run("analyze", str(image))
    assert done.exit_code == 0, done.output
    words = done.output.replace("\n", "").replace(" ", "").replace("│", "")
    assert "Smith" in words
    assert "[bold].png" in words
    assert "[/2]" in words


def test_saved_outcomes_mirror_folders_and_write_over_nothing(tmp_path: Path, cat: bytes) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "folder.jpg").mkdir()
    for name in ("a.jpg", "a.jpeg", "a-2.jpg", "sub/a.jpg", "a.annotated.jpg"):
        (folder / name).write_bytes(cat)
    done = run("analyze", str(folder), "--json", "--save", str(folder))
    assert done.exit_code == 0, done.output
    saved = {path.relative_to(folder).as_posix(): json.loads(path.read_bytes()) for path in folder.rglob("*.json")}
    assert len({result["path"] for result in saved.values()}) == 5
    assert {"a-2.json", "sub/a.json", "a.annotated.json"} < set(saved)
    assert saved["a-2.json"]["path"].endswith("a-2.jpg")
    assert (folder / "a.annotated.jpg").read_bytes() == cat


def test_a_picture_of_up_to_15_mib_is_analysed_and_a_larger_one_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (1500, 1500, 3), dtype=np.uint8)
    (tmp_path / "large.png").write_bytes(encode(noise, "PNG"))
    assert (tmp_path / "large.png").stat().st_size > 5_242_880
    (tmp_path / "larger.bmp").write_bytes(encode(np.tile(noise, (2, 2, 1)), "BMP"))
    (tmp_path / "empty.png").touch()
    done = run("analyze", str(tmp_path), "--json")
    assert [Path(line["path"]).name for line in map(json.loads, done.stdout.splitlines())] == ["large.png"]
    assert "15,728,640" in done.stderr
    assert "Image is empty" in done.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a device without end is needed")
def test_a_file_without_end_is_read_no_further_than_an_image_may_be() -> None:
    """Read whole, the device would fill all memory: the limit makes that an error of this test alone."""
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30)); "
    command = limited + "from openrek.cli import main; main(['analyze', '/dev/zero'])"
    done = subprocess.run([sys.executable, "-c", command], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "/dev/zero: Image has 15,728,641 bytes; at most 15,728,640 are allowed." in done.stderr


def test_a_folder_that_cannot_be_written_is_told_before_any_work(tmp_path: Path, cat: bytes) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    (tmp_path / "file").touch()
    done = run("analyze", str(tmp_path / "cat.jpg"), "--save", str(tmp_path / "file" / "out"))
    assert done.exit_code == 1
    assert "cannot write into" in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_the_log_shows_no_order_to_the_terminal(tmp_path: Path) -> None:
    store = compose(Settings(tmp_path)).log_store
    Log(store=store).emit("refused", "nothing here", path="/a\x1b[31m\nforged\u202e")
    store.close()
    done = run("logs", "--data", str(tmp_path))
    assert r"/a\x1b[31m\nforged\u202e" in done.output
    assert done.output.count("\n") == 1


def test_a_damaged_database_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "openrek.sqlite3").write_bytes(b"this is no database" * 100)
    for arguments in (["serve", "--port", "0"], ["logs"], ["keys", "list"], ["celebrities", "list"]):
        done = run(*arguments, "--data", str(tmp_path))
        assert done.exit_code == 1, arguments
        assert isinstance(done.exception, SystemExit)
        assert "openrek.sqlite3 cannot be used: file is not a database" in done.output


@pytest.mark.parametrize("moment", ["loading", "analysing"])
def test_an_interrupt_ends_a_command_with_its_status_and_without_a_traceback(
    tmp_path: Path, cat: bytes, moment: str
) -> None:
    for number in range(200):
        (tmp_path / f"{number}.jpg").write_bytes(cat)
    command = [sys.executable, "-m", "openrek", "analyze", "--json", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if moment == "loading" and sys.platform == "linux":
        while "onnxruntime_pybind" not in Path(f"/proc/{process.pid}/maps").read_text():
            time.sleep(0.01)
    else:
        json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.endswith("Interrupted.\n")
    assert "Traceback" not in errors
    for line in output.splitlines():
        json.loads(line)


@pytest.mark.parametrize("command", ["serve", "analyze"])
def test_an_execution_provider_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, command: str, cat: bytes
) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    arguments = ["--port", "0"] if command == "serve" else [str(tmp_path / "cat.jpg")]
    done = subprocess.run(
        [sys.executable, "-m", "openrek", command, *arguments],
        env={**os.environ, "OPENREK_DATA_DIR": str(tmp_path / "data"), "OPENREK_EXECUTION_PROVIDER": "abacus"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "execution_provider is 'abacus', which the installed ONNX Runtime does not have. Available: " in done.stderr
    assert "cpu" in done.stderr.rpartition("Available: ")[2]
    assert "Traceback" not in done.stderr


def _commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, *path, name)
    else:
        yield " ".join(path), command


def test_commands_with_state_have_both_options_that_say_where_it_is() -> None:
    options = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in _commands(main)
        if not name.startswith(("logs", "models", "sync", "analyze", "deploy", "destroy"))
    }
    assert {"serve", "worker", "keys create", "celebrities add", "collections import", "faces index"} <= set(options)
    assert [name for name, each in options.items() if not {"--data", "--database"} <= each] == []


def test_where_the_state_is_cannot_be_chosen_for_another_service(tmp_path: Path) -> None:
    done = run("faces", "index", "staff", str(tmp_path), "--endpoint-url", "http://x", "--database", "postgresql://h/d")
    assert done.exit_code == 2
    assert "--data, --database and --keep-faces cannot be used with --endpoint-url" in done.output
