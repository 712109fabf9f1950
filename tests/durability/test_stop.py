"""SIGINT and SIGTERM at any moment end the service in order."""

import contextlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx

from tests.conftest import RunningService, start_service

_ROUNDS = 50
_PROMISED_SECONDS = 10
# A start takes one to two seconds: moments spread over loading, migrations, the ready line and serving.
_LONGEST_WAIT_SECONDS = 1.6


def stopped(process: "subprocess.Popen[str]", number: int) -> int:
    """The exit status after the signal. After the promised time SIGABRT ends it, and it prints where it stood."""
    process.send_signal(number)
    try:
        return process.wait(timeout=_PROMISED_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        return process.wait()


def started_and_stopped(data: Path, number: int, wait_seconds: float | None) -> tuple[int, str]:
    """Exit status and standard error of a service that gets a signal so long after its first line, or at its ready
    line if `wait_seconds` is None."""
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-m", "openrek", "serve", "--port", "0", "--data", str(data)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr as errors:
        lines = [errors.readline()]
        if wait_seconds is None:
            while lines[-1] and " is ready " not in lines[-1]:
                lines.append(errors.readline())
        else:
            time.sleep(wait_seconds)
        status = stopped(process, number)
        return status, "".join([*lines, errors.read()])


def test_a_signal_at_any_moment_ends_the_service_in_order(tmp_path: Path) -> None:
    moments = random.Random(10)
    waits = [None if turn % 5 == 0 else moments.uniform(0, _LONGEST_WAIT_SECONDS) for turn in range(_ROUNDS)]

    def check(turn: int) -> None:
        data = tmp_path / str(turn // 2)
        data.mkdir(exist_ok=True)
        status, errors = started_and_stopped(data, (signal.SIGINT, signal.SIGTERM)[turn // 2 % 2], waits[turn])
        # The last connection that is closed in order takes SQLite's log with it.
        assert (status, list(data.glob("*.sqlite3-wal"))) == (0, []), (waits[turn], errors)
        assert "Traceback" not in errors

    def check_two(turn: int) -> None:
        check(turn)
        check(turn + 1)  # finds the data folder of one that was stopped

    with ThreadPoolExecutor(2) as two_at_a_time:
        list(two_at_a_time.map(check_two, range(0, _ROUNDS, 2)))


def test_a_second_signal_ends_it_in_order_as_well(tmp_path: Path) -> None:
    service = start_service(tmp_path)
    with held_request(service):
        service.process.send_signal(signal.SIGINT)
        assert stopped(service.process, signal.SIGINT) == 0
    assert "Traceback" not in "".join(service.errors)
    assert not list(tmp_path.glob("*.sqlite3-wal"))
    close_streams(service)


def test_sigterm_ends_a_busy_service_in_time(astronaut: bytes, tmp_path: Path) -> None:
    service = start_service(tmp_path, "--workers", "1")
    headers = service.bearer | {"Content-Type": "image/jpeg"}
    answered: list[httpx.Response] = []

    def analyse() -> None:
        with contextlib.suppress(httpx.HTTPError):
            answered.append(httpx.post(f"{service.url}/v1/analyses", content=astronaut, headers=headers, timeout=60))

    queued = [threading.Thread(target=analyse) for _ in range(40)]
    with held_request(service), held_answer(service):
        for thread in queued:
            thread.start()
        while not answered:
            time.sleep(0.05)
        status = stopped(service.process, signal.SIGTERM)
    for thread in queued:
        thread.join()
    assert status == 0, "".join(service.errors)
    assert "Traceback" not in "".join(service.errors)
    close_streams(service)
    # What was acknowledged before the end is there after it.
    kept = {path.parent.name for path in service.bucket.rglob("result.json")}
    acknowledged = {answer.json()["id"] for answer in answered if answer.status_code == 201}
    assert acknowledged
    assert acknowledged <= kept


def test_work_that_never_ends_does_not_keep_the_process(tmp_path: Path) -> None:
    program = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from openrek.cli.stop_signals import StopSignals
StopSignals(0.5).install()
ThreadPoolExecutor(1).submit(time.sleep, 600)
print("running", flush=True)
while True:
    time.sleep(0.05)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == "running\n"
        process.send_signal(signal.SIGTERM)
        assert stopped(process, signal.SIGINT) == 0


@contextlib.contextmanager
def held_request(service: RunningService) -> Iterator[None]:
    """A connection whose request does not end."""
    parts = urlsplit(service.url)
    head = f"POST /v1/analyses HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 1000\r\n"
    head += f"Authorization: {service.bearer['Authorization']}\r\nContent-Type: image/jpeg\r\n\r\nx"
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as connection:
        connection.sendall(head.encode())
        yield


@contextlib.contextmanager
def held_answer(service: RunningService) -> Iterator[None]:
    """A connection whose client does not read the large object that it requested."""
    s3 = boto3.client("s3", endpoint_url=service.url, region_name="us-east-1", **service.keys)
    s3.put_object(Bucket="openrek", Key="large", Body=bytes(64 * 1024 * 1024))
    url = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "openrek", "Key": "large"}))
    s3.close()
    with socket.create_connection((url.hostname or "", url.port or 80), timeout=30) as connection:
        connection.sendall(f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        yield


def close_streams(service: RunningService) -> None:
    for stream in (service.process.stdout, service.process.stderr):
        if stream is not None:
            stream.close()
