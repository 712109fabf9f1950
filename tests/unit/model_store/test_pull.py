"""Packs pulled from a server on this machine: checked, put in place whole or not at all, used, and gone on with."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from tests import graphs
from tests.conftest import encode, free_port
from tests.file_server import FileServer

from openrek.cli import main
from openrek.compose import compose
from openrek.config import Settings
from openrek.model_store import Library
from openrek.model_store import download as module
from openrek.rekognition.operations.images.labels import render
from openrek.vision import EncodedFrame, load_packs
from openrek.vision.architectures.clip_tokens import END, START

SECONDS = 30
MODEL = """
[[model]]
name = "{name}"
task = "{task}"
architecture = "{architecture}"
file = "{name}{suffix}"
{whence}
sha256 = "{sha256}"
bytes = {size}
license_code = "MIT"
license_weights = "MIT"
license_source = "made here"
source = "made here"
trained_on = "nothing"
labels = {labels}
input = {input}
metrics = []
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """One on this machine."""
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0)
    monkeypatch.setenv("COLUMNS", "200")
    with FileServer() as server:
        yield server


def run(*arguments: str | Path) -> Result:
    """`openrek models …`"""
    return CliRunner().invoke(main, ["models", *map(str, arguments)])


def offered(
    server: FileServer,
    path: Path,
    task: str,
    architecture: str,
    labels: object = (),
    fed: str = "{ size = [64, 64] }",
    known: bool = True,
    made: str = "",
) -> str:
    """The file, served, as a model of a descriptor."""
    data = path.read_bytes() if path.is_file() else b""
    server.files[f"/{path.name}"] = data
    return MODEL.format(
        name=path.stem,
        suffix=path.suffix,
        task=task,
        architecture=architecture,
        whence=f'made = "{made}"' if made else f'url = "{server.url}/{path.name}"',
        sha256=hashlib.sha256(data).hexdigest() if known and data else "",
        size=len(data) if known else 0,
        labels=json.dumps(labels),
        input=fed,
    )


def descriptor(folder: Path, name: str, *models: str) -> Path:
    """A descriptor's file."""
    path = folder / f"{name}.toml"
    path.write_text(f'[pack]\nname = "{name}"\nversion = "3"\ndescription = "For tests."\n' + "".join(models))
    return path


@pytest.fixture
def finder(server: FileServer, tmp_path: Path) -> Path:
    """The descriptor of a pack with one model that finds red and blue."""
    file = graphs.yolox(tmp_path / "finder.onnx", 64, 64)
    return descriptor(tmp_path, "colours", offered(server, file, "objects", "yolox", ["Red", "Blue"]))


def yellow() -> EncodedFrame:
    """A yellow cell at (96, 64) to (128, 96) of 256 × 256 pixels."""
    pixels = np.zeros((256, 256, 3), np.uint8)
    pixels[64:96, 96:128] = (255, 255, 0)
    return EncodedFrame.open(encode(pixels, "PNG"))


