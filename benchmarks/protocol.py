"""What the protocol alone takes: requests a second over HTTP that need no model, beside moto's server.

    python -m venv /tmp/moto && /tmp/moto/bin/pip install 'moto[server]'
    python benchmarks/protocol.py --moto-python /tmp/moto/bin/python [--clients 4] [--seconds 5] [--rounds 5]

Ours is ListTagsForResource by a key whose policy is read-only: the signature is verified, the policy evaluated, the
tags read from the database, a log record written. moto has no ListTagsForResource for Rekognition; what it has that
does least is StartTextDetection, which answers a random job's name. It verifies no signature and evaluates no policy
unless told to, and is not told to. Both are sent what they would be sent by the same clients: processes that each write
requests, signed beforehand, to eight sockets and read the answers, so that the clients take as little of the cores as
they can. Connections are kept open where the server keeps them. Rounds alternate, and the ratio is taken within each.

Requests a second depend on the machine: openrek answers small requests on one core, and moto's threads use a second one
where it is free for its system calls, so the ratio falls on an idle machine of many cores and rises on a busy one. The
processor time that a server spends on a request does not depend on it as much and is printed beside them.
"""

import argparse
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from overhead import Service

Keys = tuple[str, str]
_COLLECTIONS = 8
_TAGS = {"project": "benchmark", "owner": "Lan", "place": "Huế"}
_START_SECONDS = 30
_HEAD_START_SECONDS = 0.5


class Connection:
    """One socket that HTTP/1 requests are written to, opened anew when the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self.opened = 0

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self.send(request)
        return self.receive()

    def send(self, request: bytes) -> None:
        """Writes a request; its answer is for `receive`."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened += 1
        self._socket.sendall(request)

    def receive(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(received) < end + 4 + length:
            received += self._more()
        if head.startswith(b"http/1.0") or b"connection: close" in head:
            self.close()
        return int(head[9:12]), received[end + 4 :]

    def close(self) -> None:
        """Closes the socket; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> bytes:
        assert self._socket is not None
        chunk = self._socket.recv(65_536)
        if not chunk:
            raise ConnectionError("the server closed the connection before the answer's end")
        return chunk


def signed(url: str, keys: Keys, operation: str, arguments: dict[str, Any]) -> bytes:
    """A request as it goes over the wire, signed now: good for five minutes."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    body = json.dumps(arguments).encode()
    headers = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"RekognitionService.{operation}",
        "User-Agent": "Boto3/1.43 benchmark",
    }
    request = AWSRequest("POST", f"{url}/", headers=headers, data=body)
    SigV4Auth(Credentials(*keys), "rekognition", "us-east-1").add_auth(request)
    lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server and what is asked of it."""

    name: str
    url: str
    keys: Keys
    calls: Sequence[tuple[str, dict[str, Any]]]
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def ask(self, keys: Keys, operation: str, arguments: dict[str, Any]) -> tuple[int, Any]:
        """Status and answer of one request."""
        connection = Connection(*self.address)
        status, body = connection.ask(signed(self.url, keys, operation, arguments))
        connection.close()
        return status, json.loads(body)

    def cpu_seconds(self) -> float:
        """Processor time that the server has taken so far, in user and in system mode."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def per_second(self, clients: ProcessPoolExecutor, count: int, seconds: float) -> tuple[float, float, float]:
        """Requests answered a second by so many clients together, connections opened and CPU seconds spent for each."""
        requests = [signed(self.url, self.keys, *call) for call in self.calls]
        before = self.cpu_seconds()
        begin = time.time() + _HEAD_START_SECONDS
        under_way = [clients.submit(_client, self.address, requests, begin, seconds) for _ in range(count)]
        found = [client.result() for client in under_way]
        opened, answered = (sum(each) for each in list(zip(*found, strict=True))[1:])
        # Each client warms its connections by one request each, which is not counted.
        spent = (self.cpu_seconds() - before) / (answered + count * len(requests))
        return sum(rate for rate, _, _ in found), opened / answered, spent


def _client(
    address: tuple[str, int], requests: Sequence[bytes], begin: float, seconds: float
) -> tuple[float, int, int]:
    """Answers a second, connections opened and answers, of one client that starts at a time.

    It has a connection for each request, writes them all, then reads the answers, and so on: as many callers that wait.
    """
    connections = [Connection(*address) for _ in requests]

    def ask_all() -> None:
        for connection, request in zip(connections, requests, strict=True):
            connection.send(request)
        for connection in connections:
            _expect_200(*connection.receive())

    ask_all()
    for connection in connections:
        connection.opened = 0
    count = 0
    time.sleep(max(0.0, begin - time.time()))
    started = time.perf_counter()
    while time.perf_counter() < started + seconds:
        ask_all()
        count += len(requests)
    spent = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return count / spent, sum(connection.opened for connection in connections), count


def _expect_200(status: int, body: bytes) -> None:
    if status != 200:
        raise RuntimeError(f"{status}: {body[:300]!r}")


