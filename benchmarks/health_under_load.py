"""How long /health takes while large bodies arrive for operations that take no image.

    python benchmarks/health_under_load.py [--clients 4] [--seconds 10] [--json]

Each client is a process that sends requests of 24 MiB one after the other, in turn: signed with a made-up key, with a
real key id and a wrong secret, and rightly. All are for operations without an image, which take 256 KiB, so all
must be refused, and nobody else may wait for them. The peer is the same service without these clients.
"""

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
from configparser import ConfigParser
from http.client import HTTPConnection, HTTPResponse
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from overhead import Service

_BODY_BYTES = 24 * 1024 * 1024
_INTERVAL_SECONDS = 0.005


def head(url: str, key: tuple[str, str], operation: str) -> bytes:
    """The head of a signed request with a body of 24 MiB of zeros."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    headers = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"RekognitionService.{operation}",
    }
    request = AWSRequest("POST", f"{url}/", headers=headers, data=bytes(_BODY_BYTES))
    SigV4Auth(Credentials(*key), "rekognition", "us-east-1").add_auth(request)
    lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {_BODY_BYTES}", "", ""]).encode()


def send(url: str, heads: list[bytes], stop: Event, counts: "multiprocessing.Queue[dict[int, int]]") -> None:
    """Sends until it is stopped; puts how many answers of each status there were."""
    import socket

    address = urlsplit(url)
    body = bytes(_BODY_BYTES)
    statuses: dict[int, int] = {}
    while not stop.is_set():
        for start in heads:
            with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
                connection.sendall(start)
                connection.sendall(body)
                answer = HTTPResponse(connection)
                answer.begin()
                answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
    counts.put(statuses)


def latencies(url: str, seconds: float) -> list[float]:
    """Milliseconds of each request for /health."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    taken = []
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        started = time.perf_counter()
        connection.request("GET", "/health")
        connection.getresponse().read()
        taken.append((time.perf_counter() - started) * 1000)
        time.sleep(_INTERVAL_SECONDS)
    connection.close()
    return taken


def summary(taken: list[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": cuts[49], "p99": cuts[98], "max": max(taken), "requests": len(taken)}


def main() -> None:
    """Prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        try:
            profile = ConfigParser()
            profile.read(Path(folder) / "credentials")
            keys = profile["openrek"]
            real = (keys["aws_access_key_id"], keys["aws_secret_access_key"])
            heads = [
                head(service.url, ("AKIAMADEUPMADEUPMADE", "made-up"), "ListCollections"),
                head(service.url, (real[0], "wrong"), "TagResource"),
                head(service.url, real, "ListCollections"),
                head(service.url, real, "CreateCollection"),
            ]
            idle = summary(latencies(service.url, arguments.seconds))
            context = multiprocessing.get_context("spawn")
            stop, counts = context.Event(), context.Queue()
            clients = [
                context.Process(target=send, args=(service.url, heads, stop, counts)) for _ in range(arguments.clients)
            ]
            for client in clients:
                client.start()
            time.sleep(2)
            loaded = summary(latencies(service.url, arguments.seconds))
            stop.set()
            statuses: dict[int, int] = {}
            for _ in clients:
                for status, count in counts.get(timeout=60).items():
                    statuses[status] = statuses.get(status, 0) + count
            for client in clients:
                client.join(60)
        finally:
            service.close()
    report(idle, loaded, statuses, arguments.json)


def report(idle: dict[str, float], loaded: dict[str, float], statuses: dict[int, int], as_json: bool) -> None:
    """Prints what was measured."""
    if as_json:
        result: dict[str, Any] = {"idle_ms": idle, "loaded_ms": loaded, "refused_by_status": statuses}
        print(json.dumps(result))
        return
    print(f"{'GET /health, ms':<28}{'p50':>8}{'p99':>8}{'max':>8}")
    for name, figures in (("idle", idle), ("while 24 MiB bodies arrive", loaded)):
        print(f"{name:<28}" + "".join(f"{figures[each]:8.1f}" for each in ("p50", "p99", "max")))
    print(
        f"bodies refused: {sum(statuses.values())}, by status {statuses}; p99 ratio {loaded['p99'] / idle['p99']:.1f}"
    )


if __name__ == "__main__":
    main()
