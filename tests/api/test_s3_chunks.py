"""Bodies in chunks: boto3 sends its uploads so by HTTPS; other SDKs sign each chunk."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from openrek.iam.sigv4 import Scope, signature, signing_key
from tests.conftest import RunningService
from tests.tls import certificate, https_before

EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.fixture(scope="module")
def s3(server: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    pem = certificate(tmp_path_factory.mktemp("tls"))
    with https_before(server.url, pem) as url:
        yield boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            verify=str(pem),
            config=Config(retries={"total_max_attempts": 1}),
            **server.keys,
        )


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
@pytest.mark.parametrize("algorithm", [None, "CRC32", "SHA256"])
def test_boto3s_default_upload_by_https(s3: Any, size: int, algorithm: str | None) -> None:
    data = os.urandom(size)
    sent: list[str] = []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(
        str(request.headers["x-amz-content-sha256"])))  # fmt: skip
    chosen = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    s3.put_object(Bucket="openrek", Key="chunks/a", Body=data, ContentEncoding="zstd", **chosen)
    assert "STREAMING-UNSIGNED-PAYLOAD-TRAILER" in "".join(sent)
    got = s3.get_object(Bucket="openrek", Key="chunks/a")
    assert (got["Body"].read(), got["ContentEncoding"]) == (data, "zstd")
    s3.delete_object(Bucket="openrek", Key="chunks/a")


@pytest.mark.parametrize("algorithm", [None, "SHA256", "CRC32"])
def test_boto3s_default_upload_in_parts_by_https(s3: Any, tmp_path: Path, algorithm: str | None) -> None:
    data = os.urandom(17_000_000)
    (tmp_path / "large").write_bytes(data)
    chosen = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    s3.upload_file(str(tmp_path / "large"), "openrek", "chunks/large", ExtraArgs=chosen)
    assert s3.head_object(Bucket="openrek", Key="chunks/large")["ETag"].endswith('-3"')
    s3.download_file("openrek", "chunks/large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == data
    s3.delete_object(Bucket="openrek", Key="chunks/large")


class Chunks:
    """A signer of chunks, by the example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html."""

    def __init__(self, server: RunningService, kind: str, length: int, trailer: str = "") -> None:
        keys = Credentials(server.keys["aws_access_key_id"], server.keys["aws_secret_access_key"])
        self.url = f"{server.url}/openrek/chunks/b"
        headers = {"x-amz-content-sha256": kind, "x-amz-decoded-content-length": str(length)}
        headers |= {"content-encoding": "aws-chunked"} | ({"x-amz-trailer": trailer} if trailer else {})
        request = AWSRequest("PUT", self.url, headers=headers)

        signer = S3SigV4Auth(keys, "s3", "us-east-1")
        signer.payload = lambda _: kind
        signer.add_auth(request)
        self.headers = {name: str(value) for name, value in request.headers.items()}
        self._time = self.headers["X-Amz-Date"]
        self._scope = Scope(self._time[:8], "us-east-1", "s3")
        self._key = signing_key(keys.secret_key, self._scope)
        self._previous = self.headers["Authorization"].rpartition("=")[2]

    def chunk(self, data: bytes) -> bytes:
        self._sign("PAYLOAD", EMPTY, data)
        end = b"\r\n" if data else b""
        return f"{len(data):x};chunk-signature={self._previous}\r\n".encode() + data + end

    def trailer(self, line: str) -> bytes:
        self._sign("TRAILER", None, f"{line}\n".encode())
        return f"{line}\n\r\nx-amz-trailer-signature:{self._previous}\r\n\r\n".encode()

    def _sign(self, kind: str, empty: str | None, data: bytes) -> None:
        parts = [f"AWS4-HMAC-SHA256-{kind}", self._time, str(self._scope), self._previous, empty]
        text = "\n".join([*(part for part in parts if part), hashlib.sha256(data).hexdigest()])
        self._previous = signature(self._key, text)

    def put(self, body: bytes) -> httpx.Response:
        return httpx.put(self.url, content=body, headers=self.headers)


SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
ONE, TWO = os.urandom(8192), os.urandom(100)


def test_signed_chunks_are_accepted(server: RunningService) -> None:
    chunks = Chunks(server, SIGNED, len(ONE + TWO))
    answer = chunks.put(chunks.chunk(ONE) + chunks.chunk(TWO) + chunks.chunk(b"") + b"\r\n")
    assert answer.status_code == 200, answer.text
    assert (server.bucket / "chunks" / "b").read_bytes() == ONE + TWO


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda body: body.replace(TWO, bytes(100)), "SignatureDoesNotMatch"),
        (lambda body: body[body.index(b"64;chunk-signature") :], "SignatureDoesNotMatch"),
        (lambda body: body[:8000], "IncompleteBody"),
        (lambda body: body.replace(b"2000;chunk-signature", b"2000;chunk-seal"), "IncompleteBody"),
        (lambda body: b"", "IncompleteBody"),
    ],
)
def test_damaged_chunks_are_refused(server: RunningService, damage: Any, code: str) -> None:
    chunks = Chunks(server, SIGNED, len(ONE + TWO))
    body = chunks.chunk(ONE) + chunks.chunk(TWO) + chunks.chunk(b"") + b"\r\n"
    before = sorted((server.bucket / "chunks").glob("*"))
    answer = chunks.put(damage(body))
    assert answer.status_code in (400, 403)
    assert f"<Code>{code}</Code>" in answer.text
    assert sorted((server.bucket / "chunks").glob("*")) == before


@pytest.mark.parametrize(
    ("line", "signed", "code"),
    [
        ("x-amz-checksum-crc32c:sOO8/Q==", True, None),
        ("x-amz-checksum-crc32c:sOO8/A==", True, "BadDigest"),
        ("x-amz-checksum-crc32c:sOO8/Q==", False, "SignatureDoesNotMatch"),
        ("x-amz-meta-who:lan", True, "IncompleteBody"),
        ("x-amz-copy-source:openrek/secret", True, "IncompleteBody"),
    ],
)
def test_a_signed_trailer_is_checked(server: RunningService, line: str, signed: bool, code: str | None) -> None:
    data = b"a" * 66560
    chunks = Chunks(server, f"{SIGNED}-TRAILER", len(data), line.partition(":")[0])
    body = chunks.chunk(data[:65536]) + chunks.chunk(data[65536:]) + chunks.chunk(b"")
    trailer = chunks.trailer(line)
    answer = chunks.put(body + (trailer if signed else f"{line}\r\n\r\n".encode()))
    assert answer.status_code == 200 if code is None else f"<Code>{code}</Code>" in answer.text, answer.text
