"""Clients that send slowly, too much, or nothing, and clients that leave: nobody else waits for them."""

import asyncio
import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil
import pytest
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from openrek.gateway.sockets import Http
from tests.conftest import RunningService, encode, start_service, stop_service

MADE_UP = Credentials("AKIAMADEUPMADEUPMADE", "made-up")
MIB = 1024 * 1024


def connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def answer_of(connection: socket.socket) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, answer.read()


def head(
    server: RunningService, operation: str, length: int, keys: Credentials, service: str = "rekognition", **more: str
) -> bytes:
    """The head of a signed request whose body has this length, and other bytes than were signed."""
    path = "/" if service == "rekognition" else "/openrek/object"
    headers = {
        "Host": urlsplit(server.url).netloc,
        "Content-Type": "application/x-amz-json-1.1",
        **({"X-Amz-Target": f"RekognitionService.{operation}"} if service == "rekognition" else {}),
        **more,
    }
    method = "POST" if service == "rekognition" else "PUT"
    request = AWSRequest(method, f"{server.url}{path}", headers=headers, data=b"{}")
    SigV4Auth(keys, service, "us-east-1").add_auth(request)
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


def owner(server: RunningService) -> Credentials:
    return Credentials(server.keys["aws_access_key_id"], server.keys["aws_secret_access_key"])


def test_held_connections_shut_nobody_out(server: RunningService, cat: bytes) -> None:
    host = urlsplit(server.url).netloc
    slow_heads = [f"GET /health HTTP/1.1\r\nHost: {host}\r\nX-Slow: ".encode()] * 100
    slow_bodies = [head(server, "DetectLabels", 24 * MIB, owner(server)) + b"{"] * 100
    with ExitStack() as stack:
        held = [stack.enter_context(connected(server.url)) for _ in range(200)]
        for connection, start in zip(held, slow_heads + slow_bodies, strict=True):
            connection.sendall(start)
        for _ in range(3):
            for connection in held:
                connection.sendall(b" ")
            assert httpx.get(f"{server.url}/health").status_code == 200
            assert server.client().list_collections()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert server.client().detect_labels(Image={"Bytes": cat})["Labels"]


@pytest.mark.parametrize("service", ["rekognition", "s3"])
def test_an_unknown_key_is_refused_before_its_body_is_read(server: RunningService, service: str) -> None:
    with connected(server.url) as connection:
        connection.sendall(head(server, "DetectLabels", 24 * MIB, MADE_UP, service))
        status, body = answer_of(connection)
    assert status in (400, 403)
    assert b"UnrecognizedClientException" in body or b"InvalidAccessKeyId" in body


def test_a_signature_that_names_its_bodys_digest_is_checked_before_the_body(server: RunningService) -> None:
    wrong = Credentials(server.keys["aws_access_key_id"], "wrong")
    digest = {"X-Amz-Content-SHA256": hashlib.sha256(b"{}").hexdigest()}
    with connected(server.url) as connection:
        connection.sendall(head(server, "DetectLabels", 24 * MIB, wrong, **digest))
        status, body = answer_of(connection)
    assert (status, b"InvalidSignatureException" in body) == (400, True)


@pytest.mark.parametrize("operation", ["ListCollections", "TagResource", "CreateCollection", "NoSuchOperation"])
def test_operations_without_an_image_take_256_kib(server: RunningService, operation: str) -> None:
    with connected(server.url) as connection:
        connection.sendall(head(server, operation, 256 * 1024 + 1, owner(server)))
        status, body = answer_of(connection)
    assert (status, b"RequestEntityTooLargeException" in body) == (413, True)
    assert b"262,144" in body


def test_a_body_of_unannounced_length_has_the_same_limit(server: RunningService) -> None:
    start = head(server, "ListCollections", 0, owner(server)).replace(
        b"Content-Length: 0", b"Transfer-Encoding: chunked"
    )
    with connected(server.url) as connection:
        connection.sendall(start + b"80000\r\n" + b" " * 0x80000 + b"\r\n0\r\n\r\n")
        status, body = answer_of(connection)
    assert (status, b"RequestEntityTooLargeException" in body) == (413, True)


@pytest.mark.parametrize(
    ("method", "path", "bearer", "length", "expected"),
    [
        ("POST", "/v1/analyses", False, 5 * MIB, 401),
        ("POST", "/v1/analyses", True, 60 * MIB, 413),
        ("POST", "/v1/uploads", True, 5 * MIB, 413),
        ("DELETE", "/v1/analyses/x", True, 5 * MIB, 413),
        ("POST", "/login", False, 5 * MIB, 413),
        ("GET", "/health", False, 5 * MIB, 413),
    ],
)
def test_routes_refuse_by_the_head_alone(
    server: RunningService, method: str, path: str, bearer: bool, length: int, expected: int
) -> None:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(server.url).netloc}", f"Content-Length: {length}"]
    if bearer:
        lines.append(f"Authorization: Bearer {server.token}")
    with connected(server.url) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert answer_of(connection)[0] == expected


