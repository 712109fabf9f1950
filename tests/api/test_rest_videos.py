"""/v1/videos: a video sent without a bucket, its analysis followed, its findings by time, its bytes by range."""

import io
import time
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from PIL import Image

from tests.conftest import RunningService
from tests.videos import encode_video, numbered

_WAIT_SECONDS = 120


@pytest.fixture(scope="module")
def film(astronaut: bytes) -> bytes:
    """Two seconds, 10 frames a second: a portrait that moves 4 of 320 pixels to the right each frame."""
    portrait = np.asarray(Image.open(io.BytesIO(astronaut)).resize((240, 240)))
    frames = []
    for number in range(20):
        pixels = np.full((240, 320, 3), 127, np.uint8)
        pixels[:, 4 * number : 4 * number + 240] = portrait
        frames.append(pixels)
    return encode_video(frames, rate=10)


def rest(server: RunningService, method: str, path: str, **options: Any) -> httpx.Response:
    headers = server.bearer | options.pop("headers", {})
    return httpx.request(method, f"{server.url}{path}", headers=headers, timeout=60, **options)


def sent(server: RunningService, video: bytes, analyses: str = "") -> dict[str, Any]:
    query = f"?analyses={analyses}" if analyses else ""
    answer = rest(server, "POST", f"/v1/videos{query}", content=video, headers={"content-type": "video/mp4"})
    assert answer.status_code == 201, answer.text
    state: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/videos/{state['id']}"
    return state


def ended(server: RunningService, identifier: str) -> dict[str, Any]:
    deadline = time.monotonic() + _WAIT_SECONDS
    while (state := rest(server, "GET", f"/v1/videos/{identifier}").json())["state"] == "in_progress":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    found: dict[str, Any] = state
    return found


@pytest.fixture(scope="module")
def analyzed(server: RunningService, film: bytes) -> dict[str, Any]:
    """State of a video whose analysis has succeeded."""
    state = sent(server, film)
    assert state["state"] == "in_progress"
    assert state["analyses"] == ["labels", "faces", "text", "moderation", "segments"]
    state = ended(server, state["id"])
    assert (state["state"], state["percent"], state["message"]) == ("succeeded", 100, None)
    return state


def test_the_state_names_what_was_found_and_what_the_video_is(analyzed: dict[str, Any]) -> None:
    assert analyzed["findings"]["faces"] == 4
    assert analyzed["findings"]["labels"] > 4
    assert analyzed["video"]["DurationMillis"] == 2000
    assert analyzed["created_at"] < analyzed["finished_at"]


def test_findings_are_those_of_the_window(server: RunningService, analyzed: dict[str, Any]) -> None:
    path = f"/v1/videos/{analyzed['id']}/findings"
    found = rest(server, "GET", f"{path}?analysis=faces&from_ms=500&to_ms=1500").json()
    assert [item["Timestamp"] for item in found["findings"]] == [500, 1000]
    assert "boxes" not in found
    segments = rest(server, "GET", f"{path}?analysis=segments&from_ms=900&to_ms=1000").json()["findings"]
    assert {segment["Type"] for segment in segments} == {"SHOT", "TECHNICAL_CUE"}


def test_boxes_move_with_what_they_show_between_two_looks(server: RunningService, analyzed: dict[str, Any]) -> None:
    path = f"/v1/videos/{analyzed['id']}/findings?analysis=faces"
    answer = rest(server, "GET", f"{path}&from_ms=0&to_ms=1600&step_ms=100").json()
    assert [moment["ms"] for moment in answer["boxes"]] == list(range(0, 1600, 100))
    lefts = [moment["boxes"][0]["box"]["Left"] for moment in answer["boxes"]]
    assert all(len(moment["boxes"]) == 1 for moment in answer["boxes"])
    # 4 of 320 pixels a frame of 100 ms; frames are looked at every 500 ms, and a detector's boxes vary.
    for earlier, later in zip(lefts, lefts[5:], strict=False):
        assert later - earlier == pytest.approx(5 * 4 / 320, abs=0.02)
    looked = {item["Timestamp"]: item["Face"]["BoundingBox"]["Left"] for item in answer["findings"]}
    assert lefts[5] == pytest.approx(looked[500])
    assert lefts[2] == pytest.approx(looked[0] + 0.4 * (looked[500] - looked[0]))


