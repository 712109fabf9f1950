"""The pipeline over HTTP."""

import io
import json
import os
import stat
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate
from PIL import Image

from tests.conftest import RunningService, start_service, stop_service


def _create(server: RunningService, image: bytes) -> dict[str, object]:
    answer = httpx.post(
        f"{server.url}/v1/analyses",
        content=image,
        headers=server.bearer | {"Content-Type": "image/jpeg"},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/analyses/{answer.json()['id']}"
    return answer.json()  # type: ignore[no-any-return]


def test_a_picture_goes_through_the_whole_pipeline(server: RunningService, astronaut: bytes) -> None:
    result = _create(server, astronaut)
    assert set(result) == {
        *(
            "id",
            "created_at",
            "image",
            "labels",
            "faces",
            "text",
            "moderation",
            "models",
            "objects",
            "timings_ms",
        )
    }
    assert result["image"] == {"width": 512, "height": 512, "format": "jpeg", "bytes": len(astronaut)}
    assert "Person" in [label["Name"] for label in result["labels"]]  # type: ignore[attr-defined]
    assert len(result["faces"]) == 1  # type: ignore[arg-type]
    objects: dict[str, dict[str, str]] = result["objects"]  # type: ignore[assignment]
    assert httpx.get(objects["original"]["url"]).content == astronaut
    stored = httpx.get(objects["result"]["url"]).json()
    assert stored["labels"] == result["labels"]
    read = httpx.get(f"{server.url}/v1/analyses/{result['id']}", headers=server.bearer).json()
    assert stored["timings_ms"] == read["timings_ms"] == result["timings_ms"]
    assert {"recognition", "draw", "store", "total"} < set(read["timings_ms"])
    for role, side in (("annotated", 512), ("thumbnail", 320)):
        answer = httpx.get(objects[role]["url"])
        assert answer.headers["content-type"] == "image/jpeg"
        assert max(Image.open(io.BytesIO(answer.content)).size) == side
    assert f"analyses/{result['id']}/result.json" in server.stored()


def test_a_form_upload_is_the_same(server: RunningService, cat: bytes) -> None:
    answer = httpx.post(
        f"{server.url}/v1/analyses",
        files={"file": ("cat.jpg", cat, "image/jpeg")},
        headers=server.bearer,
        timeout=60,
    )
    assert answer.status_code == 201
    assert answer.json()["labels"] == _create(server, cat)["labels"]


def test_the_wire_and_the_pipeline_say_the_same(server: RunningService, astronaut: bytes) -> None:
    result = _create(server, astronaut)
    client = server.client()
    assert result["labels"] == client.detect_labels(Image={"Bytes": astronaut})["Labels"]
    assert result["faces"] == client.detect_faces(Image={"Bytes": astronaut})["FaceDetails"]


def test_history_is_newest_first_and_pages(server: RunningService, cat: bytes) -> None:
    made = [str(_create(server, cat)["id"]) for _ in range(3)]
    first = httpx.get(f"{server.url}/v1/analyses?limit=2", headers=server.bearer).json()
    assert [item["id"] for item in first["analyses"]] == made[:0:-1]
    second = httpx.get(f"{server.url}/v1/analyses?limit=1&after={first['next']}", headers=server.bearer).json()
    assert [item["id"] for item in second["analyses"]] == made[:1]
    assert httpx.get(first["analyses"][0]["thumbnail_url"]).status_code == 200


def test_an_analysis_can_be_read_again_and_deleted(server: RunningService, cat: bytes) -> None:
    made = _create(server, cat)
    url = f"{server.url}/v1/analyses/{made['id']}"
    assert httpx.get(url, headers=server.bearer).json()["labels"] == made["labels"]
    assert httpx.delete(url, headers=server.bearer).status_code == 204
    assert httpx.get(url, headers=server.bearer).status_code == 404
    assert httpx.delete(url, headers=server.bearer).status_code == 404
    assert not [path for path in server.stored() if str(made["id"]) in path]
    assert httpx.get(made["objects"]["original"]["url"]).status_code == 404  # type: ignore[index]


@pytest.mark.parametrize("identifier", ["nonsense", "0" * 26])
def test_an_unknown_analysis_is_404(server: RunningService, identifier: str) -> None:
    assert httpx.get(f"{server.url}/v1/analyses/{identifier}", headers=server.bearer).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/analyses"), ("GET", "/v1/analyses"), ("GET", "/v1/logs"), ("DELETE", "/v1/analyses/x")],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Cookie": "openrek_session=9999999999.x"}])
def test_the_rest_api_needs_the_token(server: RunningService, method: str, path: str, headers: dict[str, str]) -> None:
    answer = httpx.request(method, server.url + path, headers=headers)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]["message"]


def test_the_link_logs_in_once(tmp_path: Path) -> None:
    server = start_service(tmp_path)
    with httpx.Client() as browser:
        answer = browser.get(server.login_url)
        assert answer.status_code == 303
        assert browser.get(f"{server.url}/v1/analyses").status_code == 200
    with httpx.Client() as other:
        assert "set-cookie" not in other.get(server.login_url).headers
        assert other.get(f"{server.url}/v1/analyses").status_code == 401
    assert stop_service(server) == 0


