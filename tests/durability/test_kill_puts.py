"""SIGKILL while objects are put: nothing acknowledged is lost, no object is without its facts."""

import contextlib
import hashlib
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.api.s3_service import s3_client
from tests.conftest import RunningService, start_service, stop_service

BUCKET = "kept"
ROUNDS = int(os.environ.get("OPENREK_KILL_ROUNDS", "4"))
WRITERS = 3
KEYS = 5
PART = 5 << 20


def body_of(writer: int, number: int) -> bytes:
    return f"{writer} {number} ".encode() * (1 + number % 3000)


def in_parts(writer: int, number: int) -> list[bytes]:
    return [bytes([number % 256]) * PART, f"{writer} {number}".encode()]


class Writer(threading.Thread):
    """Puts one version after the other of a few keys until the service is killed."""

    def __init__(self, service: RunningService, writer: int, first: int) -> None:
        super().__init__()
        self._s3: Any = s3_client(service)
        self._writer = writer
        self._number = first
        self.acknowledged: dict[str, int] = {}
        """The last version of each key that the service acknowledged."""
        self.started: dict[str, int] = {}
        """The last version of each key that was sent."""

    def run(self) -> None:
        with contextlib.suppress(ClientError, BotoCoreError):
            while True:
                self._number += 1
                key = f"{self._writer}/{self._number % KEYS}"
                self.started[key] = self._number
                self._put(key, self._number)
                self.acknowledged[key] = self._number

    def _put(self, key: str, number: int) -> None:
        named = {"Bucket": BUCKET, "Key": key}
        facts = {"ContentType": f"x/{number}", "Metadata": {"number": str(number)}}
        if number % 20:
            self._s3.put_object(**named, **facts, Body=body_of(self._writer, number))
            return
        upload = {**named, "UploadId": self._s3.create_multipart_upload(**named, **facts)["UploadId"]}
        parts = [
            {"PartNumber": part, "ETag": self._s3.upload_part(**upload, PartNumber=part, Body=body)["ETag"]}
            for part, body in enumerate(in_parts(self._writer, number), 1)
        ]
        self._s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def assert_kept(service: RunningService, acknowledged: dict[str, int], started: dict[str, int]) -> None:
    s3: Any = s3_client(service)
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    assert {entry["Key"] for entry in listed} >= set(acknowledged)
    for entry in listed:
        key = entry["Key"]
        stored = s3.get_object(Bucket=BUCKET, Key=key)
        number = int(stored["Metadata"]["number"])
        assert stored["ContentType"] == f"x/{number}"
        assert acknowledged.get(key, 0) <= number <= started[key]
        writer = int(key.partition("/")[0])
        body = stored["Body"].read()
        assert body == (body_of(writer, number) if number % 20 else b"".join(in_parts(writer, number)))
        if number % 20:
            assert stored["ETag"] == entry["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'


@pytest.mark.parametrize("seed", [1])
def test_kills_while_objects_are_put_lose_nothing(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    acknowledged: dict[str, int] = {}
    started: dict[str, int] = {}
    number = 0
    service = start_service(tmp_path)
    s3_client(service).create_bucket(Bucket=BUCKET)
    for _ in range(ROUNDS):
        writers = [Writer(service, writer, number) for writer in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(moments.uniform(0.3, 2.0))
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
        for writer in writers:
            writer.join()
            acknowledged |= writer.acknowledged
            started |= writer.started
        for stream in (service.process.stdout, service.process.stderr):
            if stream is not None:
                stream.close()
        number = max(started.values())
        service = start_service(tmp_path)
        assert_kept(service, acknowledged, started)
        # What was under way is swept at the start.
        assert list((tmp_path / "objects" / ".staged").iterdir()) == []
    stop_service(service)
    assert acknowledged
