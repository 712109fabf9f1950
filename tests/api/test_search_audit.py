"""Every search leaves a record in the log: who, when, which collection, how many matches; no image and no FaceId."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import RunningService
from tests.faces import decode, side_by_side

NAME = {"CollectionId": "audited"}
_SECONDS = 30


@pytest.fixture
def face(server: RunningService, astronaut: bytes) -> Iterator[str]:
    client = server.client()
    client.create_collection(**NAME)
    answer = client.index_faces(**NAME, Image={"Bytes": astronaut})
    yield answer["FaceRecords"][0]["Face"]["FaceId"]
    client.delete_collection(**NAME)


def records(server: RunningService, count: int) -> list[dict[str, Any]]:
    """The newest records of searches, oldest first."""
    deadline = time.monotonic() + _SECONDS
    found: list[dict[str, Any]] = []
    while len(found) < count and time.monotonic() < deadline:
        page = httpx.get(f"{server.url}/v1/logs?limit=1000", headers=server.bearer).json()["events"]
        found = [each for each in page if each["event"] == "searched" and each["collection"] == "audited"]
        time.sleep(0.05)
    return sorted(found, key=lambda record: record["timestamp"])


def test_searches_are_recorded(server: RunningService, face: str, astronaut: bytes) -> None:
    client = server.client()
    portrait = decode(astronaut)
    image = {"Bytes": side_by_side(portrait, portrait.resize((300, 300)))}
    client.create_user(**NAME, UserId="lan-the-secret")
    client.associate_faces(**NAME, UserId="lan-the-secret", FaceIds=[face])
    client.search_faces(**NAME, FaceId=face)
    client.search_faces_by_image(**NAME, Image=image)
    client.search_users(**NAME, FaceId=face)
    client.search_users_by_image(**NAME, Image=image)
    found = records(server, 4)
    assert [(each["operation"], each["matches"], each["ignored_faces"]) for each in found] == [
        ("SearchFaces", 0, 0),
        ("SearchFacesByImage", 1, 1),
        ("SearchUsers", 1, 0),
        ("SearchUsersByImage", 1, 1),
    ]
    known = {"timestamp", "level", "event", "message", "operation", "principal", "collection", "matches"}
    for record in found:
        assert record["principal"].startswith("arn:aws:iam::000000000000:")
        assert set(record) - {"ignored_faces", "request_id", "position"} <= known
        assert face not in json.dumps(record)
        assert "lan-the-secret" not in json.dumps(record)
    assert "1 other face" in found[1]["message"]
    # The same goes for what the process prints.
    printed = [json.loads(line) for line in server.output if '"searched"' in line and '"audited"' in line]
    assert len(printed) >= 4
