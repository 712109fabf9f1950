"""`openrek analyze` of videos."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from tests.images import page
from tests.videos import encode_video, texture

from openrek.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["analyze", *arguments])


@pytest.fixture(scope="module")
def clip(astronaut: bytes) -> bytes:
    """Two seconds of an astronaut, one of black, one of a page with text."""
    import io

    face = np.asarray(Image.open(io.BytesIO(astronaut)).convert("RGB").resize((384, 384)), np.uint8)
    text = np.asarray(
        Image.open(io.BytesIO(page("OPENREK 2026", (480, 240)))).convert("RGB").resize((384, 384)), np.uint8
    )
    return encode_video([face] * 20 + [np.zeros_like(face)] * 10 + [text] * 10, rate=10, options={"g": "10"})


def test_a_video_is_analyzed_to_tables_and_files(tmp_path: Path, clip: bytes) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "my clip.mp4").write_bytes(clip)
    done = run(str(tmp_path / "in"), "--save", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "my clip.mp4: 0:04.0, 384 × 384, 10 frames/s, h264" in done.output
    assert "OPENREK 2026" in done.output
    shown = " ".join(done.output.split())
    assert "3 shots; Content 0:00.0 – 0:01.9, BlackFrames 0:02.0 – 0:02.9, Content 0:03.0 – 0:03.9" in shown
    saved = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    endings = ("json", "poster.jpg", "contact.jpg", "thumbnails.vtt")
    assert saved == {f"deep/my clip.{ending}" for ending in endings}
    with Image.open(tmp_path / "out" / "deep" / "my clip.contact.jpg") as sheet:
        assert sheet.size == (4 * 160, 160)
    with Image.open(tmp_path / "out" / "deep" / "my clip.poster.jpg") as poster:
        assert poster.size == (384, 384)
    vtt = (tmp_path / "out" / "deep" / "my clip.thumbnails.vtt").read_text()
    assert "00:00:03.000 --> 00:00:04.000\nmy%20clip.contact.jpg#xywh=480,0,160,160" in vtt
    assert [line.split("│")[3].strip() for line in done.output.splitlines() if " – " in line and "│" in line] == [
        "1",
        "0",
        "0",
    ]
    result = json.loads((tmp_path / "out" / "deep" / "my clip.json").read_text())
    assert result["video"] == {
        "Codec": "h264",
        "DurationMillis": 4000,
        "Format": "QuickTime / MOV",
        "FrameRate": 10.0,
        "FrameHeight": 384,
        "FrameWidth": 384,
        "ColorRange": "LIMITED",
    }
    assert {item["Timestamp"] for item in result["faces"]} == {0, 500, 1000, 1500}
    times = {item["Timestamp"] for item in result["labels"] if item["Label"]["Name"] == "Person"}
    assert times == {0, 500, 1000, 1500}
    lines = [item for item in result["text"] if item["TextDetection"]["DetectedText"] == "OPENREK 2026"]
    assert {item["Timestamp"] for item in lines} == {3000}
    assert [segment["StartFrameNumber"] for segment in result["segments"] if segment["Type"] == "SHOT"] == [0, 20, 30]
    assert result["models"].keys() == {"LabelModelVersion", "TextModelVersion", "ModerationModelVersion"}


def test_images_and_videos_are_analyzed_side_by_side_as_json(tmp_path: Path, cat: bytes) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    (tmp_path / "clip.MOV").write_bytes(encode_video([texture(1)] * 5, kind="mov"))
    (tmp_path / "notes.doc").write_bytes(b"x")
    done = run("--json", str(tmp_path))
    assert done.exit_code == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["path"]).name for line in lines] == ["cat.jpg", "clip.MOV"]
    assert "video" not in lines[0]
    assert lines[1]["video"]["DurationMillis"] == 200
    assert "Skipped 1 file" in done.stderr


def test_a_video_with_another_ending_is_recognised_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(encode_video([texture(1)] * 5))
    done = run("--json", str(tmp_path / "clip"))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["video"]["Codec"] == "h264"


def test_a_video_that_cannot_be_read_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(page("not a video"))
    (tmp_path / "b.mp4").write_bytes(encode_video([texture(1)] * 5)[:-200])
    (tmp_path / "c.mp4").write_bytes(encode_video([texture(1)] * 5))
    done = run("--json", *(str(tmp_path / name) for name in ("a.mp4", "b.mp4", "c.mp4")))
    assert done.exit_code == 1
    assert [Path(json.loads(line)["path"]).name for line in done.stdout.splitlines()] == ["c.mp4"]
    errors = " ".join(done.stderr.split())
    assert "a.mp4: Unsupported video format (looks like PNG). Supported: MP4 and MOV" in errors
    assert "b.mp4: Video is cut off" in errors
    assert "2 of 3 videos could not be analysed" in errors


def test_files_in_a_folder_that_are_only_named_like_videos_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    (tmp_path / "b.mov").write_bytes(encode_video([texture(1)] * 5, kind="mov"))
    done = run("--json", str(tmp_path))
    assert done.exit_code == 0
    assert [Path(json.loads(line)["path"]).name for line in done.stdout.splitlines()] == ["b.mov"]
    assert "Skipped 1 file that is not in a supported image or video format: a.mp4" in " ".join(done.stderr.split())


def test_originals_are_not_written_over(tmp_path: Path) -> None:
    clip = encode_video([texture(1)] * 5)
    (tmp_path / "clip.mp4").write_bytes(clip)
    original = tmp_path / "clip.poster.jpg"
    Image.fromarray(texture(2)).save(original)
    before = original.read_bytes()
    done = run("--json", str(tmp_path), "--save", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert original.read_bytes() == before
    assert (tmp_path / "clip.mp4").read_bytes() == clip
    assert (tmp_path / "clip-2.poster.jpg").exists()