def reader(folder: Path) -> Keys:
    """A new key of the service of this data folder, whose policy is read-only."""
    done = subprocess.run(
        [sys.executable, "-m", "openrek", "keys", "create", "reader", "--policy", "read-only", "--data", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return _keys(done.stdout, "reader")


def _keys(profiles: str, name: str) -> Keys:
    parser = ConfigParser(interpolation=None)
    parser.read_string(profiles)
    return parser[name]["aws_access_key_id"], parser[name]["aws_secret_access_key"]


def ours(service: Service, folder: Path) -> Peer:
    """openrek with a few tagged collections; what the table says of it is checked here.

    Raises:
        RuntimeError: a request is answered otherwise than the comparison needs.
    """
    owner = _keys((folder / "credentials").read_text(), "openrek")
    keys = reader(folder)
    peer = Peer("openrek", service.url, keys, (), service.pid)
    arns = []
    for number in range(_COLLECTIONS):
        status, answer = peer.ask(owner, "CreateCollection", {"CollectionId": f"benchmark-{number}", "Tags": _TAGS})
        _expect_200(status, json.dumps(answer).encode())
        arns.append(answer["CollectionArn"])
    arguments = {"ResourceArn": arns[0]}
    for requested, expected in (
        (peer.ask(keys, "ListTagsForResource", arguments), (200, {"Tags": _TAGS})),
        (peer.ask(keys, "CreateCollection", {"CollectionId": "more"}), (400, "AccessDeniedException")),
        (peer.ask((keys[0], "guessed"), "ListTagsForResource", arguments), (400, "InvalidSignatureException")),
    ):
        status, answer = requested
        if (status, answer.get("__type", answer)) != expected:
            raise RuntimeError(f"expected {expected}, but was answered {requested}")
    calls = [("ListTagsForResource", {"ResourceArn": arn}) for arn in arns]
    return Peer("openrek", service.url, keys, calls, service.pid)


class Moto:
    """moto's server in a process of its own."""

    def __init__(self, python: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        calls = [
            ("StartTextDetection", {"Video": {"S3Object": {"Bucket": "videos", "Name": f"{number}.mp4"}}})
            for number in range(_COLLECTIONS)
        ]
        self.peer = Peer("moto", f"http://127.0.0.1:{port}", ("testing", "testing"), calls, self._process.pid)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                status, answer = self.peer.ask(self.peer.keys, *calls[0])
                break
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.close()
                    raise RuntimeError(f"moto's server did not start; does {python} have moto[server]?") from None
                time.sleep(0.2)
        if status != 200 or not answer.get("JobId"):
            self.close()
            raise RuntimeError(f"moto answered {status}: {answer}")

    def close(self) -> None:
        """Ends the server."""
        self._process.terminate()
        self._process.wait(timeout=30)


def main() -> None:
    """Prints the rounds and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moto-python", help="Python that has moto[server]; without it only openrek is measured")
    parser.add_argument("--clients", type=int, default=4, help="client processes, eight connections each")
    parser.add_argument("--seconds", type=float, default=5.0, help="a round and server")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        moto = None
        try:
            moto = Moto(arguments.moto_python) if arguments.moto_python else None
            peers = [ours(service, Path(folder)), *([moto.peer] if moto else [])]
            with ProcessPoolExecutor(arguments.clients, multiprocessing.get_context("spawn")) as clients:
                _measure(peers, clients, arguments.clients, arguments.seconds, arguments.rounds)
        finally:
            service.close()
            if moto:
                moto.close()


def _measure(peers: Sequence[Peer], clients: ProcessPoolExecutor, count: int, seconds: float, rounds: int) -> None:
    for peer in peers:
        peer.per_second(clients, count, 1.0)  # starts the clients and warms the server
    print(f"{os.cpu_count()} cores, {count} clients of {_COLLECTIONS} connections, {seconds:g} s a round and server")
    names = [f"{peer.name}: {peer.calls[0][0]}, requests/s (CPU µs each)" for peer in peers]
    ratio = len(peers) > 1
    print(f"| round | {' | '.join(names)} |{' ratio |' if ratio else ''}")
    print("|---" * (1 + len(peers) + ratio) + "|")
    ratios: list[float] = []
    connections: dict[str, float] = {}
    cpu: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for number in range(1, rounds + 1):
        rates = []
        shown = []
        for peer in peers:
            rate, connections[peer.name], spent = peer.per_second(clients, count, seconds)
            rates.append(rate)
            cpu[peer.name].append(spent)
            shown.append(f"{rate:,.0f} ({1e6 * spent:,.0f})")
        if ratio:
            ratios.append(rates[0] / rates[1])
            shown.append(f"{ratios[-1]:.1f}")
        print(f"| {number} | {' | '.join(shown)} |", flush=True)
    print("\nconnections opened a request: " + ", ".join(f"{name} {found:.2f}" for name, found in connections.items()))
    if ratio:
        ours, theirs = (statistics.median(cpu[peer.name]) for peer in peers)
        print(f"median ratio {statistics.median(ratios):.1f}; of CPU time a request {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
