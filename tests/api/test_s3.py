"""S3's protocol over the local store, with unmodified boto3."""

import io
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from openrek.gateway.s3 import sweep
from tests.conftest import RunningService


def s3_of(server: RunningService, **options: Any) -> Any:
    keys = server.keys | {name: value for name, value in options.items() if name.startswith("aws_")}
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4"),
        **keys,
    )


@pytest.fixture(scope="module")
def s3(server: RunningService) -> Any:
    return s3_of(server)


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"b-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if page.get("Contents"):
            objects = [{"Key": entry["Key"]} for entry in page["Contents"]]
            s3.delete_objects(Bucket=name, Delete={"Objects": objects})
    s3.delete_bucket(Bucket=name)


def code_of(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_code_that_uploads_and_then_detects_runs_unchanged(
    s3: Any, server: RunningService, bucket: str, astronaut: bytes
) -> None:
    s3.upload_fileobj(io.BytesIO(astronaut), bucket, "people/astronaut.jpg")
    place = {"S3Object": {"Bucket": bucket, "Name": "people/astronaut.jpg"}}
    assert len(server.client().detect_faces(Image=place)["FaceDetails"]) == 1
    s3.delete_object(Bucket=bucket, Key="people/astronaut.jpg")
    client = server.client()
    with pytest.raises(client.exceptions.InvalidS3ObjectException):
        client.detect_faces(Image=place)


@pytest.mark.parametrize("key", ["a.jpg", "a b/ảnh+1 & 2=3.jpg", "deep/er/est", "x" * 240, "%41~'()!*"])
def test_an_object_comes_back_as_it_went(s3: Any, bucket: str, key: str) -> None:
    data = os.urandom(5000)
    put = s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType="image/x-test", Metadata={"who": "lan"})
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == data
    head = s3.head_object(Bucket=bucket, Key=key)
    for found in (got, head):
        assert (found["ContentType"], found["Metadata"], found["ETag"]) == ("image/x-test", {"who": "lan"}, put["ETag"])
        assert found["ContentLength"] == 5000
    (listed,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert (listed["Key"], listed["Size"], listed["ETag"]) == (key, 5000, put["ETag"])


def test_an_object_that_was_changed_on_disk_has_a_new_etag(s3: Any, server: RunningService, bucket: str) -> None:
    first = s3.put_object(Bucket=bucket, Key="a.jpg", Body=b"one", Metadata={"a": "b"})["ETag"]
    (server.bucket.parent / bucket / "a.jpg").write_bytes(b"other")
    head = s3.head_object(Bucket=bucket, Key="a.jpg")
    assert head["ETag"] != first
    assert (head["ContentType"], head["Metadata"]) == ("image/jpeg", {})


def test_ranges_and_conditions(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["ETag"]
    for wanted, expected in (
        ("bytes=2-4", b"234"),
        ("bytes=7-", b"789"),
        ("bytes=-2", b"89"),
        ("bytes=5-99", b"56789"),
    ):
        got = s3.get_object(Bucket=bucket, Key="k", Range=wanted)
        assert got["Body"].read() == expected
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert code_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == ("InvalidRange", 416)
    assert code_of(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag) == ("304", 304)
    assert code_of(s3.get_object, Bucket=bucket, Key="k", IfMatch='"other"') == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"0123456789"


def test_listing_pages_prefixes_and_folders(s3: Any, bucket: str) -> None:
    keys = sorted([f"a/{number}" for number in range(7)] + ["b/1", "b/2", "c", "á"], key=str.encode)
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for operation in ("list_objects_v2", "list_objects"):
        pages = list(s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 3}))
        assert [entry["Key"] for page in pages for entry in page.get("Contents", [])] == keys
        assert len(pages) == 4
    folders = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [entry["Prefix"] for entry in folders["CommonPrefixes"]] == ["a/", "b/"]
    assert [entry["Key"] for entry in folders["Contents"]] == ["c", "á"]
    one_by_one = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}
    )
    names = [entry.get("Prefix") or entry["Key"] for page in one_by_one for entry in
             [*page.get("CommonPrefixes", []), *page.get("Contents", [])]]  # fmt: skip
    assert names == ["a/", "b/", "c", "á"]
    assert s3.list_objects_v2(Bucket=bucket, Prefix="a/", StartAfter="a/4")["KeyCount"] == 2
    assert s3.list_objects_v2(Bucket=bucket, Prefix="b")["KeyCount"] == 2
    assert s3.list_objects_v2(Bucket=bucket, Prefix="zzz")["KeyCount"] == 0


