"""S3's protocol over the local store, with unmodified boto3."""

import io
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from openrek.gateway.s3 import sweep
from tests.api.s3_service import code_of, new_bucket, s3_client
from tests.conftest import RunningService


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    with new_bucket(s3) as name:
        yield name


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


@pytest.mark.parametrize(
    "key", ["a.jpg", "a b/ảnh+1 & 2=3.jpg", "deep/er/est", "x" * 240, "%41~'()!*", "folder/", "a//b", "/a", "ả" * 300]
)
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
    assert "Owner" not in s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]["Owner"]["ID"] == "000000000000"


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
        ("put_object", {"Bucket": "openrek", "Key": "x" * 1025, "Body": b""}, ("InvalidArgument", 400)),
        ("create_bucket", {"Bucket": "10.0.0.1"}, ("InvalidBucketName", 400)),
        ("get_object_torrent", {"Bucket": "openrek", "Key": "k"}, ("NotImplemented", 501)),
        ("get_object_acl", {"Bucket": "openrek", "Key": "nothing"}, ("NoSuchKey", 404)),
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


def test_a_whole_is_held_against_what_is_said_of_it(s3: Any, bucket: str) -> None:
    upload = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")[
        "UploadId"
    ]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"hello", ChecksumCRC32="NhCmhg==")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": "NhCmhg=="}]}
    whole = upload | {"MultipartUpload": parts, "ChecksumType": "FULL_OBJECT"}
    assert code_of(s3.complete_multipart_upload, **whole, ChecksumCRC32="AAAAAA==") == ("BadDigest", 400)
    assert code_of(s3.complete_multipart_upload, **whole, MpuObjectSize=6) == ("InvalidRequest", 400)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    s3.complete_multipart_upload(**whole, ChecksumCRC32="NhCmhg==", MpuObjectSize=5)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"


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
    time.sleep(1.1)
    answer = httpx.get(expired)
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired" in answer.text


def test_a_link_to_write_reads_nothing_that_somebody_adds_to_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="secret", Body=b"secret")
    for signer in (s3, default_s3(s3)):
        put = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "mine"}, ExpiresIn=60)
        answer = httpx.put(put, headers={"x-amz-copy-source": f"{bucket}/secret"})
        assert answer.status_code == 403
        assert "SignatureDoesNotMatch" in answer.text
        assert httpx.put(f"{put}&x-amz-copy-source={bucket}%2Fsecret", content=b"").status_code == 403
    assert "mine" not in [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]


def default_s3(s3: Any) -> Any:
    """boto3's client as it is without a Config: its links are of signature version 2."""
    keys = s3._request_signer._credentials
    return boto3.client(
        "s3",
        endpoint_url=s3.meta.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
    )


def test_links_of_boto3s_default_client_work(s3: Any, bucket: str) -> None:
    plain = default_s3(s3)
    place = {"Bucket": bucket, "Key": "a b/ảnh.txt"}
    message = {"ContentType": "text/plain", "Metadata": {"who": "lan"}}
    put = plain.generate_presigned_url("put_object", Params=place | message, ExpiresIn=60)
    assert "AWSAccessKeyId=" in put
    assert httpx.put(put, content=b"hello", headers={"Content-Type": "text/html"}).status_code == 403
    assert httpx.put(put, content=b"hello", headers={"Content-Type": "text/plain"}).status_code == 200
    head = s3.head_object(**place)
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"who": "lan"})
    requested = place | {"ResponseContentDisposition": "attachment; filename=a.txt"}
    answer = httpx.get(plain.generate_presigned_url("get_object", Params=requested, ExpiresIn=60))
    assert (answer.content, answer.headers["content-disposition"]) == (b"hello", "attachment; filename=a.txt")
    assert httpx.head(plain.generate_presigned_url("head_object", Params=place)).status_code == 200
    expired = plain.generate_presigned_url("get_object", Params=place, ExpiresIn=-5)
    assert "Request has expired" in httpx.get(expired).text