def test_the_token_logs_a_browser_in(server: RunningService) -> None:
    with httpx.Client() as browser:
        assert browser.post(f"{server.url}/login", json={"token": "wrong"}).status_code == 401
        assert browser.post(f"{server.url}/login", content=b"[]").status_code == 400
        assert browser.post(f"{server.url}/login", json={"token": server.token}).status_code == 204
        assert browser.get(f"{server.url}/v1/analyses").status_code == 200


def test_a_shared_link_cannot_be_changed_or_outlive_its_time(server: RunningService, cat: bytes) -> None:
    objects: dict[str, dict[str, str]] = _create(server, cat)["objects"]  # type: ignore[assignment]
    url = objects["thumbnail"]["url"]
    assert httpx.get(url).status_code == 200
    assert httpx.get(url.replace("thumbnail.jpg", "original.jpg")).status_code == 403
    assert httpx.get(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=99999")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403


def test_another_hosts_name_is_refused(server: RunningService) -> None:
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example:80"}):
        assert httpx.get(f"{server.url}/health", headers=headers).status_code == 403


def test_another_sites_page_may_change_nothing(server: RunningService, cat: bytes) -> None:
    answer = httpx.post(
        f"{server.url}/v1/analyses", content=cat, headers=server.bearer | {"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_logs_tell_the_stages_of_a_request(server: RunningService, cat: bytes) -> None:
    answer = httpx.post(
        f"{server.url}/v1/analyses",
        content=cat,
        headers=server.bearer | {"Content-Type": "image/jpeg"},
        timeout=60,
    )
    request_id = answer.headers["x-request-id"]
    kept = httpx.get(f"{server.url}/v1/logs?request_id={request_id}", headers=server.bearer).json()["events"]
    assert [event["event"] for event in kept] == ["received", "recognised", "stored"]
    assert {event["analysis_id"] for event in kept} == {None, answer.json()["id"]} - {None}
    assert "Cat" in str(kept[1]["top_labels"])
    printed = [json.loads(line) for line in server.output if request_id in line]
    assert [event["event"] for event in printed] == ["received", "recognised", "stored"]


def test_logs_hold_no_secret(server: RunningService) -> None:
    secrets = [server.token, server.keys["aws_secret_access_key"], server.login_url.rpartition("=")[2]]
    httpx.get(f"{server.url}/v1/analyses", headers=server.bearer)
    kept = httpx.get(f"{server.url}/v1/logs?limit=1000", headers=server.bearer).text + "".join(server.output)
    assert not [secret for secret in secrets if secret in kept]


def test_a_failed_upload_is_logged_with_its_reason(server: RunningService) -> None:
    answer = httpx.post(f"{server.url}/v1/analyses", content=b"nothing", headers=server.bearer)
    kept = httpx.get(f"{server.url}/v1/logs?request_id={answer.headers['x-request-id']}", headers=server.bearer).json()[
        "events"
    ]
    assert kept[-1]["event"] == "failed"
    assert kept[-1]["code"] == "InvalidImageFormatException"


def test_the_api_description_is_valid_openapi(server: RunningService) -> None:
    document = httpx.get(f"{server.url}/openapi.json").json()
    validate(document)
    assert "/v1/analyses/{id}" in document["paths"]
    assert "Instances" in document["components"]["schemas"]["Label"]["properties"]


def test_health_needs_no_key(server: RunningService) -> None:
    answer = httpx.get(f"{server.url}/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.parametrize(("method", "path", "status"), [("PUT", "/health", 405), ("POST", "/v1/nothing", 404)])
def test_unknown_routes_answer_in_json(server: RunningService, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, server.url + path, headers=server.bearer)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_behind_a_proxy_links_begin_with_the_public_url_and_work(tmp_path: Path, cat: bytes) -> None:
    server = start_service(tmp_path, "--public-url", "https://photos.example")
    try:
        inside: dict[str, str] = {}
        for headers, start in (({"Host": "photos.example"}, "https://photos.example/"), (inside, f"{server.url}/")):
            answer = httpx.post(f"{server.url}/v1/analyses", content=cat, headers=server.bearer | headers, timeout=60)
            url = answer.json()["objects"]["thumbnail"]["url"]
            assert url.startswith(start)
            # What the proxy makes of it: another connection, the same Host.
            assert httpx.get(url.replace(start, f"{server.url}/"), headers=headers).status_code == 200
            offered = httpx.post(f"{server.url}/v1/uploads", headers=server.bearer | headers).json()["url"]
            assert offered.startswith(start)
    finally:
        stop_service(server)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_what_is_kept_is_the_owners_alone(tmp_path: Path, cat: bytes) -> None:
    tmp_path.chmod(0o755)
    server = start_service(tmp_path)
    try:
        _create(server, cat)
        assert not [path for path in (tmp_path, *tmp_path.rglob("*")) if path.stat().st_mode & 0o077]
    finally:
        stop_service(server)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_keys_are_readable_by_their_owner_only(server: RunningService) -> None:
    for name in ("credentials", "token"):
        assert stat.S_IMODE((server.data_dir / name).stat().st_mode) == 0o600