def test_the_video_is_played_by_range(server: RunningService, analyzed: dict[str, Any], film: bytes) -> None:
    whole = rest(server, "GET", analyzed["content_url"])
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, film, "video/mp4")
    part = rest(server, "GET", analyzed["content_url"], headers={"range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, film[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(film)}"
    behind = rest(server, "GET", analyzed["content_url"], headers={"range": f"bytes={len(film)}-"})
    assert behind.status_code == 416


def test_progress_comes_as_events_until_the_end(server: RunningService, film: bytes) -> None:
    identifier = sent(server, film, "faces,segments")["id"]
    states = []
    with httpx.stream(
        "GET", f"{server.url}/v1/videos/{identifier}/events", headers=server.bearer, timeout=_WAIT_SECONDS
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                states.append(orjson.loads(line.removeprefix("data: ")))
    assert states[-1]["state"] == "succeeded"
    assert states[-1]["analyses"] == ["faces", "segments"]
    assert [state["percent"] for state in states] == sorted(state["percent"] for state in states)


def test_a_cancelled_analysis_ends(server: RunningService, astronaut: bytes) -> None:
    portrait = np.asarray(Image.open(io.BytesIO(astronaut)).resize((240, 240)))
    long = encode_video([np.roll(portrait, 3 * number, axis=1) for number in range(300)], rate=5)
    identifier = sent(server, long)["id"]
    state = rest(server, "POST", f"/v1/videos/{identifier}/cancel").json()
    assert (state["state"], state["message"]) == ("cancelled", "The analysis was cancelled.")
    assert rest(server, "GET", f"/v1/videos/{identifier}/findings").status_code == 400
    # The worker is free for the next one.
    assert ended(server, sent(server, encode_video(numbered(5), rate=10), "text")["id"])["state"] == "succeeded"
    assert rest(server, "GET", f"/v1/videos/{identifier}").json()["state"] == "cancelled"


def test_a_deleted_video_leaves_nothing(server: RunningService) -> None:
    identifier = sent(server, encode_video(numbered(5), rate=10), "segments")["id"]
    ended(server, identifier)
    before = {path for path in server.stored() if path.startswith("videos/")}
    assert [path for path in server.stored() if identifier in path]
    assert rest(server, "DELETE", f"/v1/videos/{identifier}").status_code == 204
    assert rest(server, "GET", f"/v1/videos/{identifier}").status_code == 404
    assert not [path for path in server.stored() if identifier in path]
    assert len({path for path in server.stored() if path.startswith("videos/")}) == len(before) - 1


def test_videos_are_listed_newest_first_in_pages(server: RunningService, analyzed: dict[str, Any]) -> None:
    newest = sent(server, encode_video(numbered(5), rate=10), "text")["id"]
    first = rest(server, "GET", "/v1/videos?limit=1").json()
    assert [video["id"] for video in first["videos"]] == [newest]
    ids = []
    page = first
    while True:
        ids += [video["id"] for video in page["videos"]]
        if page["next"] is None:
            break
        page = rest(server, "GET", f"/v1/videos?limit=1&before={page['next']}").json()
    assert analyzed["id"] in ids
    assert len(set(ids)) == len(ids)
    ended(server, newest)


def test_a_stored_object_is_analyzed_where_it_is(server: RunningService) -> None:
    (server.bucket / "mine.mp4").write_bytes(encode_video(numbered(5), rate=10))
    place = {"bucket": "openrek", "key": "mine.mp4"}
    answer = rest(server, "POST", "/v1/videos?analyses=text", json=place)
    assert answer.status_code == 201
    identifier = answer.json()["id"]
    assert ended(server, identifier)["state"] == "succeeded"
    rest(server, "DELETE", f"/v1/videos/{identifier}")
    assert (server.bucket / "mine.mp4").is_file()


@pytest.mark.parametrize(
    ("path", "content", "content_type", "status", "message"),
    [
        ("/v1/videos", b"no video", "video/mp4", 400, "Unsupported video format"),
        ("/v1/videos", b"", "video/mp4", 400, "empty"),
        ("/v1/videos", b"#EXTM3U\nhttp://127.0.0.1/secret.ts", "video/mp4", 400, "Unsupported video format"),
        ("/v1/videos?analyses=dreams", b"", "video/mp4", 400, "Unknown analysis 'dreams'"),
        ("/v1/videos", b"[]", "application/json", 400, "bucket and key"),
        ("/v1/videos", b'{"bucket": "openrek", "key": "nothing.mp4"}', "application/json", 400, "nothing.mp4"),
        ("/v1/videos", b"--x", "multipart/form-data; boundary=x", 415, "not a form"),
    ],
)
def test_what_is_not_a_video_is_rejected_and_not_kept(
    server: RunningService, path: str, content: bytes, content_type: str, status: int, message: str
) -> None:
    before = server.stored()
    answer = rest(server, "POST", path, content=content, headers={"content-type": content_type})
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert server.stored() == before


def test_an_unknown_video_and_strangers_are_rejected(server: RunningService) -> None:
    for method, path in (("GET", ""), ("GET", "/findings"), ("GET", "/events"), ("GET", "/content"), ("DELETE", "")):
        assert rest(server, method, f"/v1/videos/{'0' * 64}{path}").status_code == 404
        assert httpx.request(method, f"{server.url}/v1/videos/{'0' * 64}{path}").status_code == 401
    assert httpx.post(f"{server.url}/v1/videos", content=b"x").status_code == 401


def test_a_page_begins_only_where_another_one_ended(server: RunningService) -> None:
    answer = rest(server, "GET", "/v1/videos?before=yesterday")
    assert answer.status_code == 400
    assert "`next` of the page before" in answer.json()["error"]["message"]