def test_who_sends_all_the_same_still_gets_the_answer(server: RunningService) -> None:
    for _ in range(2):  # on a connection that was kept open, too
        answer = httpx.post(f"{server.url}/v1/uploads", content=b"\0" * 20 * MIB, headers=server.bearer)
        assert answer.status_code == 413


def test_a_client_that_waits_for_permission_gets_the_refusal_instead(server: RunningService) -> None:
    with connected(server.url) as connection:
        connection.sendall(head(server, "DetectLabels", 24 * MIB, MADE_UP, Expect="100-continue"))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 400
        assert answer.headers["connection"] == "close"


def test_made_up_keys_hold_no_memory(server: RunningService) -> None:
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    with ExitStack() as stack:
        for service in ("rekognition", "s3") * 4:
            connection = stack.enter_context(connected(server.url))
            connection.sendall(head(server, "DetectLabels", 20 * MIB, MADE_UP, service) + b"\0" * 20 * MIB)
            assert answer_of(connection)[0] in (400, 403)
        grown = process.memory_info().rss - before
    assert grown < 60 * MIB


def test_others_are_answered_while_large_bodies_are_refused(server: RunningService) -> None:
    wrong = Credentials(server.keys["aws_access_key_id"], "wrong")
    heads = [head(server, "ListCollections", 24 * MIB, keys) for keys in (MADE_UP, wrong, owner(server))]
    statuses: list[int] = []

    def send(start: bytes) -> None:
        with connected(server.url) as connection:
            connection.sendall(start)
            connection.sendall(bytes(24 * MIB))
            statuses.append(answer_of(connection)[0])

    senders = [threading.Thread(target=send, args=(start,)) for start in heads]
    for sender in senders:
        sender.start()
    answered = 0
    while any(sender.is_alive() for sender in senders):
        assert httpx.get(f"{server.url}/health").status_code == 200
        answered += 1
    assert statuses == [413] * 3
    assert answered > 10


def test_a_client_that_leaves_ends_its_work(tmp_path: Any) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (3000, 3000, 3), dtype=np.uint8)
    image = encode(noise, quality=40)
    service = start_service(tmp_path, "--workers", "1")
    try:
        lines = ["POST /v1/analyses HTTP/1.1", f"Host: {urlsplit(service.url).netloc}", "Content-Type: image/jpeg"]
        lines += [f"Authorization: Bearer {service.token}", f"Content-Length: {len(image)}", "", ""]
        request = "\r\n".join(lines).encode() + image
        leaving = 12
        for _ in range(leaving):
            with connected(service.url) as connection:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + 60
        records: list[dict[str, Any]] = []
        while time.monotonic() < deadline and len(records) < leaving:
            page = httpx.get(f"{service.url}/v1/logs?limit=1000", headers=service.bearer).json()["events"]
            records = [record for record in page if record.get("code") == "RequestAbortedException"]
            time.sleep(0.1)
        assert len(records) == leaving
        assert not service.stored()
    finally:
        assert stop_service(service) == 0


class Impatient(Http):
    """The service's own protocol with deadlines that a test can wait for."""

    head_seconds = 0.3
    stall_seconds = 0.3
    check_seconds = 0.05
    max_connections = 8


@contextmanager
def impatient_server() -> Iterator[str]:
    """A server of `Impatient`; answers each request with the bytes of its body."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            body, more = body + event.get("body", b""), event.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        config = uvicorn.Config(app, http=Impatient, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=asyncio.run, args=(server.serve([listener]),), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.mark.parametrize("start", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_has_a_deadline(start: bytes) -> None:
    with impatient_server() as url, connected(url) as connection:
        connection.sendall(start)
        status, body = answer_of(connection)
        assert (status, b"in time" in body) == (408, True)


def test_a_body_has_a_least_speed() -> None:
    with impatient_server() as url, connected(url) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        for _ in range(3):
            connection.sendall(b".")
        status, body = answer_of(connection)
        assert (status, b"too slowly" in body) == (408, True)


def test_a_body_that_goes_on_is_waited_for() -> None:
    with impatient_server() as url, connected(url) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10240\r\n\r\n")
        for _ in range(10):
            connection.sendall(b"." * 1024)
            time.sleep(0.06)
        assert answer_of(connection) == (200, b"." * 10240)


def test_over_the_bound_the_longest_waiting_connection_gives_way() -> None:
    with impatient_server() as url, ExitStack() as stack:
        held = [stack.enter_context(connected(url)) for _ in range(8)]
        for connection in held:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        for _ in range(12):
            assert httpx.get(url).status_code == 200
        assert answer_of(held[0])[0] == 408


@pytest.mark.parametrize(
    ("request_head", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(300)) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"y" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: evil\r\n\r\n", 400),
    ],
)
def test_a_head_has_bounds(server: RunningService, request_head: bytes, expected: int) -> None:
    with connected(server.url) as connection:
        connection.sendall(request_head)
        assert answer_of(connection)[0] == expected
    assert not [line for line in server.errors if "Traceback" in line]
