"""What the README says works, word for word: its examples are run, its links and figures are looked up."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from openrek.cli import COMMANDS
from tests.conftest import ROOT, RunningService
from tests.videos import encode_video, texture

README = (ROOT / "README.md").read_text(encoding="utf-8")
VIETNAMESE = (ROOT / "README.vi.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: (language, code)
    for name, language, code in re.findall(r"<!-- example: (\w+) -->\n```(\w+)\n(.*?)```", README, re.DOTALL)
}
DEFAULT_DATA = "~/.local/share/openrek"


@pytest.fixture
def folder(tmp_path: Path, cat: bytes) -> Path:
    """A folder with what the examples read."""
    (tmp_path / "photo.jpg").write_bytes(cat)
    (tmp_path / "video.mp4").write_bytes(encode_video([texture(1)] * 5))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(cat)
    return tmp_path


def _run(server: RunningService, folder: Path, name: str) -> str:
    language, code = EXAMPLES[name]
    code = code.replace(DEFAULT_DATA, str(server.data_dir)).replace("http://127.0.0.1:8420", server.url)
    exports = re.search(r"```sh\n(export AWS_ENDPOINT.*?)```", README, re.DOTALL)
    assert exports
    setting = exports[1].replace(DEFAULT_DATA, str(server.data_dir)).replace("http://127.0.0.1:8420", server.url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    if language == "python":
        (folder / "example.py").write_text(code, encoding="utf-8")
        code = f"{sys.executable} -W error example.py"
    done = subprocess.run(
        ["sh", "-ec", setting + code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_boto3_example_prints_labels(server: RunningService, folder: Path) -> None:
    assert re.search(r"^Cat: \d+ %, 1 boxes$", _run(server, folder, "boto3"), re.MULTILINE)


def test_the_cli_example_prints_json(server: RunningService, folder: Path) -> None:
    assert isinstance(json.loads(_run(server, folder, "cli")), list)


def test_the_curl_example_makes_an_analysis(server: RunningService, folder: Path) -> None:
    assert "Cat" in [label["Name"] for label in json.loads(_run(server, folder, "curl"))["labels"]]


def test_the_analyze_example_prints_and_saves(server: RunningService, folder: Path) -> None:
    output = _run(server, folder, "analyze")
    assert "Cat" in output
    assert "video.mp4: 0:00.2" in output
    assert json.loads(output.splitlines()[-1])["labels"]
    assert (folder / "out" / "cat.annotated.jpg").exists()


def test_the_python_example_runs(server: RunningService, folder: Path) -> None:
    _run(server, folder, "python")


def test_every_example_is_run() -> None:
    assert set(EXAMPLES) == {"boto3", "cli", "curl", "analyze", "python"}


@pytest.mark.parametrize("text", [README, VIETNAMESE], ids=["English", "Vietnamese"])
def test_links_lead_somewhere(text: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_languages_have_the_same_commands() -> None:
    def commands(text: str) -> list[str]:
        return re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)

    assert commands(README) == commands(VIETNAMESE)


def test_every_command_is_in_the_readme() -> None:
    missing = [name for name in COMMANDS if f"openrek {name}" not in README]
    assert missing == []