def test_buckets(s3: Any, bucket: str) -> None:
    assert bucket in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert code_of(s3.create_bucket, Bucket=bucket) == ("BucketAlreadyOwnedByYou", 409)
    assert code_of(s3.head_bucket, Bucket="nowhere-at-all") == ("404", 404)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert code_of(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)


@pytest.mark.parametrize(
    ("operation", "arguments", "expected"),
    [
        ("get_object", {"Bucket": "nowhere-at-all", "Key": "k"}, ("NoSuchBucket", 404)),
        ("put_object", {"Bucket": "nowhere-at-all", "Key": "k", "Body": b""}, ("NoSuchBucket", 404)),
        ("list_objects_v2", {"Bucket": "nowhere-at-all"}, ("NoSuchBucket", 404)),
        ("get_object", {"Bucket": "openrek", "Key": "nothing"}, ("NoSuchKey", 404)),
        ("head_object", {"Bucket": "openrek", "Key": "nothing"}, ("404", 404)),
        ("put_object", {"Bucket": "openrek", "Key": "a//b", "Body": b""}, ("InvalidArgument", 400)),
        ("put_object", {"Bucket": "openrek", "Key": "x" * 241, "Body": b""}, ("InvalidArgument", 400)),
        ("create_bucket", {"Bucket": "10.0.0.1"}, ("InvalidBucketName", 400)),
        ("get_bucket_versioning", {"Bucket": "openrek"}, ("NotImplemented", 501)),
        ("get_object_acl", {"Bucket": "openrek", "Key": "k"}, ("NotImplemented", 501)),
        ("upload_part", {"Bucket": "openrek", "Key": "k", "UploadId": "x", "PartNumber": 1}, ("NoSuchUpload", 404)),
    ],
)
def test_errors_are_s3s_own(s3: Any, operation: str, arguments: dict[str, Any], expected: tuple[str, int]) -> None:
    assert code_of(getattr(s3, operation), **arguments) == expected


def test_a_large_file_goes_in_parts(s3: Any, server: RunningService, bucket: str, tmp_path: Any) -> None:
    data = os.urandom(20 * 1024 * 1024)
    (tmp_path / "large.bin").write_bytes(data)
    s3.upload_file(str(tmp_path / "large.bin"), bucket, "large.bin", ExtraArgs={"ContentType": "application/x-large"})
    head = s3.head_object(Bucket=bucket, Key="large.bin")
    assert (head["ContentLength"], head["ContentType"]) == (len(data), "application/x-large")
    assert head["ETag"].endswith('-3"')
    s3.download_file(bucket, "large.bin", str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == data
    assert not list((server.bucket.parent / ".uploads").iterdir())


def test_an_upload_that_is_given_up_leaves_nothing(s3: Any, server: RunningService, bucket: str) -> None:
    begun = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=begun, PartNumber=1, Body=b"x")
    wrong = {"Parts": [{"PartNumber": 1, "ETag": '"0123"'}]}
    arguments = {"Bucket": bucket, "Key": "k", "UploadId": begun}
    assert code_of(s3.complete_multipart_upload, **arguments, MultipartUpload=wrong) == ("InvalidPart", 400)
    assert part["ETag"]
    s3.abort_multipart_upload(**arguments)
    assert code_of(s3.abort_multipart_upload, **arguments) == ("NoSuchUpload", 404)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_links_read_and_write_until_they_expire(s3: Any, bucket: str) -> None:
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b.txt"}, ExpiresIn=60)
    assert httpx.put(put, content=b"hello").status_code == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b.txt"}, ExpiresIn=60)
    answer = httpx.get(get)
    assert answer.content == b"hello"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert httpx.get(get.replace("a%20b", "c")).status_code == 403
    assert httpx.put(get, content=b"other").status_code == 403
    expired = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b.txt"}, ExpiresIn=0)
    assert httpx.get(expired).status_code in (403, 200)
    old = boto3.client("s3", endpoint_url=get.split("/b-")[0], region_name="us-east-1",
                       aws_access_key_id="a", aws_secret_access_key="b")  # fmt: skip
    link = old.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert "s3v4" in httpx.get(link).text