def test_who_is_not_known_or_changes_something_is_refused(s3: Any, server: RunningService, bucket: str) -> None:
    assert code_of(s3_client(server, aws_secret_access_key="wrong").list_buckets) == ("SignatureDoesNotMatch", 403)
    assert code_of(s3_client(server, aws_access_key_id="AKIDNOBODY").list_buckets) == ("InvalidAccessKeyId", 403)

    def changed(request: Any, **_: Any) -> None:
        request.body = b"other"

    tampering = s3_client(server)
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


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_every_checksum_is_computed(s3: Any, bucket: str, algorithm: str) -> None:
    right = {
        "CRC32": "NhCmhg==",
        "CRC32C": "mnG7TA==",
        "CRC64NVME": "M3eFcAZSQlc=",
        "SHA1": "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
        "SHA256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
    }
    name = f"Checksum{algorithm}"
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", **{name: right[algorithm]})
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"other", **{name: right[algorithm]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"


def test_what_is_said_of_an_object_comes_back(s3: Any, bucket: str) -> None:
    message = {
        "CacheControl": "no-store",
        "ContentDisposition": "inline",
        "ContentEncoding": "zstd",
        "ContentLanguage": "vi",
        "ContentType": "text/plain",
        "Metadata": {"who": "lan"},
        "StorageClass": "STANDARD",
    }
    s3.put_object(Bucket=bucket, Key="k", Body=b"one", Expires=datetime(2030, 1, 1, tzinfo=UTC), **message)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})
    begun = s3.create_multipart_upload(Bucket=bucket, Key="parts", **message)["UploadId"]
    upload = {"Bucket": bucket, "Key": "parts", "UploadId": begun}
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"one")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    for key in ("k", "copy", "parts"):
        head = s3.head_object(Bucket=bucket, Key=key)
        assert {name: head[name] for name in message if name != "StorageClass"} == {
            name: value for name, value in message.items() if name != "StorageClass"
        }
    assert s3.head_object(Bucket=bucket, Key="k")["ExpiresString"] == "Tue, 01 Jan 2030 00:00:00 GMT"


@pytest.mark.parametrize(
    "requested",
    [
        {"ServerSideEncryption": "aws:kms"},
        {"ObjectLockLegalHoldStatus": "ON"},
        {"StorageClass": "GLACIER"},
        {"ACL": "public-read"},
        {"WebsiteRedirectLocation": "/x"},
    ],
    ids=lambda requested: next(iter(requested)),
)
def test_what_would_be_lost_in_silence_is_refused(s3: Any, bucket: str, requested: dict[str, str]) -> None:
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", **requested) == ("NotImplemented", 501)
    assert code_of(s3.create_multipart_upload, Bucket=bucket, Key="k", **requested) == ("NotImplemented", 501)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_write_may_depend_on_what_is_there(s3: Any, bucket: str) -> None:
    place = {"Bucket": bucket, "Key": "k"}
    assert code_of(s3.put_object, **place, Body=b"x", IfMatch="any") == ("NoSuchKey", 404)
    etag = s3.put_object(**place, Body=b"one", IfNoneMatch="*")["ETag"]
    assert code_of(s3.put_object, **place, Body=b"two", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert code_of(s3.put_object, **place, Body=b"two", IfMatch='"other"') == ("PreconditionFailed", 412)
    assert s3.get_object(**place)["Body"].read() == b"one"
    s3.put_object(**place, Body=b"two", IfMatch=etag)
    assert code_of(s3.put_object, **place, Body=b"three", IfMatch=etag) == ("PreconditionFailed", 412)
    assert code_of(s3.delete_object, **place, IfMatch=etag) == ("PreconditionFailed", 412)
    assert s3.get_object(**place)["Body"].read() == b"two"


def test_of_writers_that_want_to_be_the_first_one_is(s3: Any, bucket: str) -> None:
    def write(number: int) -> str:
        try:
            s3.put_object(Bucket=bucket, Key="lock", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "written"

    with ThreadPoolExecutor(8) as executor:
        outcomes = list(executor.map(write, range(16)))
    assert sorted(outcomes) == ["PreconditionFailed"] * 15 + ["written"]
    assert int(s3.get_object(Bucket=bucket, Key="lock")["Body"].read()) == outcomes.index("written")


def test_a_read_may_depend_on_time(s3: Any, bucket: str) -> None:
    place = {"Bucket": bucket, "Key": "k"}
    etag = s3.put_object(**place, Body=b"one")["ETag"]
    modified = s3.head_object(**place)["LastModified"]
    before, after = modified - timedelta(seconds=5), modified + timedelta(seconds=5)
    assert code_of(s3.get_object, **place, IfModifiedSince=modified) == ("304", 304)
    assert s3.get_object(**place, IfModifiedSince=before)["Body"].read() == b"one"
    assert code_of(s3.get_object, **place, IfUnmodifiedSince=before) == ("PreconditionFailed", 412)
    assert s3.get_object(**place, IfUnmodifiedSince=after)["Body"].read() == b"one"
    assert s3.get_object(**place, IfMatch=etag, IfUnmodifiedSince=before)["Body"].read() == b"one"
    assert code_of(s3.head_object, **place, IfNoneMatch=etag, IfModifiedSince=before) == ("304", 304)


def test_there_is_one_version_of_an_object(s3: Any, bucket: str) -> None:
    place = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**place, Body=b"one")
    assert s3.get_object(**place, VersionId="null")["Body"].read() == b"one"
    assert code_of(s3.get_object, **place, VersionId="v1") == ("NoSuchVersion", 404)
    assert code_of(s3.head_object, **place, VersionId="v1") == ("404", 404)
    assert code_of(s3.delete_object, **place, VersionId="v1") == ("NoSuchVersion", 404)
    objects = [{"Key": "k", "VersionId": "v1"}]
    errors = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})["Errors"]
    assert [error["Code"] for error in errors] == ["NoSuchVersion"]
    assert s3.get_object(**place)["Body"].read() == b"one"
    s3.delete_object(**place, VersionId="null")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_an_object_may_have_the_name_of_anothers_folder(s3: Any, bucket: str) -> None:
    keys = ["k/a", "k/a/", "k/a/b"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"key": key})
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == keys
    for key in keys:
        got = s3.get_object(Bucket=bucket, Key=key)
        assert (got["Body"].read(), got["Metadata"]) == (key.encode(), {"key": key})
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="k/", Delimiter="/")
    assert [entry["Prefix"] for entry in listed["CommonPrefixes"]] == ["k/a/"]


