"""Whatever a stranger writes into a request is answered by 4xx at most, in plain words, and never with a traceback."""

import http.client
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import RunningService, start_service, stop_service


def answer_to(server: RunningService, request: bytes, method: str = "GET") -> tuple[int, http.client.HTTPMessage, str]:
    """Status, headers and body of the answer to bytes that no library would send."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        return answer.status, answer.headers, answer.read().decode(errors="replace")


def head(method: str, path: bytes, *headers: bytes, host: bytes = b"Host: localhost") -> bytes:
    return b"\r\n".join([method.encode() + b" " + path + b" HTTP/1.1", host, b"Connection: close", *headers, b"", b""])


PATHS = [
    b"/console/" + b"a" * 300,
    b"/console/" + b"a/" * 3000,
    b"/console/%00",
    b"/console/%ff%fe",
    b"/console/..%2f..%2ftoken",
    b"/console/%0d%0aX-Evil:%201",
    b"/v1/analyses/%00",
    b"/v1/analyses/" + b"a" * 5000,
    b"/v1/analyses/%ff",
    b"/v1/analyses?limit=" + b"9" * 5000,
    b"/v1/analyses?limit=%C2%B2",
    b"/v1/analyses?limit=%00",
    b"/v1/analyses?limit=1e1",
    b"/v1/logs?after=9223372036854775808",
    b"/v1/logs?after=-0",
    b"/v1/logs?limit=" + b"0" * 5000 + b"1",
    b"/v1/logs?request_id=%00",
    b"/v1/logs?analysis_id=" + b"a" * 5000,
    b"/?Action=%00&Version=%ff",
    b"/?X-Amz-Credential=%ff/%00/x/sts/aws4_request",
    b"/?X-Amz-Credential=a/b/c/%ff/aws4_request",
    b"/?AWSAccessKeyId=%00&Signature=%ff&Expires=99999999999",
    b"/openrek/x?X-Amz-Credential=x/1/r/s3/aws4_request&X-Amz-Signature=x",
    b"/%2e%2e/%2e%2e/etc/passwd",
    b"/%ff%fe/%00",
    b"//",
    b"/health\x01",
    b"/\xff",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40].decode("latin-1"))
def test_a_path_or_query_that_cannot_be_is_refused(server: RunningService, method: str, path: bytes) -> None:
    bearer = f"Authorization: Bearer {server.token}".encode()
    for headers in ((bearer,), ()):
        status, answered, _ = answer_to(server, head(method, path, *headers, b"Content-Length: 0"), method)
        assert 200 <= status < 500
        assert "x-evil" not in answered
        if path.startswith((b"/v1/analyses", b"/v1/logs", b"/console")) and method == "GET":
            assert status >= 400


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Bearer \xff",
        b"Authorization: AWS4-HMAC-SHA256 \xff",
        b"Authorization: AWS4-HMAC-SHA256 Credential=\xff/1/r/x/aws4_request, SignedHeaders=\xff, Signature=x",
        b"Authorization: AWS4-HMAC-SHA256 Credential=a/1/r/\xff/aws4_request, SignedHeaders=host, Signature=x",
        b"Authorization: AWS \xff:\xff",
        b"Cookie: openrek_session=" + b"9" * 5000 + b".x",
        b"Cookie: openrek_session=\xc2\xb2.x",
        b"Cookie: \xff=\xff; =; ;",
        b"X-Amz-Target: \xff.\xff",
        b"X-Amz-Target: RekognitionService." + b"a" * 5000,
        b"X-Amz-Target: .",
        b"Content-Type: multipart/form-data; boundary=\xff",
        b"Content-Length: 99999999999999999999999999",
        b"If-None-Match: \xff",
        b"Upgrade: websocket",
        b"Upgrade: h2c\r\nConnection: upgrade",
        b"X-Forwarded-Proto: \xff",
        b"Origin: \xff\r\nAccess-Control-Request-Method: \xff",
        b"Smithy-Protocol: rpc-v2-cbor",
    ],
    ids=lambda header: header[:40].decode("latin-1"),
)
@pytest.mark.parametrize("target", ["GET /", "POST /", "POST /login", "POST /v1/analyses", "GET /v1/logs", "OPTIONS /"])
def test_a_header_that_cannot_be_is_refused(server: RunningService, header: bytes, target: str) -> None:
    method, _, path = target.partition(" ")
    length = () if header.startswith(b"Content-Length") else (b"Content-Length: 0",)
    status, _, _ = answer_to(server, head(method, path.encode(), header, *length))
    assert 200 <= status < 500


@pytest.mark.parametrize(
    "host",
    [b"Host: localhost\r\nHost: localhost", b"Host: localhost\r\nHost: evil", b"X: y", b"Host: localhost:99999"],
)
def test_a_request_has_one_host(server: RunningService, host: bytes) -> None:
    status, _, body = answer_to(server, head("GET", b"/health", host=host))
    assert (status, "Host" in body) == (400, True)


@pytest.mark.parametrize(
    "origin",
    ["https://{}", "ftp://{}", "file://{}", "http://{}.evil", "http://evil@{}", "http://{}/x", "null", "http://["],
)
def test_an_origin_of_another_scheme_is_another_origin(server: RunningService, origin: str) -> None:
    headers = server.bearer | {"Origin": origin.format(urlsplit(server.url).netloc)}
    assert httpx.delete(f"{server.url}/v1/analyses/x", headers=headers).status_code == 403
    session = httpx.post(f"{server.url}/login", json={"token": server.token}).cookies["openrek_session"]
    cookie = {"Cookie": f"openrek_session={session}", "Origin": headers["Origin"]}
    assert httpx.get(f"{server.url}/v1/analyses", headers=cookie).status_code == 401
    own = {"Cookie": f"openrek_session={session}", "Origin": server.url}
    assert httpx.get(f"{server.url}/v1/analyses", headers=own).status_code == 200


def test_a_body_that_never_comes_holds_up_no_request_that_has_none(server: RunningService) -> None:
    status, _, _ = answer_to(server, head("GET", b"/health", b"Content-Length: 5"))
    assert status == 200


def test_nothing_of_this_was_a_fault_of_the_service(server: RunningService) -> None:
    for path in PATHS:
        answer_to(server, head("GET", path))
    assert not [line for line in server.errors if "Traceback" in line]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service behind a proxy that speaks TLS."""
    data = tmp_path_factory.mktemp("proxied")
    service = start_service(data, "--public-url", "https://photos.example")
    yield service
    stop_service(service)


def cookie_of(server: RunningService, **headers: str) -> str:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.post(f"{server.url}/login", json={"token": server.token}, headers=sent)
    assert answer.status_code == 204, answer.text
    return answer.headers["set-cookie"]


def test_the_session_cookie_is_secure_behind_https(proxied: RunningService, server: RunningService) -> None:
    assert "Secure" in cookie_of(proxied, Host="photos.example")
    assert "Secure" in cookie_of(proxied, Host="photos.example", Origin="https://photos.example")
    assert "Secure" in cookie_of(proxied, X_Forwarded_Proto="https")
    assert "Secure" not in cookie_of(proxied)
    # Without a public URL nobody vouches for the header.
    assert "Secure" not in cookie_of(server, X_Forwarded_Proto="https")


def test_the_public_url_has_one_scheme(proxied: RunningService) -> None:
    headers = proxied.bearer | {"Host": "photos.example", "Origin": "http://photos.example"}
    assert httpx.post(f"{proxied.url}/v1/uploads", headers=headers).status_code == 403
    headers["Origin"] = "https://photos.example:443"
    answer: Any = httpx.post(f"{proxied.url}/v1/uploads", headers=headers)
    assert (answer.status_code, answer.json()["url"].startswith("https://photos.example/")) == (201, True)
