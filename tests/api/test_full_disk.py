"""A disk that is full is named on every protocol, and nothing half-written stays."""

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from botocore.exceptions import ClientError

from tests.api.s3_service import new_bucket, s3_client
from tests.conftest import RunningService, encode

MIB = 1 << 20

pytestmark = pytest.mark.skipif(not hasattr(psutil.Process, "rlimit"), reason="limits of a process are Linux's")


@contextmanager
def no_file_over(server: RunningService, limit: int) -> Iterator[None]:
    """As on a disk without more room: no file of the service may grow over the limit."""
    process = psutil.Process(server.process.pid)
    before = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        process.rlimit(resource.RLIMIT_FSIZE, before)


def test_s3_says_that_the_disk_is_full(server: RunningService) -> None:
    s3: Any = s3_client(server)
    with new_bucket(s3) as bucket:
        s3.put_object(Bucket=bucket, Key="k", Body=b"old", ContentType="text/old")
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        part = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1}
        with no_file_over(server, 4 * MIB):
            for operation, arguments in (
                ("put_object", {"Bucket": bucket, "Key": "k"}),
                ("put_object", {"Bucket": bucket, "Key": "new"}),
                ("upload_part", part),
            ):
                with pytest.raises(ClientError) as caught:
                    getattr(s3, operation)(**arguments, Body=io.BytesIO(b"x" * 5 * MIB))
                error = caught.value.response
                assert error["ResponseMetadata"]["HTTPStatusCode"] == 507
                assert error["Error"]["Code"] == "InsufficientStorage"
                assert "Free space" in error["Error"]["Message"]
        stored = s3.get_object(Bucket=bucket, Key="k")
        assert (stored["Body"].read(), stored["ContentType"]) == (b"old", "text/old")
        assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]
        assert list((server.data_dir / "objects" / ".staged").iterdir()) == []
        s3.upload_part(**part, Body=b"x" * 5 * MIB)
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


def test_the_rest_api_says_that_the_disk_is_full(server: RunningService) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1200, 1200, 3), np.uint8)
    image = encode(noise, "PNG")
    assert 4 * MIB < len(image) <= 5_242_880
    before = server.stored()
    headers = server.bearer | {"Content-Type": "image/png"}
    with no_file_over(server, 4 * MIB):
        answer = httpx.post(f"{server.url}/v1/analyses", content=image, headers=headers, timeout=60)
    assert answer.status_code == 507
    error = answer.json()["error"]
    assert error["code"] == "InsufficientStorage"
    assert "Free space" in error["message"]
    assert server.stored() == before
    again = httpx.post(f"{server.url}/v1/analyses", content=image, headers=headers, timeout=60)
    assert again.status_code == 201
    httpx.delete(f"{server.url}/v1/analyses/{again.json()['id']}", headers=server.bearer).raise_for_status()
