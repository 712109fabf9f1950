"""What no client of good will sends is refused in plain words, by no fault of the service."""

import http.client
import logging
import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from openrek.web.api_error import ApiError
from openrek.web.uploaded_image import uploaded_image
from tests.conftest import RunningService, start_service, stop_service


def raw(server: RunningService, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to a request that no library would send."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


@pytest.mark.parametrize("host", [b"[bad", b"[::1", b"a b", b"127.0.0.1/x", b"127.0.0.1:port", b""])
def test_a_host_that_is_none_is_refused(server: RunningService, host: bytes) -> None:
    status, body = raw(server, b"GET /health HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert status == 400
    assert b"Host" in body


def test_an_origin_that_is_none_may_change_nothing(server: RunningService) -> None:
    headers = server.bearer | {"Origin": "http://["}
    assert httpx.delete(f"{server.url}/v1/analyses/x", headers=headers).status_code == 403


@pytest.mark.parametrize("limit", ["9" * 5000, "00000000150000", "101", "-1", "1.0", "¹"])
def test_a_limit_out_of_range_is_told(server: RunningService, limit: str) -> None:
    answer = httpx.get(f"{server.url}/v1/analyses", params={"limit": limit}, headers=server.bearer)
    assert answer.status_code == 400
    assert "from 1 to 100" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "boundary", "message"),
    [
        (b"--x--\r\n", "x" * 300, "256"),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc', "x", "cut off"),
        (b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nabc\r\n--x--\r\n', "x", "'file'"),
    ],
)
def test_a_form_says_what_is_wrong_with_it(server: RunningService, content: bytes, boundary: str, message: str) -> None:
    headers = server.bearer | {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = httpx.post(f"{server.url}/v1/analyses", content=content, headers=headers)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


def test_a_form_over_the_limit_says_the_limit_of_a_picture(server: RunningService) -> None:
    answer = httpx.post(f"{server.url}/v1/analyses", files={"file": b"\0" * 6_000_000}, headers=server.bearer)
    assert answer.status_code == 413
    assert "5,242,880" in answer.json()["error"]["message"]


def test_a_broken_form_is_told_to_its_sender_alone(capfd: pytest.CaptureFixture[str]) -> None:
    assert logging.getLogger("python_multipart").hasHandlers()
    event = {"headers": {"content-type": "multipart/form-data; boundary=x"}, "body": "--x\r\nbroken"}
    with pytest.raises(ApiError):
        uploaded_image(event, 100)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("path", ["/nothing", "/openrek", "/v1/nothing", "/console/%00", "/console/../token"])
def test_what_is_not_there_is_told_in_json(server: RunningService, path: str) -> None:
    status, body = raw(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert status == 404
    assert b'"NotFound"' in body


@pytest.mark.parametrize("path", ["/openrek/token", "/no-such-bucket/token"])
def test_a_link_without_its_signature_tells_not_even_whether_there_is_a_bucket(
    server: RunningService, path: str
) -> None:
    answer = httpx.get(server.url + path)
    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)
    identifier = answer.headers["x-request-id"]
    kept = httpx.get(f"{server.url}/v1/logs?request_id={identifier}", headers=server.bearer).json()["events"]
    assert [event["operation"] for event in kept] == ["s3:GET"]


def test_there_is_an_icon(server: RunningService) -> None:
    assert httpx.get(f"{server.url}/favicon.ico").headers["content-type"].startswith("image/svg+xml")


def test_a_method_that_is_not_there_names_those_that_are(server: RunningService) -> None:
    answer = httpx.put(f"{server.url}/v1/analyses/x", headers=server.bearer)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "DELETE"}


def test_a_wrong_token_is_told_from_none(server: RunningService) -> None:
    wrong = httpx.get(f"{server.url}/v1/analyses", headers={"Authorization": "Bearer nonsense"}).json()["error"]
    none = httpx.get(f"{server.url}/v1/analyses").json()["error"]
    assert "not the token of this service" in wrong["message"]
    assert none["code"] == "MissingAuthenticationTokenException"


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(
    "part", [b"POST /v1/upl", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_a_request_that_never_ends_does_not_hold_the_end_up(tmp_path: Path, part: bytes) -> None:
    server = start_service(tmp_path)
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(part)
        assert httpx.get(f"{server.url}/health").status_code == 200  # so the part has arrived
        # The service gives answers under way 10 s, and says so if it must cut one off.
        assert stop_service(server) == 0
    assert not [line for line in server.errors if "Traceback" in line or "timeout" in line]


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
def test_a_reader_of_the_log_may_go_away(tmp_path: Path, cat: bytes) -> None:
    server = start_service(tmp_path)
    try:
        assert server.process.stdout is not None
        reading = server.process.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, reading)  # the pipe's reading end is closed by this
        os.close(nowhere)
        deadline = time.monotonic() + 60
        statuses: list[int] = []
        while time.monotonic() < deadline and len(statuses) < 3:
            answer = httpx.post(f"{server.url}/v1/analyses", content=cat, headers=server.bearer, timeout=60)
            statuses.append(answer.status_code)
        assert statuses == [201] * 3
        kept = httpx.get(f"{server.url}/v1/logs", headers=server.bearer).json()["events"]
        assert sum(event["event"] == "stored" for event in kept) == 3
    finally:
        assert stop_service(server) == 0
