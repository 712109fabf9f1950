"""Pages of other origins: those that `--cors-origin` allows may call with a key or the token, no other may."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import RunningService, start_service, stop_service

ORIGIN = "https://app.example"
OTHER = "capacitor://localhost"
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that two origins may call."""
    service = start_service(tmp_path_factory.mktemp("cors"), "--cors-origin", ORIGIN, "--cors-origin", OTHER)
    yield service
    stop_service(service)


def preflight(server: RunningService, path: str, origin: str, method: str = "POST") -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,x-amz-date,x-amz-target",
    }
    return httpx.options(f"{server.url}{path}", headers=headers)


def signed(server: RunningService, operation: str, **headers: str) -> dict[str, Any]:
    """Arguments of httpx.post for a signed operation without arguments."""
    sent = {
        "X-Amz-Target": f"RekognitionService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        **headers,
    }
    keys = Credentials(server.keys["aws_access_key_id"], server.keys["aws_secret_access_key"])
    request = AWSRequest("POST", f"{server.url}/", headers=sent, data=b"{}")
    SigV4Auth(keys, "rekognition", "us-east-1").add_auth(request)
    return {"url": f"{server.url}/", "content": b"{}", "headers": dict(request.headers.items())}


@pytest.mark.parametrize("origin", [ORIGIN, OTHER, "https://APP.example:443"])
@pytest.mark.parametrize(
    ("path", "method"), [("/", "POST"), ("/v1/analyses", "POST"), ("/v1/analyses/x", "DELETE"), ("/v1/logs", "GET")]
)
def test_a_preflight_of_an_allowed_origin_needs_no_signature(
    open_server: RunningService, path: str, method: str, origin: str
) -> None:
    answer = preflight(open_server, path, origin, method)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert method in answer.headers["access-control-allow-methods"]
    assert "x-amz-target" in answer.headers["access-control-allow-headers"]
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [EVIL, "http://app.example", "https://app.example.evil.example", "null", "x"])
@pytest.mark.parametrize("path", ["/", "/v1/analyses"])
def test_a_preflight_of_any_other_origin_is_refused(open_server: RunningService, path: str, origin: str) -> None:
    answer = preflight(open_server, path, origin)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert "--cors-origin" in answer.text


def test_a_signed_operation_of_an_allowed_page_is_answered_readably(open_server: RunningService) -> None:
    answer = httpx.post(**signed(open_server, "ListCollections", Origin=ORIGIN))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
    assert {"x-amzn-requestid", "x-amzn-errortype", "etag"} <= set(exposed)
    rejected = httpx.post(**signed(open_server, "NoSuchOperation", Origin=ORIGIN))
    assert rejected.json()["__type"] == "UnknownOperationException"
    assert rejected.headers["access-control-allow-origin"] == ORIGIN


def test_a_signed_operation_of_any_other_page_is_refused(open_server: RunningService, server: RunningService) -> None:
    for service in (open_server, server):
        answer = httpx.post(**signed(service, "ListCollections", Origin=EVIL))
        assert (answer.status_code, answer.json()["__type"]) == (403, "AccessDeniedException")
        assert "access-control-allow-origin" not in answer.headers


def test_the_token_counts_for_an_allowed_page_and_a_session_does_not(open_server: RunningService) -> None:
    login = httpx.post(f"{open_server.url}/login", json={"token": open_server.token})
    session = {"Cookie": f"openrek_session={login.cookies['openrek_session']}"}
    url, origin = f"{open_server.url}/v1/analyses", {"Origin": ORIGIN}
    assert httpx.get(url, headers=session).status_code == 200
    answer = httpx.get(url, headers=session | origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, ORIGIN)
    answer = httpx.get(url, headers=open_server.bearer | origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "access-control-allow-origin" not in httpx.get(url, headers=open_server.bearer | {"Origin": EVIL}).headers


def test_caches_are_told_that_answers_depend_on_the_origin(open_server: RunningService) -> None:
    assert "Origin" in httpx.get(f"{open_server.url}/health").headers["vary"]


def test_every_origin_may_be_allowed(tmp_path: Any) -> None:
    service = start_service(tmp_path, environment={"OPENREK_CORS_ORIGINS": "*"})
    try:
        answer = httpx.get(f"{service.url}/v1/logs", headers=service.bearer | {"Origin": EVIL})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert preflight(service, "/", "null").status_code == 204
    finally:
        stop_service(service)


@pytest.mark.parametrize("origin", ["https://app.example/", "app.example", "https://*", ""])
def test_an_origin_that_cannot_be_one_is_refused_at_start(origin: str) -> None:
    from pathlib import Path

    from openrek.config import Settings

    with pytest.raises(ValueError, match="cors_origins"):
        Settings(Path(), cors_origins=(origin,))
