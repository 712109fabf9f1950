"""Large objects pass through the service, they are not held by it."""

import hashlib
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError

from openrek.gateway.s3.digests import digest_of
from tests.conftest import RunningService

MIB = 1 << 20
PIECE = bytes(range(256)) * 4096  # 1 MiB
PARTS = 8
PART = PIECE * 32
SIZE = PARTS * len(PART)
BOUND = 100 * MIB


@contextmanager
def growth(server: RunningService) -> Iterator[list[int]]:
    """The most bytes that the service's memory grows by meanwhile, as the only entry once it is over."""
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    peak = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            peak[0] = max(peak[0], process.memory_info().rss - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def read_all(body: Any) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := body.read(MIB):
        size += len(chunk)
        digest.update(chunk)
    return size, digest.hexdigest()


def whole_digest() -> str:
    digest = hashlib.sha256()
    for _ in range(PARTS):
        digest.update(PART)
    return digest.hexdigest()


@pytest.fixture(scope="module")
def large(s3: Any, bucket: str, server: RunningService) -> str:
    """A key whose object was put in parts, in little memory."""
    upload = s3.create_multipart_upload(
        Bucket=bucket,
        Key="large",
        ContentType="video/x-made-up",
        ChecksumAlgorithm="CRC32C",
        ChecksumType="FULL_OBJECT",
    )["UploadId"]
    checksum = b64encode(digest_of("crc32c", PART)).decode()
    named = {"Bucket": bucket, "Key": "large", "UploadId": upload}
    s3.put_object(Bucket=bucket, Key="warm", Body=PIECE)
    with growth(server) as grown:
        parts = []
        for number in range(1, PARTS + 1):
            part = s3.upload_part(**named, PartNumber=number, Body=PART, ChecksumCRC32C=checksum)
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32C": part["ChecksumCRC32C"]})
        answer = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert grown[0] < BOUND
    assert answer["ChecksumCRC32C"] == b64encode(digest_of("crc32c", PART * PARTS)).decode()
    return "large"


def test_an_object_in_parts_is_read_whole_in_little_memory(
    s3: Any, bucket: str, server: RunningService, large: str
) -> None:
    with growth(server) as grown:
        answer = s3.get_object(Bucket=bucket, Key=large)
        assert (answer["ContentLength"], answer["ContentType"]) == (SIZE, "video/x-made-up")
        assert read_all(answer["Body"]) == (SIZE, whole_digest())
    assert grown[0] < BOUND


def test_ranges_of_it_are_read_alone(s3: Any, bucket: str, server: RunningService, large: str) -> None:
    starts = [0, 1, 5 * MIB + 77, SIZE // 2, SIZE - 1000]
    with growth(server) as grown, ThreadPoolExecutor(4) as executor:

        def read(start: int) -> bytes:
            answer = s3.get_object(Bucket=bucket, Key=large, Range=f"bytes={start}-{start + 999}")
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
            assert answer["ContentRange"] == f"bytes {start}-{min(start + 999, SIZE - 1)}/{SIZE}"
            return bytes(answer["Body"].read())

        for start, data in zip(starts * 4, executor.map(read, starts * 4), strict=True):
            assert data == (PIECE * 2)[start % 256 :][: min(1000, SIZE - start)]
    assert grown[0] < 20 * MIB
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket=bucket, Key=large, Range=f"bytes={SIZE}-")


def test_parts_of_it_are_read_by_number(s3: Any, bucket: str, large: str) -> None:
    answer = s3.get_object(Bucket=bucket, Key=large, PartNumber=PARTS)
    assert (answer["ContentLength"], answer["PartsCount"]) == (len(PART), PARTS)
    assert answer["ContentRange"] == f"bytes {SIZE - len(PART)}-{SIZE - 1}/{SIZE}"
    assert read_all(answer["Body"])[1] == hashlib.sha256(PART).hexdigest()
    with pytest.raises(ClientError, match="InvalidPartNumber"):
        s3.get_object(Bucket=bucket, Key=large, PartNumber=PARTS + 1)
    assert s3.get_object(Bucket=bucket, Key="warm", PartNumber=1)["Body"].read() == PIECE


def test_it_is_copied_in_little_memory(s3: Any, bucket: str, server: RunningService, large: str) -> None:
    with growth(server) as grown:
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": large})
    assert grown[0] < BOUND
    assert read_all(s3.get_object(Bucket=bucket, Key="copy")["Body"]) == (SIZE, whole_digest())


def test_an_object_in_one_piece_is_put_in_little_memory(
    s3: Any, bucket: str, server: RunningService, large: str, tmp_path: Any
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        for _ in range(PARTS):
            file.write(PART)
    with growth(server) as grown:
        with path.open("rb") as body:
            s3.put_object(Bucket=bucket, Key="piece", Body=body, ChecksumAlgorithm="SHA256")
        link = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "by-link"})
        with path.open("rb") as body:
            answer = httpx.put(link, content=iter(lambda: body.read(MIB), b""), timeout=60)
        assert answer.status_code == 200
    assert grown[0] < BOUND
    for key in ("piece", "by-link"):
        assert read_all(s3.get_object(Bucket=bucket, Key=key)["Body"]) == (SIZE, whole_digest())


