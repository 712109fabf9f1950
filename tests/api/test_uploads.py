"""Pictures too large for a request, and pictures that nobody sends: by the bucket."""

import io
import os
import time
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from PIL import Image

from tests.conftest import RunningService, start_service, stop_service

_PATIENCE_SECONDS = 30


def offer(server: RunningService) -> dict[str, Any]:
    answer = httpx.post(f"{server.url}/v1/uploads", headers=server.bearer)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def analyse(server: RunningService, key: str) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/analyses", json={"key": key}, headers=server.bearer, timeout=60)


def large(image: bytes) -> bytes:
    """The same picture in more than 5 MiB: what no request may carry."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(image)).resize((1800, 1800)).save(buffer, "BMP")
    assert 5_242_880 < len(buffer.getvalue()) < 15_728_640
    return buffer.getvalue()


def test_a_large_picture_goes_through_the_bucket(server: RunningService, astronaut: bytes) -> None:
    place, data = offer(server), large(astronaut)
    httpx.request(place["method"], place["url"], content=data, headers=place["headers"]).raise_for_status()
    answer = analyse(server, place["key"])
    assert answer.status_code == 201, answer.text
    result = answer.json()
    assert result["image"] == {"width": 1800, "height": 1800, "format": "bmp", "bytes": len(data)}
    assert len(result["faces"]) == 1
    assert httpx.get(result["objects"]["original"]["url"]).content == data
    assert place["key"] not in server.stored()
    assert analyse(server, place["key"]).status_code == 404


def test_a_link_takes_one_object_by_put_and_nothing_else(server: RunningService) -> None:
    place = offer(server)
    assert httpx.get(place["url"]).status_code == 403
    elsewhere = place["url"].replace("/uploads/", "/analyses/")
    assert httpx.put(elsewhere, content=b"x").status_code == 403
    assert httpx.post(f"{server.url}/v1/uploads").status_code == 401


def test_what_is_no_upload_is_refused(server: RunningService) -> None:
    before = server.stored()
    place = offer(server)
    assert analyse(server, place["key"]).json()["error"]["code"] == "NotFound"
    for key in ("analyses/1/result.json", "uploads/../token", "uploads/", ""):
        answer = analyse(server, key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidParameterException")
    wrong = httpx.post(f"{server.url}/v1/analyses", json=["key"], headers=server.bearer)
    assert wrong.status_code == 400
    too_much = httpx.put(place["url"], content=b"\0" * 15_728_641)
    assert too_much.status_code == 400
    assert "EntityTooLarge" in too_much.text
    assert "15,728,640" in too_much.text
    httpx.put(place["url"], content=b"no picture").raise_for_status()
    assert analyse(server, place["key"]).status_code == 400
    assert server.stored() == before  # what can never be analysed is not kept


def test_uploads_that_nobody_named_for_a_day_go_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "objects" / "openrek" / "uploads"
    folder.mkdir(parents=True)
    for name, hours in (("old", 25), ("new", 23)):
        (folder / name).write_bytes(b"picture")
        when = time.time() - hours * 3600
        os.utime(folder / name, (when, when))
    stop_service(start_service(tmp_path))
    assert [file.name for file in folder.iterdir()] == ["new"]


@pytest.fixture
def s3(server: RunningService) -> Any:
    return boto3.client(
        "s3", endpoint_url=server.url, region_name="us-east-1", config=Config(signature_version="s3v4"), **server.keys
    )


def analysed(server: RunningService, key: str) -> dict[str, Any]:
    """The analysis of an object of the inbox, when it is there."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for entry in httpx.get(f"{server.url}/v1/analyses", headers=server.bearer).json()["analyses"]:
            result = httpx.get(f"{server.url}/v1/analyses/{entry['id']}", headers=server.bearer).json()
            if result.get("source", {}).get("key") == key:
                return result  # type: ignore[no-any-return]
        time.sleep(0.1)
    raise AssertionError(f"{key} was not analysed")


def error(server: RunningService, key: str) -> str:
    """What the log says of an object that was refused."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for line in server.output:
            if '"refused"' in line and f'"{key}"' in line and '"analysis_id"' in line:
                return line
        time.sleep(0.1)
    raise AssertionError(f"nothing was said of {key}")


def test_a_picture_in_the_inbox_is_analysed_without_being_asked(
    server: RunningService, s3: Any, astronaut: bytes
) -> None:
    s3.put_object(Bucket="openrek", Key="inbox/Người đi bộ.jpg", Body=astronaut)
    result = analysed(server, "inbox/Người đi bộ.jpg")
    assert len(result["faces"]) == 1
    assert httpx.get(result["objects"]["original"]["url"]).content == astronaut
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while "inbox/Người đi bộ.jpg" in server.stored() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "inbox/Người đi bộ.jpg" not in server.stored()


@pytest.mark.parametrize(
    ("name", "data", "message"), [("words.jpg", b"no picture", "InvalidImageFormat"), ("film.mp4", b"0", "videos")]
)
def test_what_cannot_be_analysed_stays_in_the_inbox_and_the_log_says_why(
    server: RunningService, s3: Any, name: str, data: bytes, message: str
) -> None:
    s3.put_object(Bucket="openrek", Key=f"inbox/{name}", Body=data)
    assert message in error(server, f"inbox/{name}")
    assert Path(f"inbox/{name}") in {Path(key) for key in server.stored()}
    s3.delete_object(Bucket="openrek", Key=f"inbox/{name}")