def test_answers_name_the_request(s3: Any, bucket: str) -> None:
    assert len(s3.list_objects_v2(Bucket=bucket)["ResponseMetadata"]["RequestId"]) == 36
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket=bucket, Key="none")
    assert len(caught.value.response["ResponseMetadata"]["RequestId"]) == 36
    none = s3.list_objects_v2(Bucket="openrek", MaxKeys=0)
    assert (none["IsTruncated"], none["KeyCount"]) == (False, 0)
    assert code_of(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner="111122223333") == ("AccessDenied", 403)


def user_of(server: RunningService, statement: dict[str, Any]) -> Any:
    """boto3's S3 client with a new key and a policy of one statement."""
    from openrek.compose import compose
    from openrek.config import Settings

    policy = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})
    key = compose(Settings(server.data_dir)).keys().create("narrow", policy)
    return s3_client(server, aws_access_key_id=key.access_key_id, aws_secret_access_key=key.secret_access_key)


def test_a_policy_may_limit_what_is_listed(server: RunningService, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="lan/a", Body=b"x")
    conditions = {
        "StringLike": {"s3:prefix": "lan/*"},
        "StringEqualsIfExists": {"s3:delimiter": "/"},
        "NumericLessThanEquals": {"s3:max-keys": "10"},
        "StringEquals": {"aws:PrincipalType": "User", "aws:ResourceAccount": "000000000000"},
    }
    narrow = user_of(server, {"Action": "s3:ListBucket", "Resource": "*", "Condition": conditions})
    arguments = {"Bucket": bucket, "Prefix": "lan/", "MaxKeys": 10, "Delimiter": "/"}
    assert narrow.list_objects_v2(**arguments)["KeyCount"] == 1
    for other in ({"Prefix": "minh/"}, {"MaxKeys": 11}, {"Delimiter": "-"}):
        assert code_of(narrow.list_objects_v2, **arguments | other) == ("AccessDenied", 403)
    assert code_of(narrow.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)


def test_who_may_not_list_does_not_learn_what_is_missing(server: RunningService, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    narrow = user_of(server, {"Action": "s3:GetObject", "Resource": "*"})
    assert narrow.head_object(Bucket=bucket, Key="k")["ContentLength"] == 1
    assert code_of(narrow.head_object, Bucket=bucket, Key="none") == ("403", 403)
    assert code_of(narrow.get_object, Bucket=bucket, Key="none") == ("AccessDenied", 403)


def test_a_policy_decides_here_too(server: RunningService, s3: Any, bucket: str, tmp_path: Any) -> None:
    from tests.api.test_keys import run

    done = run(server, "create", "s3-reader", "--policy", "read-only")
    found = dict(line.split(" = ") for line in done.stdout.splitlines() if " = " in line)
    reader = s3_client(
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
