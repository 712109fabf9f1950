"""RecognizeCelebrities: whom the operator added is known, others are not."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.conftest import RunningService, start_service, stop_service

NAME = "Eileen Collins"


def run(server: RunningService, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "openrek", "celebrities", *arguments, "--data", str(server.data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def gallery(server: RunningService, astronaut: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "astronaut.jpg").write_bytes(astronaut)
    done = run(server, "add", NAME, str(folder / "astronaut.jpg"), "--url", "www.nasa.gov", "--gender", "Female")
    assert done.returncode == 0, done.stderr
    yield folder
    assert run(server, "remove", NAME).returncode == 0


def mirrored(astronaut: bytes) -> bytes:
    buffer = io.BytesIO()
    ImageOps.mirror(Image.open(io.BytesIO(astronaut))).rotate(5).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.usefixtures("gallery")
def test_somebody_known_is_named(client: Any, astronaut: bytes) -> None:
    answer = client.recognize_celebrities(Image={"Bytes": mirrored(astronaut)})
    (found,) = answer["CelebrityFaces"]
    assert (found["Name"], found["Urls"], found["KnownGender"]) == (NAME, ["www.nasa.gov"], {"Type": "Female"})
    assert found["MatchConfidence"] >= 95
    assert found["Face"]["BoundingBox"]["Width"] > 0.1
    assert answer["UnrecognizedFaces"] == []
    told = client.get_celebrity_info(Id=found["Id"])
    assert (told["Name"], told["Urls"], told["KnownGender"]) == (NAME, ["www.nasa.gov"], {"Type": "Female"})


@pytest.mark.usefixtures("gallery")
def test_a_stranger_is_not(client: Any) -> None:
    from skimage import data

    faces = data.lfw_subset()  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    Image.fromarray(np.uint8(faces[3] * 255)).convert("RGB").resize((250, 250)).save(buffer, "PNG")
    answer = client.recognize_celebrities(Image={"Bytes": buffer.getvalue()})
    assert answer["CelebrityFaces"] == []
    assert len(answer["UnrecognizedFaces"]) == 1


def test_an_unknown_identifier_is_not_found(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_celebrity_info(Id="NOBODY00")


def test_the_command_lists_and_forgets(server: RunningService, gallery: Path) -> None:
    assert run(server, "add", "Somebody", str(gallery / "astronaut.jpg")).returncode == 0
    assert "Somebody  (1 photo)" in run(server, "list").stdout
    assert run(server, "remove", "Somebody").returncode == 0
    assert "Somebody" not in run(server, "list").stdout
    again = run(server, "remove", "Somebody")
    assert again.returncode == 1
    assert "No celebrity is named 'Somebody'" in again.stderr


def test_a_photo_without_a_face_adds_nobody(server: RunningService, cat: bytes, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    done = run(server, "add", "Chelsea", str(tmp_path / "cat.jpg"))
    assert done.returncode == 1
    assert "shows no face" in done.stderr
    (tmp_path / "text.jpg").write_text("hello")
    assert "Unsupported image format" in run(server, "add", "Chelsea", str(tmp_path / "text.jpg")).stderr
    assert "Chelsea" not in run(server, "list").stdout


def test_photos_that_another_model_has_read_are_told(tmp_path: Path, astronaut: bytes) -> None:
    from openrek.compose import compose
    from openrek.config import Settings

    data = tmp_path / "data"
    gallery = compose(Settings(data)).repositories.celebrities
    gallery.add("Lan", "of-last-year", [np.ones(4, np.float32), np.ones(4, np.float32)])
    service = start_service(data)
    try:
        kept = httpx.get(f"{service.url}/v1/logs", headers=service.bearer).json()["events"]
        (told,) = [record for record in kept if record["event"] == "stale"]
        assert (told["level"], "2 photos of 1 celebrities" in told["message"]) == ("WARNING", True)
        assert "(2 photos; 2 read by another face model: add them again)" in run(service, "list").stdout
        (tmp_path / "astronaut.jpg").write_bytes(astronaut)
        assert run(service, "add", NAME, str(tmp_path / "astronaut.jpg")).returncode == 0
        assert f"{NAME}  (1 photo)" in run(service, "list").stdout
    finally:
        stop_service(service)
