"""How answers come over the socket itself."""

import socket
from urllib.parse import urlsplit

from tests.conftest import RunningService


def _connected(server: RunningService) -> socket.socket:
    parts = urlsplit(server.url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=30)


def test_head_and_body_arrive_together(server: RunningService) -> None:
    host = urlsplit(server.url).netloc
    with _connected(server) as connection:
        for _ in range(3):
            connection.sendall(f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert body.startswith(b"{"), "the body came in a packet of its own"


def test_requests_sent_at_once_are_answered_in_turn(server: RunningService) -> None:
    host = urlsplit(server.url).netloc
    paths = ("/health", "/openapi.json", "/v1/analyses", "/health")
    requested = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n" for path in paths]
    requested[-1] += "Connection: close\r\n"
    received = b""
    with _connected(server) as connection:
        connection.sendall("".join(f"{each}\r\n" for each in requested).encode())
        while chunk := connection.recv(65_536):
            received += chunk
    statuses = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
        statuses.append(int(head[9:12]))
        received = rest[length:]
    assert statuses == [200, 200, 401, 200]


def test_a_client_that_asks_first_whether_it_may_send_is_told(server: RunningService) -> None:
    host = urlsplit(server.url).netloc
    head = f"POST /v1/analyses HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
    head += f"Authorization: {server.bearer['Authorization']}\r\nContent-Type: image/jpeg\r\n\r\n"
    with _connected(server) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400")