def test_who_is_not_known_or_changes_something_is_refused(s3: Any, server: RunningService, bucket: str) -> None:
    assert code_of(s3_of(server, aws_secret_access_key="wrong").list_buckets) == ("SignatureDoesNotMatch", 403)
    assert code_of(s3_of(server, aws_access_key_id="AKIDNOBODY").list_buckets) == ("InvalidAccessKeyId", 403)

    def changed(request: Any, **_: Any) -> None:
        request.body = b"other"

    tampering = s3_of(server)
    tampering.meta.events.register("before-send.s3.PutObject", changed)
    with pytest.raises(ClientError):
        tampering.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_wrong_checksum_is_refused(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumCRC32="AAAAAA==")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_policy_decides_here_too(server: RunningService, s3: Any, bucket: str, tmp_path: Any) -> None:
    from tests.api.test_keys import run

    done = run(server, "create", "s3-reader", "--policy", "read-only")
    found = dict(line.split(" = ") for line in done.stdout.splitlines() if " = " in line)
    reader = s3_of(
        server,
        aws_access_key_id=found["aws_access_key_id"],
        aws_secret_access_key=found["aws_secret_access_key"],
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert reader.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    with pytest.raises(ClientError, match=rf"s3:PutObject on resource: arn:aws:s3:::{bucket}/k"):
        reader.put_object(Bucket=bucket, Key="k", Body=b"y")
    errors = reader.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})["Errors"]
    assert [error["Code"] for error in errors] == ["AccessDenied"]
    assert code_of(reader.delete_bucket, Bucket=bucket) == ("AccessDenied", 403)


def test_objects_are_copied_with_what_is_said_of_them(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="ảnh/a b.txt", Body=b"one", ContentType="text/plain", Metadata={"who": "lan"})
    source = {"Bucket": bucket, "Key": "ảnh/a b.txt"}
    made = s3.copy_object(Bucket=bucket, Key="copy.txt", CopySource=source)
    copy = s3.get_object(Bucket=bucket, Key="copy.txt")
    assert copy["Body"].read() == b"one"
    assert made["CopyObjectResult"]["ETag"] == copy["ETag"]
    assert (copy["ContentType"], copy["Metadata"]) == ("text/plain", {"who": "lan"})
    s3.copy_object(
        Bucket=bucket,
        Key="copy.txt",
        CopySource={"Bucket": bucket, "Key": "copy.txt"},
        MetadataDirective="REPLACE",
        Metadata={"who": "minh"},
        ContentType="text/csv",
    )
    again = s3.head_object(Bucket=bucket, Key="copy.txt")
    assert (again["ContentType"], again["Metadata"]) == ("text/csv", {"who": "minh"})
    s3.copy(source, bucket, "managed.txt")  # what programs mostly call
    assert s3.get_object(Bucket=bucket, Key="managed.txt")["Body"].read() == b"one"


def test_large_objects_are_copied_in_parts(s3: Any, bucket: str) -> None:
    data = os.urandom(12 * 1024 * 1024)
    s3.put_object(Bucket=bucket, Key="large", Body=data)
    config = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy", Config=config)
    copy = s3.get_object(Bucket=bucket, Key="copy")
    assert copy["Body"].read() == data
    assert copy["ETag"].endswith('-3"')


def test_a_copy_that_cannot_be_is_refused(s3: Any, server: RunningService, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"one")
    for source, code in (
        ({"Bucket": bucket, "Key": "nothing"}, ("NoSuchKey", 404)),
        ("no-key", ("InvalidArgument", 400)),
        ({"Bucket": bucket, "Key": "a", "VersionId": "3"}, ("NotImplemented", 501)),
    ):
        assert code_of(s3.copy_object, Bucket=bucket, Key="b", CopySource=source) == code
    onto_itself = {"Bucket": bucket, "Key": "a", "CopySource": {"Bucket": bucket, "Key": "a"}}
    assert code_of(s3.copy_object, **onto_itself) == ("InvalidRequest", 400)
    to_b = {"Bucket": bucket, "Key": "b", "CopySource": {"Bucket": bucket, "Key": "a"}}
    assert code_of(s3.copy_object, **to_b, CopySourceIfMatch="x") == ("PreconditionFailed", 412)
    assert code_of(s3.copy_object, **to_b, CopySourceIfNoneMatch="x") == ("NotImplemented", 501)
    assert "b" not in [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]


def test_uploads_that_nobody_completed_go_after_a_week(tmp_path: Path) -> None:
    for name, days in (("old", 8), ("new", 6)):
        folder = tmp_path / ".uploads" / name
        folder.mkdir(parents=True)
        (folder / "1-part").write_bytes(b"part")
        when = time.time() - days * 86_400
        os.utime(folder, (when, when))
    assert sweep(tmp_path) == 1
    assert [folder.name for folder in (tmp_path / ".uploads").iterdir()] == ["new"]