def test_nothing_of_a_body_that_ends_early_or_is_another_stays(s3: Any, bucket: str, server: RunningService) -> None:
    staged = server.data_dir / "objects" / ".staged"
    link = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "cut"})

    def broken() -> Iterator[bytes]:
        yield PIECE * 3
        raise KeyError

    with pytest.raises(KeyError):
        httpx.put(link, content=broken(), timeout=30)
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=bucket, Key="other", Body=PIECE * 3, ContentMD5=b64encode(b"0" * 16).decode())
    deadline = time.monotonic() + 20
    while list(staged.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(staged.iterdir()) == []
    for key in ("cut", "other"):
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=bucket, Key=key)


def test_an_upload_to_nowhere_is_refused(s3: Any, bucket: str) -> None:
    link = s3.generate_presigned_url("put_object", {"Bucket": "no-such-bucket-here", "Key": "k"})
    answer = httpx.put(link, content=PIECE * 2, timeout=30)
    assert (answer.status_code, "NoSuchBucket" in answer.text) == (404, True)
    link = s3.generate_presigned_url(
        "upload_part", {"Bucket": bucket, "Key": "k", "PartNumber": 1, "UploadId": "0" * 32}
    )
    answer = httpx.put(link, content=PIECE, timeout=30)
    assert (answer.status_code, "NoSuchUpload" in answer.text) == (404, True)


def test_a_reader_gets_the_object_as_it_was_when_the_answer_began(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="changing", Body=b"1" * (8 * MIB), ContentType="text/one")
    answer = s3.get_object(Bucket=bucket, Key="changing")
    s3.put_object(Bucket=bucket, Key="changing", Body=b"2" * (4 * MIB), ContentType="text/two")
    assert answer["Body"].read() == b"1" * (8 * MIB)
    again = s3.get_object(Bucket=bucket, Key="changing")
    assert (again["ContentType"], again["ContentLength"]) == ("text/two", 4 * MIB)


def test_readers_of_an_object_being_replaced_see_one_version_with_its_facts(s3: Any, bucket: str) -> None:
    def put(number: int) -> None:
        body = bytes([number]) * (1000 + number)
        s3.put_object(Bucket=bucket, Key="both", Body=body, ContentType=f"x/{number}", Metadata={"n": str(number)})

    put(0)
    with ThreadPoolExecutor(4) as executor:
        writing = [executor.submit(put, number) for number in range(1, 41)]
        while not all(each.done() for each in writing):
            answer = s3.get_object(Bucket=bucket, Key="both")
            body = answer["Body"].read()
            assert (answer["ContentType"], answer["Metadata"]) == (f"x/{body[0]}", {"n": str(body[0])})
            assert body == bytes([body[0]]) * (1000 + body[0])
            assert answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        for each in writing:
            each.result()


def test_clients_that_leave_in_the_middle_leave_nothing_open(
    s3: Any, bucket: str, server: RunningService, large: str
) -> None:
    process = psutil.Process(server.process.pid)
    link = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": large})

    def open_objects() -> list[str]:
        return [file.path for file in process.open_files() if bucket in file.path]

    for _ in range(5):
        with httpx.stream("GET", link, timeout=30) as answer:
            next(answer.iter_raw(MIB))
    deadline = time.monotonic() + 20
    while open_objects() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert open_objects() == []
    assert not [line for line in server.errors if "Traceback" in line]
    assert s3.get_object(Bucket=bucket, Key=large, Range="bytes=0-3")["Body"].read() == PIECE[:4]


def test_of_completions_at_once_each_makes_the_object_or_finds_no_upload(s3: Any, bucket: str) -> None:
    for number in range(5):
        named = {"Bucket": bucket, "Key": f"raced-{number}"}
        named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
        etag = s3.upload_part(**named, PartNumber=1, Body=PIECE)["ETag"]

        def complete(named: dict[str, str] = named, etag: str = etag) -> str:
            try:
                s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
            except ClientError as error:
                return str(error.response["Error"]["Code"])
            return "completed"

        with ThreadPoolExecutor(4) as executor:
            outcomes = {each.result() for each in [executor.submit(complete) for _ in range(4)]}
        assert "completed" in outcomes
        assert outcomes <= {"completed", "NoSuchUpload", "InvalidPart"}
        assert s3.get_object(Bucket=bucket, Key=f"raced-{number}")["Body"].read() == PIECE


def test_an_upload_whose_document_is_damaged_is_none(s3: Any, bucket: str, server: RunningService) -> None:
    named = {"Bucket": bucket, "Key": "damaged"}
    named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
    (server.data_dir / "objects" / ".uploads" / named["UploadId"] / "upload.json").write_text("{")
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.upload_part(**named, PartNumber=1, Body=b"x")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
