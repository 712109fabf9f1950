"""A damaged `result.json` is shown as damaged and can be deleted; all others are served as before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import RunningService


def _created(server: RunningService, image: bytes) -> str:
    headers = server.bearer | {"Content-Type": "image/jpeg"}
    answer = httpx.post(f"{server.url}/v1/analyses", content=image, headers=headers, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _page(server: RunningService, **query: Any) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/v1/analyses", params=query, headers=server.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _without(result: bytes, name: str) -> bytes:
    return json.dumps({key: value for key, value in json.loads(result).items() if key != name}).encode()


def _with(result: bytes, **members: Any) -> bytes:
    return json.dumps(json.loads(result) | members).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda result: b"",
    "truncated": lambda result: result[: len(result) // 2],
    "zeros": lambda result: bytes(len(result)),
    "not UTF-8": lambda result: b"\xff\xfe" + result,
    "a list": lambda result: b"[1, 2]",
    "null": lambda result: b"null",
    "an empty object": lambda result: b"{}",
    "of another analysis": lambda result: _with(result, id="0" * 26),
    "labels of another type": lambda result: _with(result, labels={"a": 1}),
    "labels that are numbers": lambda result: _with(result, labels=[1]),
    "a label without a name": lambda result: _with(result, labels=[{}]),
    "parents of another type": lambda result: _with(result, labels=[{"Name": "x", "Parents": 5}]),
    "a text without a type": lambda result: _with(result, text=[{}]),
    "a time that is a number": lambda result: _with(result, created_at=5),
    "objects of another type": lambda result: _with(result, objects=[]),
    "an object without a key": lambda result: _with(result, objects={"thumbnail": {}}),
    "without faces": lambda result: _without(result, "faces"),
    "without image": lambda result: _without(result, "image"),
    "without objects": lambda result: _without(result, "objects"),
    "nested too deep": lambda result: b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_is_shown_read_and_deleted_as_damaged(server: RunningService, cat: bytes, damage: str) -> None:
    whole, damaged = _created(server, cat), _created(server, cat)
    record = server.bucket / "analyses" / damaged / "result.json"
    record.write_bytes(DAMAGES[damage](record.read_bytes()))

    shown, other = _page(server, limit=2)["analyses"]
    assert (shown["id"], other["id"]) == (damaged, whole)
    assert shown["damaged"]
    assert shown["created_at"][:16] == other["created_at"][:16] or shown["created_at"] > other["created_at"]
    assert "damaged" not in other
    assert other["labels"]
    assert _page(server, limit=1)["next"] == damaged
    assert _page(server, limit=1, after=damaged)["analyses"][0]["id"] == whole

    url = f"{server.url}/v1/analyses/{damaged}"
    read = httpx.get(url, headers=server.bearer)
    assert (read.status_code, read.json()["error"]["code"]) == (409, "AnalysisDamaged")
    assert "damaged" in read.json()["error"]["message"]
    assert httpx.delete(url, headers=server.bearer).status_code == 204
    assert httpx.get(url, headers=server.bearer).status_code == 404
    assert not [path for path in server.stored() if damaged in path]


@pytest.mark.parametrize("after", ["x", "0" * 27, "../../token", "%00", "'\"<", "é" * 26, "9" * 5000])
def test_a_position_that_no_page_gave_is_refused(server: RunningService, after: str) -> None:
    answer = httpx.get(f"{server.url}/v1/analyses", params={"after": after}, headers=server.bearer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidParameterException")


NO_UPLOADS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"5",
    b'{"key": 5}',
    b'{"key": null}',
    b'{"key": "uploads/\\u0000"}',
    b"[" * 100_000,
    '{"key": "uploads/x"}'.encode("utf-16"),
    b"\xff\xfe\xff",
    b'{"key": "uploads/' + b"0" * 5000 + b'"}',
)


@pytest.mark.parametrize("body", NO_UPLOADS)
def test_a_request_that_names_no_upload_is_refused(server: RunningService, body: bytes) -> None:
    headers = server.bearer | {"Content-Type": "application/json"}
    answer = httpx.post(f"{server.url}/v1/analyses", content=body, headers=headers)
    assert answer.status_code == 400, answer.text


def test_an_analysis_whose_record_is_a_folder_does_not_break_the_history(server: RunningService, cat: bytes) -> None:
    whole = _created(server, cat)
    folder = Path(server.bucket / "analyses" / ("0" * 26) / "result.json")
    folder.mkdir(parents=True)
    try:
        assert whole in [entry["id"] for entry in _page(server)["analyses"]]
    finally:
        folder.rmdir()
        folder.parent.rmdir()
