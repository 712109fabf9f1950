"""What is asked of peers and what they answer."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import peers
from peer_figures import PeerProcess, question

STUB = """
import json, sys
print(json.dumps({"versions": {"stub": "1.0"}}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["peer"] == "broken":
        print(json.dumps({"error": "ImportError: no module"}), flush=True)
    elif asked["peer"] == "gone":
        sys.exit(3)
    else:
        print(json.dumps({"faces": len(asked["picture"])}), flush=True)
"""


def encoded(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), 200).save(buffer, "PNG")
    return buffer.getvalue()


def served(lines: list[str], opened: list[str]) -> list[peers.Answer]:
    def open_peer(name: str) -> peers.Peer:
        opened.append(name)
        if name == "absent":
            raise ImportError("no such package")
        if name == "quits":
            raise SystemExit
        return lambda pixels: {"shape": pixels.shape}

    answers = io.StringIO()
    peers.serve(lines, answers, open_peer)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_a_peer_is_opened_once_and_gets_rgb_pixels() -> None:
    opened: list[str] = []
    answers = served([question("size", encoded(5, 3)), question("size", encoded(2, 4))], opened)
    assert answers == [{"shape": [3, 5, 3]}, {"shape": [4, 2, 3]}]
    assert opened == ["size"]


@pytest.mark.parametrize(
    ("peer", "image", "error"),
    [
        ("absent", encoded(2, 2), "ImportError: no such package"),
        ("quits", encoded(2, 2), "ended"),
        ("size", b"no picture", "UnidentifiedImageError"),
    ],
)
def test_what_fails_is_told_and_the_next_question_answered(peer: str, image: bytes, error: str) -> None:
    failed, fine = served([question(peer, image), question("size", encoded(1, 1))], [])
    assert error in failed["error"]
    assert fine == {"shape": [1, 1, 3]}


def test_pictures_are_decoded_upright() -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    Image.new("RGB", (4, 2), (255, 0, 0)).save(buffer, "PNG", exif=exif)
    pixels = peers.decode(buffer.getvalue())
    assert pixels.shape == (4, 2, 3)
    assert np.array_equal(pixels[0, 0], [255, 0, 0])


def test_versions_name_only_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PACKAGES", ("numpy", "no-such-package-at-all"))
    assert set(peers.versions()) == {"numpy"}


def test_tesseract_s_files_lie_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed, pack, gathered = (tmp_path / name for name in ("share/tessdata", "pack", "gathered"))
    for folder in (installed, pack, gathered):
        folder.mkdir(parents=True)
    for name in ("eng", "osd", "vie"):
        (installed / f"{name}.traineddata").write_text("installed")
    (pack / "vie.traineddata").write_text("the pack's")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    peers.gather(gathered, pack)
    assert {file.stem for file in gathered.iterdir()} == {"eng", "osd", "vie"}
    assert (gathered / "vie.traineddata").read_text() == "the pack's"


def test_answers_come_from_a_process() -> None:
    process = PeerProcess([sys.executable, "-c", STUB])
    assert process.versions == {"stub": "1.0"}
    assert process.ask("finder", b"abc") == {"faces": 4}
    with pytest.raises(ChildProcessError, match="broken failed: ImportError"):
        process.ask("broken", b"")
    with pytest.raises(ChildProcessError, match="ended: 3"):
        process.ask("gone", b"")
    process.close()


def test_the_script_starts_without_any_peer() -> None:
    """It imports nothing of openrek, and no peer before it is asked."""
    script = Path(peers.__file__)
    requested = question("no such peer", encoded(1, 1))
    command = [sys.executable, "-I", str(script), "--vietnamese", "."]
    ran = subprocess.run(command, input=requested + "\n", capture_output=True, text=True, check=True)
    hello, answer = (json.loads(line) for line in ran.stdout.splitlines())
    assert "versions" in hello
    assert "KeyError" in answer["error"]