def rows(data: Path) -> dict[str, dict[str, object]]:
    """What `list` says, by name."""
    done = run("list", "--json", "--data", data)
    assert done.exit_code == 0, done.output
    return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_a_pack_is_pulled_listed_verified_used_and_served(server: FileServer, finder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert rows(data)["default"]["used_for"] == ["objects", "labels", "faces", "face_embedding", "text_recognition"]
    assert rows(data)["yolox-s"]["state"] == "available"
    assert "colours" not in rows(data)

    done = run("pull", finder, "--data", data)
    assert done.exit_code == 0, done.output
    assert "openrek models use colours" in done.output
    assert rows(data)["colours"]["state"] == "pulled"
    assert rows(data)["colours"]["used_for"] == []
    assert Library(data).in_use() == ((), {})

    assert "colours 3: 1 files, all as described" in run("verify", "--data", data).output
    done = run("use", "colours", "--data", data)
    assert done.exit_code == 0, done.output
    assert rows(data)["colours"]["used_for"] == ["objects"]
    assert rows(data)["default"]["used_for"] == ["labels", "faces", "face_embedding", "text_recognition"]
    shown = run("list", "--data", data).output
    assert "in use: objects" in shown
    assert "Apache-2.0" in shown

    with compose(Settings(data, workers=2, queue=4)).engine as engine:
        names = {model.name for model in engine.models}
        assert "finder" in names
        assert not names & {"nanodet", "ssdlite"}
        assert {"efficientnet_lite0", "centerface", "face_embedding"} <= names
        assert engine.version.endswith("-colours-3")
        assert engine.object_names == ("Red", "Blue")
        found = engine.analysis(yellow()).objects
        assert found.xyxy == pytest.approx(np.array([[80, 64, 144, 96]]), abs=1)
        assert engine.analysis(yellow()).labels.object_names == ("Red",)

    assert run("use", "default", "--data", data).exit_code == 0
    assert Library(data).in_use() == ((), {})
    assert rows(data)["colours"]["used_for"] == []


def test_a_recogniser_is_pulled_and_reads_while_vietnamese_is_still_read_by_its_own(
    server: FileServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    file = graphs.ctc(tmp_path / "reader.onnx", "ok")
    pack = descriptor(tmp_path, "okay", offered(server, file, "text_recognition", "ctc"))
    done = run("pull", pack, "--data", data)
    assert done.exit_code == 0, done.output
    assert run("use", "okay", "--data", data).exit_code == 0
    with compose(Settings(data, workers=2, queue=4)).engine as engine:
        names = {model.name for model in engine.models}
        assert {"reader", "tesseract_vie", "ppocr_det"} <= names
        assert "ppocr_rec" not in names
        canvas = np.full((200, 600, 3), 255, np.uint8)
        cv2.putText(canvas, "Hello", (60, 130), cv2.FONT_HERSHEY_SIMPLEX, 3, (0, 0, 0), 8)
        (line,) = engine.analysis(EncodedFrame.open(encode(canvas, "PNG"))).text.lines
        assert line.text == "ok"


def test_a_recogniser_without_characters_is_refused(server: FileServer, tmp_path: Path) -> None:
    file = graphs.ctc(tmp_path / "reader.onnx", "")
    done = run(
        "pull", descriptor(tmp_path, "mute", offered(server, file, "text_recognition", "ctc")), "--data", tmp_path
    )
    assert done.exit_code == 1
    assert "has no labels, and no character in its file" in done.output
    file = graphs.ctc(tmp_path / "reader.onnx", "ok")
    few = descriptor(tmp_path, "few", offered(server, file, "text_recognition", "ctc", ["o"]))
    assert "tells 4 characters apart" in run("pull", few, "--data", tmp_path).output


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_list_breaks_lines_between_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = run("list", "--data", tmp_path).output
    assert max(map(len, shown.splitlines())) <= width
    words = shown.split()
    for row in rows(tmp_path).values():
        assert row["name"] in words
        assert set(str(row["description"]).split()) <= set(words)


def test_a_siglip_is_pulled_and_a_picture_can_have_several_of_its_labels(server: FileServer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pieces = ["<pad>", "</s>", "<unk>", "▁this", "▁is", "▁a", "▁photo", "▁of", "▁red", "▁light", "▁blue"]
    vectors = [[0, 0, 0]] * 8 + [[1, -1, -1], [1, 1, 1], [-1, -1, 1]]
    graphs.siglip_text(tmp_path / "read.onnx", vectors)
    vocabulary = [[piece, -float(place)] for place, piece in enumerate(pieces)]
    (tmp_path / "pieces.json").write_text(json.dumps({"model": {"unk_id": 2, "vocab": vocabulary}}))
    labels = ["Red", "Light", "Blue"]
    fed = '{ size = [16, 16], vectors = "vectors", scale = 20.0, bias = -6.0 }'
    made = '{ text = "read", tokenizer = "pieces", prompt = "This is a photo of {}." }'
    pack = descriptor(
        tmp_path,
        "each",
        offered(server, graphs.siglip_image(tmp_path / "look.onnx", 16), "labels", "siglip", labels, fed),
        offered(server, tmp_path / "vectors.npy", "label_vectors", "siglip_labels", labels, made, made="siglip_labels"),
        offered(server, tmp_path / "read.onnx", "build", "siglip_text", fed="{}"),
        offered(server, tmp_path / "pieces.json", "build", "siglip_tokens", fed="{}"),
    )
    done = run("pull", pack, "--data", data)
    assert done.exit_code == 0, done.output
    assert run("use", "each", "--data", data).exit_code == 0
    with compose(Settings(data, workers=2, queue=4)).engine as engine:
        pink = EncodedFrame.open(encode(np.full((80, 120, 3), (255, 150, 150), np.uint8), "PNG"))
        found = engine.analysis(pink).labels
        assert not found.exclusive
        seen = {label["Name"]: label["Confidence"] for label in render(found, pink, 50)}
        assert set(seen) == {"Red", "Light"}
        assert sum(seen.values()) > 150


def test_each_task_can_have_a_pack_of_its_own(server: FileServer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    faces = graphs.yunet(tmp_path / "eyes.onnx", 128)
    embedding = graphs.sface(tmp_path / "memory.onnx")
    image, text = graphs.clip_image(tmp_path / "look.onnx", 16), tmp_path / "read.onnx"
    words = ["red</w>", "green</w>", "blue</w>", "a</w>", START, END]
    graphs.clip_text(text, [[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    (tmp_path / "words.json").write_text(
        json.dumps(
            {
                word: place
                for place, word in enumerate(
                    [*words, *"redgnblu", "d</w>", "n</w>", "e</w>", "gr", "gre", "gree", "re", "bl", "blu"]
                )
            }
        )
    )
    pairs = ["g r", "gr e", "gre e", "gree n</w>", "r e", "re d</w>", "b l", "bl u", "blu e</w>"]
    (tmp_path / "pairs.txt").write_text("#version: 0.2\n" + "\n".join(pairs) + "\n")
    labels = ["Red", "Green", "Blue"]
    vectors = '{ text = "read", vocabulary = "words", merges = "pairs", prompt = "a {}" }'
    fed = '{ size = [16, 16], vectors = "vectors", scale = 100.0 }'
    for pack in (
        descriptor(
            tmp_path,
            "people",
            offered(server, faces, "faces", "yunet", fed="{ size = [128, 128] }"),
            offered(server, embedding, "face_embedding", "sface"),
        ),
        descriptor(
            tmp_path,
            "words",
            offered(server, image, "labels", "clip", labels, fed),
            offered(
                server, tmp_path / "vectors.npy", "label_vectors", "clip_labels", labels, vectors, made="clip_labels"
            ),
            offered(server, text, "build", "clip_text", fed="{}"),
            offered(server, tmp_path / "words.json", "build", "clip_tokens", fed="{}"),
            offered(server, tmp_path / "pairs.txt", "build", "clip_tokens", fed="{}"),
        ),
    ):
        done = run("pull", pack, "--data", data)
        assert done.exit_code == 0, done.output
        assert run("use", pack.stem, "--data", data).exit_code == 0
    done = run("verify", "--data", data)
    assert "words 3: 5 files, all as described" in done.output
    with compose(Settings(data, workers=2, queue=4)).engine as engine:
        # The text half made the labels' vectors and is not loaded.
        names = {model.name for model in engine.models}
        assert {"eyes", "memory", "look", "vectors"} <= names
        assert not names & {"read", "words", "pairs", "centerface", "blazeface_back"}
        assert "efficientnet_lite0" in names  # for the heads of the pack, which judge head covers by its features
        green = EncodedFrame.open(encode(np.full((80, 120, 3), (0, 255, 0), np.uint8), "PNG"))
        name, score = engine.analysis(green).labels.shares[0]
        assert name == "Green"
        assert score == pytest.approx(1)
        pixels = np.zeros((128, 128, 3), np.uint8)
        pixels[48:64, 32:48] = (255, 0, 0)
        picture = EncodedFrame.open(encode(pixels, "PNG"))
        found = engine.analysis(picture).faces
        assert found.xyxy == pytest.approx(np.array([[24, 40, 56, 72]]), abs=1)
        (vector,) = engine.analysis(picture).embeddings(found)
        assert vector.shape == (128,)
        assert engine.face_model.startswith("sface-")
        # The cosine from which OpenCV calls two faces the same is a similarity of 80.
        other = 0.363 * vector + np.sqrt(1 - 0.363**2) * _across(vector)
        similar = engine.similarity(vector, np.stack([vector, other, -vector]).astype(np.float32))
        assert similar == pytest.approx([1, 0.8, 0], abs=1e-3)
    assert run("use", "default", "--task", "faces", "--data", data).exit_code == 0
    assert rows(data)["people"]["used_for"] == ["face_embedding"]


def _across(vector: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    other = np.roll(vector, 1)
    other = other - (other @ vector) * vector
    return np.asarray(other / np.linalg.norm(other), np.float32)


def test_a_pack_that_is_there_is_not_downloaded_again(server: FileServer, finder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("pull", finder, "--data", data).exit_code == 0
    requested = len(server.requested)
    assert run("pull", finder, "--data", data).exit_code == 0
    assert len(server.requested) == requested


def test_wrong_bytes_are_thrown_away_and_what_was_there_stays(server: FileServer, finder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    right = server.files["/finder.onnx"]
    server.files["/finder.onnx"] = right[:-1] + bytes([right[-1] ^ 1])
    done = run("pull", finder, "--data", data)
    assert done.exit_code == 1
    assert "is not the file that was expected: its SHA-256 is" in done.output
    assert "nothing is installed" in done.output
    assert Library(data).names() == ()
    assert not list(data.rglob("finder*"))
    server.files["/finder.onnx"] = right
    assert run("pull", finder, "--data", data).exit_code == 0
    # A pack that is there goes on being served while a pull of it fails.
    (data / "packs" / "colours" / "finder.onnx").unlink()
    server.files["/finder.onnx"] = bytes(len(right))
    assert run("pull", finder, "--data", data).exit_code == 1
    assert Library(data).names() == ("colours",)


def test_the_right_file_that_is_no_model_of_this_kind_is_not_installed(server: FileServer, tmp_path: Path) -> None:
    page, other = tmp_path / "page.onnx", graphs.sface(tmp_path / "other.onnx")
    page.write_text("<html>Please log in</html>")
    for file in (page, other):
        pack = descriptor(tmp_path, file.stem, offered(server, file, "objects", "yolox", ["Red"]))
        done = run("pull", pack, "--data", tmp_path / "data")
        assert done.exit_code == 1
        assert f"the model {file.stem} does not work as yolox: " in done.output
        assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


@pytest.mark.parametrize("length", [True, False], ids=["its length told", "its length not told"])
def test_a_server_that_breaks_off_in_the_middle_is_asked_for_the_rest(
    server: FileServer, finder: Path, tmp_path: Path, length: bool
) -> None:
    server.break_after, server.length = 5000, length
    done = run("pull", finder, "--data", tmp_path / "data")
    assert done.exit_code == 0, done.output
    assert server.requested[1] == ("/finder.onnx", "bytes=5000-")
    assert run("verify", "colours", "--data", tmp_path / "data").exit_code == 0


def test_a_server_that_is_not_there_is_told_in_plain_words(tmp_path: Path, server: FileServer, finder: Path) -> None:
    finder.write_text(finder.read_text().replace(server.url, f"http://127.0.0.1:{free_port()}"))
    done = run("pull", finder, "--data", tmp_path / "data")
    assert done.exit_code == 1
    assert "cannot be reached" in done.output
    assert "everything else works without" in done.output
    assert "Traceback" not in done.output


def test_a_pull_that_is_killed_goes_on_where_it_was(server: FileServer, tmp_path: Path) -> None:
    file = graphs.yolox(tmp_path / "large.onnx", 64, 64, ballast=os.urandom(2_000_000))
    pack = descriptor(tmp_path, "large", offered(server, file, "objects", "yolox", ["Red"]))
    server.stall = threading.Event()
    pulling = subprocess.Popen(
        [sys.executable, "-m", "openrek", "models", "pull", str(pack), "--data", str(tmp_path / "data")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    part = tmp_path / "data" / "packs" / ".large.pulling" / "large.onnx.part"
    assert server.halfway.wait(SECONDS)
    while not part.exists() or part.stat().st_size < 500_000:
        assert pulling.poll() is None
    pulling.send_signal(signal.SIGKILL)
    pulling.wait(SECONDS)
    server.stall.set()
    there = part.stat().st_size
    assert Library(tmp_path / "data").names() == ()
    assert run("pull", pack, "--data", tmp_path / "data").exit_code == 0
    assert [span for _, span in server.requested] == ["", f"bytes={there}-"]
    (model,) = Library(tmp_path / "data").pack("large").models
    assert model.verify().read_bytes() == file.read_bytes()
    assert not part.parent.exists()


@pytest.fixture
def unknown(server: FileServer, tmp_path: Path) -> Path:
    """The descriptor of a pack whose file has no known hash."""
    file = graphs.yolox(tmp_path / "finder.onnx", 64, 64)
    return descriptor(tmp_path, "unknown", offered(server, file, "objects", "yolox", ["Red", "Blue"], known=False))


def test_a_file_whose_hash_nobody_told_is_not_taken_unasked(server: FileServer, unknown: Path, tmp_path: Path) -> None:
    done = run("pull", unknown, "--data", tmp_path / "data")
    assert done.exit_code == 1
    assert "finder.onnx cannot be verified: its descriptor has no SHA-256" in done.output
    assert "--sha256 finder.onnx=HEX" in done.output
    assert "--trust-first-download" in done.output
    assert server.requested == []


def test_a_first_download_that_was_trusted_is_insisted_on(server: FileServer, unknown: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    right = server.files["/finder.onnx"]
    done = run("pull", unknown, "--trust-first-download", "--data", data)
    assert done.exit_code == 0, done.output
    assert f"its SHA-256 is {hashlib.sha256(right).hexdigest()}" in done.output
    (model,) = Library(data).pack("unknown").models
    assert model.sha256 == hashlib.sha256(right).hexdigest()
    assert model.bytes == len(right)
    (data / "packs" / "unknown" / "finder.onnx").unlink()
    server.files["/finder.onnx"] = b"another"
    done = run("pull", unknown, "--trust-first-download", "--data", data)
    assert done.exit_code == 1
    assert "is not the file that was expected" in done.output
    server.files["/finder.onnx"] = right
    assert run("pull", unknown, "--data", data).exit_code == 0


def test_a_hash_that_the_user_knows_is_insisted_on(server: FileServer, unknown: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(server.files["/finder.onnx"]).hexdigest()
    for wrong in (hashlib.sha256(b"").hexdigest(), f"finder.onnx={'0' * 64}"):
        done = run("pull", unknown, "--sha256", wrong, "--data", tmp_path / "data")
        assert done.exit_code == 1
        assert "is not the file that was expected" in done.output
    assert run("pull", unknown, "--sha256", digest.upper(), "--data", tmp_path / "data").exit_code == 0


def test_a_hash_against_the_descriptor_s_is_refused(finder: Path, tmp_path: Path) -> None:
    done = run("pull", finder, "--sha256", "0" * 64, "--data", tmp_path / "data")
    assert done.exit_code == 1
    assert "one of them is wrong" in done.output
    done = run("pull", finder, "--sha256", f"other.onnx={'0' * 64}", "--data", tmp_path / "data")
    assert "has no file other.onnx" in done.output
    done = run("pull", finder, "--sha256", "12", "--data", tmp_path / "data")
    assert done.exit_code == 2
    assert "64 hexadecimal digits" in done.output


def test_names_that_nobody_knows_are_told_with_those_there_are(tmp_path: Path) -> None:
    done = run("pull", "yolox-xxl", "--data", tmp_path)
    assert done.exit_code == 1
    assert "yolox-s" in done.output
    done = run("use", "yolox-s", "--data", tmp_path)
    assert done.exit_code == 1
    assert "is not pulled; `openrek models pull yolox-s` does it" in done.output
    done = run("verify", "yolox-s", "--data", tmp_path)
    assert done.exit_code == 1
    assert "is not pulled" in done.output


def test_a_pack_is_not_used_for_what_it_cannot_do(finder: Path, tmp_path: Path) -> None:
    assert run("pull", finder, "--data", tmp_path).exit_code == 0
    done = run("use", "colours", "--task", "faces", "--data", tmp_path)
    assert done.exit_code == 1
    assert "is not for faces; it is for objects" in done.output
    done = run("use", "default", "--task", "moderation", "--data", tmp_path)
    assert "is not for moderation; it is for objects, labels" in done.output


def test_a_damaged_pack_is_found_out_and_never_served(finder: Path, tmp_path: Path) -> None:
    assert run("pull", finder, "--data", tmp_path).exit_code == 0
    assert run("use", "colours", "--data", tmp_path).exit_code == 0
    file = tmp_path / "packs" / "colours" / "finder.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    done = run("verify", "--data", tmp_path)
    assert done.exit_code == 1
    assert "finder is damaged" in done.output
    assert "default 1.0.0" in done.output
    assert run("use", "colours", "--data", tmp_path).exit_code == 1
    with pytest.raises(LookupError, match="finder is damaged"):
        _ = compose(Settings(tmp_path, workers=1, queue=1)).engine


def test_a_pack_in_use_that_is_gone_is_told_with_what_helps(finder: Path, tmp_path: Path) -> None:
    assert run("pull", finder, "--data", tmp_path).exit_code == 0
    assert run("use", "colours", "--data", tmp_path).exit_code == 0
    shutil.rmtree(tmp_path / "packs")
    with pytest.raises(LookupError, match=r"colours is not pulled.*`openrek models use default` goes on without it"):
        _ = compose(Settings(tmp_path, workers=1, queue=1)).engine


@pytest.mark.parametrize("content", ["[use", "use = 1", "[use]\nobjects = 1", "\xff"])
def test_a_broken_file_of_choices_is_told_and_reset(tmp_path: Path, content: str) -> None:
    (tmp_path / "models.toml").write_bytes(content.encode("latin-1"))
    done = run("list", "--data", tmp_path)
    assert done.exit_code == 1
    assert "`openrek models use default` resets it" in done.output
    assert run("use", "default", "--data", tmp_path).exit_code == 0
    assert Library(tmp_path).choices() == {}


def test_a_pack_whose_description_is_broken_is_listed_so(tmp_path: Path) -> None:
    (tmp_path / "packs" / "odd").mkdir(parents=True)
    (tmp_path / "packs" / "odd" / "pack.toml").write_text("[pack")
    assert rows(tmp_path)["odd"]["state"] == "broken"
    assert run("verify", "--data", tmp_path).exit_code == 1


def test_a_broken_pack_is_mended_by_pulling_it_again(finder: Path, tmp_path: Path) -> None:
    assert run("pull", finder, "--data", tmp_path).exit_code == 0
    (tmp_path / "packs" / "colours" / "pack.toml").write_text("[pack")
    assert run("pull", finder, "--data", tmp_path).exit_code == 0
    assert run("verify", "colours", "--data", tmp_path).exit_code == 0


@pytest.mark.parametrize("command", ["serve", "analyze", "celebrities"])
def test_commands_that_need_a_broken_pack_say_what_helps(tmp_path: Path, command: str, cat: bytes) -> None:
    (tmp_path / "models.toml").write_text('[use]\nobjects = "gone"\n')
    (tmp_path / "cat.jpg").write_bytes(cat)
    photo = str(tmp_path / "cat.jpg")
    arguments = {"serve": ["--port", "0"], "analyze": [photo], "celebrities": ["add", "Tom", photo]}[command]
    done = subprocess.run(
        [sys.executable, "-m", "openrek", command, *arguments],
        env={**os.environ, "OPENREK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "Error: the pack gone is not pulled" in done.stderr
    assert "`openrek models use default` goes on without it" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_pulled_packs_the_engine_is_the_default_one(tmp_path: Path) -> None:
    with compose(Settings(tmp_path, workers=2, queue=4)).engine as engine:
        assert {model.name for model in engine.models} == {model.name for pack in load_packs() for model in pack.models}
    assert not (tmp_path / "packs").exists()


def test_a_pack_with_labels_to_embed_names_the_missing_extra_before_it_downloads(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["openrek.model_store.pull"], "find_spec", lambda name: None)
    done = run("pull", "clip-vit-b32", "--data", tmp_path / "data")
    assert done.exit_code == 1
    assert "openrek[tokenizers]" in done.output
    assert not (tmp_path / "data" / "packs").exists()
