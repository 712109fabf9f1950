"""Uploads by a browser's form (generate_presigned_post), as far as its policy goes."""

import base64
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import httpx
import psutil
import pytest

from tests.api.s3_service import new_bucket, s3_client
from tests.api.test_uploads import analysed
from tests.conftest import RunningService

FILE = ("ảnh đẹp.jpg", b"\xff\xd8 image", "image/jpeg")


def send(
    post: dict[str, Any],
    file: Any = FILE,
    *,
    after: dict[str, str] | None = None,
    changes: Mapping[str, str | None] | None = None,
) -> httpx.Response:
    """The answer to the form, with some of its fields changed, or left out (None)."""
    fields = {name: value for name, value in {**post["fields"], **(changes or {})}.items() if value is not None}
    parts: list[Any] = [(name, (None, value)) for name, value in fields.items()]
    if file is not None:
        parts.append(("file", file))
    parts += [(name, (None, value)) for name, value in (after or {}).items()]
    return httpx.post(post["url"], files=parts)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/xml"
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_form_uploads(s3: Any, bucket: str) -> None:
    fields = {"Content-Type": "image/jpeg", "x-amz-meta-who": "lan", "Cache-Control": "no-store"}
    conditions: list[Any] = [
        {"Content-Type": "image/jpeg"},
        ["starts-with", "$x-amz-meta-who", ""],
        {"cache-control": "no-store"},
        ["content-length-range", 1, 1000],
    ]
    post = s3.generate_presigned_post(bucket, "in/${filename}", fields, conditions, ExpiresIn=60)
    answer = send(post, changes={"x-amz-meta-who": "minh"})
    assert (answer.status_code, answer.content) == (204, b"")
    got = s3.get_object(Bucket=bucket, Key="in/ảnh đẹp.jpg")
    assert (got["Body"].read(), got["ContentType"], got["CacheControl"]) == (FILE[1], "image/jpeg", "no-store")
    assert got["Metadata"] == {"who": "minh"}
    assert answer.headers["etag"] == got["ETag"]
    assert answer.headers["location"].endswith(f"/{bucket}/in/%E1%BA%A3nh%20%C4%91%E1%BA%B9p.jpg")


def test_a_form_of_boto3s_default_client_uploads(s3: Any, server: RunningService, bucket: str) -> None:
    """Its signature is of version 2."""
    plain = boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", **server.keys)
    post = plain.generate_presigned_post(bucket, "old.jpg", ExpiresIn=60)
    assert "AWSAccessKeyId" in post["fields"]
    assert send(post).status_code == 204
    assert s3.get_object(Bucket=bucket, Key="old.jpg")["Body"].read() == FILE[1]
    assert code_of(send(post, changes={"signature": "AAAA"})) == (403, "SignatureDoesNotMatch")
    assert code_of(send(post, changes={"key": "other.jpg"})) == (403, "AccessDenied")


@pytest.mark.parametrize(("status", "expected"), [("200", 200), ("201", 201), ("204", 204), ("302", 204), ("x", 204)])
def test_the_form_chooses_its_answer(s3: Any, bucket: str, status: str, expected: int) -> None:
    field = {"success_action_status": status}
    post = s3.generate_presigned_post(bucket, "a b.jpg", field, [field], ExpiresIn=60)
    answer = send(post)
    assert answer.status_code == expected
    if expected == 201:
        for part in (f"<Bucket>{bucket}</Bucket>", "<Key>a b.jpg</Key>", "<ETag>", "<Location>http"):
            assert part in answer.text


def test_the_form_may_lead_on(s3: Any, bucket: str) -> None:
    field = {"success_action_redirect": "https://page.example/done?x=1"}
    post = s3.generate_presigned_post(bucket, "a b.jpg", field, [field], ExpiresIn=60)
    answer = send(post)
    assert answer.status_code == 303
    query = httpx.URL(answer.headers["location"]).params
    assert (query["x"], query["bucket"], query["key"]) == ("1", bucket, "a b.jpg")
    for target in ("javascript:alert(1)", "//page.example", "https://page.example/\r\nx-evil: 1", "https://[", ""):
        field = {"success_action_redirect": target}
        answer = send(s3.generate_presigned_post(bucket, "a.jpg", field, [field], ExpiresIn=60))
        assert answer.status_code == 204
        assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"key": "out/x.jpg"}, 'Policy Condition failed: ["starts-with", "$key", "in/"]'),
        ({"Content-Type": "text/html"}, 'Policy Condition failed: ["eq", "$content-type", "image/jpeg"]'),
        ({"Content-Type": None}, 'Policy Condition failed: ["eq", "$content-type", "image/jpeg"]'),
        ({"x-amz-meta-other": "x"}, "Extra input fields: x-amz-meta-other"),
        ({"acl": "public-read"}, "Extra input fields: acl"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused(
    s3: Any, bucket: str, changes: dict[str, str | None], reason: str
) -> None:
    post = s3.generate_presigned_post(
        bucket, "in/${filename}", {"Content-Type": "image/jpeg"}, [{"Content-Type": "image/jpeg"}], ExpiresIn=60
    )
    answer = send(post, changes=changes)
    assert code_of(answer) == (403, "AccessDenied")
    assert f"Invalid according to Policy: {reason}" in answer.text
    assert send(post, changes={"x-ignore-this": "x"}).status_code == 204


def test_a_form_is_for_its_bucket(s3: Any, bucket: str) -> None:
    with new_bucket(s3) as other:
        post = s3.generate_presigned_post(bucket, "k", ExpiresIn=60)
        answer = send({**post, "url": post["url"].replace(bucket, other)})
        assert code_of(answer) == (403, "AccessDenied")


def test_sizes(s3: Any, bucket: str) -> None:
    post = s3.generate_presigned_post(bucket, "sized", Conditions=[["content-length-range", 5, 10]], ExpiresIn=60)
    for size, expected in ((4, "EntityTooSmall"), (11, "EntityTooLarge")):
        assert code_of(send(post, ("a", b"x" * size))) == (400, expected)
    for size in (5, 10):
        assert send(post, ("a", b"x" * size)).status_code == 204
    assert s3.head_object(Bucket=bucket, Key="sized")["ContentLength"] == 10


def test_a_form_expires(s3: Any, bucket: str) -> None:
    post = s3.generate_presigned_post(bucket, "late", ExpiresIn=1)
    time.sleep(1.5)
    answer = send(post)
    assert code_of(answer) == (403, "AccessDenied")
    assert "Invalid according to Policy: Policy expired." in answer.text


def test_whoever_signed_must_be_allowed(s3: Any, server: RunningService, bucket: str) -> None:
    from openrek.compose import compose
    from openrek.config import Settings

    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/mine/*"}
    key = (
        compose(Settings(server.data_dir))
        .keys()
        .create("forms", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    )
    narrow = s3_client(server, aws_access_key_id=key.access_key_id, aws_secret_access_key=key.secret_access_key)
    assert send(narrow.generate_presigned_post(bucket, "mine/a", ExpiresIn=60)).status_code == 204
    assert code_of(send(narrow.generate_presigned_post(bucket, "theirs/a", ExpiresIn=60))) == (403, "AccessDenied")
    wrong = s3_client(server, aws_secret_access_key="wrong").generate_presigned_post(bucket, "k", ExpiresIn=60)
    assert code_of(send(wrong)) == (403, "SignatureDoesNotMatch")
    nobody = s3_client(server, aws_access_key_id="AKIDNOBODY").generate_presigned_post(bucket, "k", ExpiresIn=60)
    assert code_of(send(nobody)) == (403, "InvalidAccessKeyId")


def test_headers_of_a_form_are_those_of_an_upload(s3: Any, bucket: str) -> None:
    tags = "<Tagging><TagSet><Tag><Key>team</Key><Value>vision</Value></Tag></TagSet></Tagging>"
    fields = {"tagging": tags, "acl": "private", "x-amz-storage-class": "STANDARD_IA"}
    post = s3.generate_presigned_post(bucket, "tagged", fields, [fields], ExpiresIn=60)
    assert send(post).status_code == 204
    assert s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"] == [{"Key": "team", "Value": "vision"}]
    assert s3.head_object(Bucket=bucket, Key="tagged")["StorageClass"] == "STANDARD_IA"
    for rejected in ({"acl": "public-read"}, {"x-amz-server-side-encryption": "aws:kms"}):
        post = s3.generate_presigned_post(bucket, "refused", rejected, [rejected], ExpiresIn=60)
        assert code_of(send(post)) == (501, "NotImplemented")
    for value in ("Ж", "a\r\nb", "\0"):
        field = {"Content-Disposition": value}
        post = s3.generate_presigned_post(bucket, "refused", field, [field], ExpiresIn=60)
        assert code_of(send(post)) == (400, "InvalidArgument")
    wrong = {"x-amz-checksum-sha256": base64.b64encode(b"0" * 32).decode()}
    post = s3.generate_presigned_post(bucket, "refused", wrong, [wrong], ExpiresIn=60)
    assert code_of(send(post)) == (400, "BadDigest")


def test_forms_that_are_none(s3: Any, server: RunningService, bucket: str) -> None:
    post = s3.generate_presigned_post(bucket, "k", ExpiresIn=60)
    assert code_of(send(post, None)) == (400, "IncorrectNumberOfFilesInPostRequest")
    assert code_of(send(post, changes={"key": None})) == (400, "InvalidArgument")
    assert code_of(send(post, changes={"policy": None}))[0] in (400, 403)
    assert code_of(send({**post, "fields": {"key": "k"}})) == (403, "AccessDenied")
    assert code_of(send({**post, "url": f"{server.url}/no-such-bucket"}))[0] == 403
    assert code_of(send(post, changes={"x-ignore-me": "x" * 30_000})) == (400, "MaxPostPreDataLengthExceeded")
    assert send(post, after={"x-amz-meta-late": "ignored"}).status_code == 204
    two = httpx.post(
        post["url"],
        files=[*((name, (None, value)) for name, value in post["fields"].items()), ("file", FILE), ("file", FILE)],
    )
    assert code_of(two) == (400, "IncorrectNumberOfFilesInPostRequest")
    for body in (b"", b"--x", b"--x\r\n\r\nbody", b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na'):
        for kind in (
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            f"multipart/form-data; boundary={300 * 'x'}",
        ):
            answer = httpx.post(f"{server.url}/{bucket}", content=body, headers={"Content-Type": kind})
            assert code_of(answer) == (400, "MalformedPOSTRequest")


def signed_by_hand(server: RunningService, policy: bytes) -> dict[str, str]:
    """A form's fields with a policy that boto3 would not write."""
    keys = server.keys
    encoded = base64.b64encode(policy).decode()
    digest = hmac.digest(keys["aws_secret_access_key"].encode(), encoded.encode(), "sha1")
    return {
        "key": "k",
        "AWSAccessKeyId": keys["aws_access_key_id"],
        "policy": encoded,
        "signature": base64.b64encode(digest).decode(),
    }


LATER = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "policy",
    [
        b"not json",
        b"[]",
        b'{"conditions": []}',
        b'{"expiration": "soon", "conditions": []}',
        b'{"expiration": 5, "conditions": [["eq"]]}',
        json.dumps({"expiration": LATER}).encode(),
        json.dumps({"expiration": LATER, "conditions": [["like", "$key", "k"]]}).encode(),
        json.dumps({"expiration": LATER, "conditions": [["eq", "key", "k"]]}).encode(),
        json.dumps({"expiration": LATER, "conditions": [{"key": 5}]}).encode(),
        json.dumps({"expiration": LATER, "conditions": [["content-length-range", "a", "9" * 5000]]}).encode(),
        b'{"expiration": "' + LATER.encode() + b'", "conditions": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b"\xff\xfe",
    ],
    ids=lambda policy: repr(policy[-40:]),
)
def test_policies_that_are_none(server: RunningService, bucket: str, policy: bytes) -> None:
    fields = signed_by_hand(server, policy)
    answer = send({"url": f"{server.url}/{bucket}", "fields": fields})
    assert code_of(answer) in {(400, "InvalidPolicyDocument"), (400, "MaxPostPreDataLengthExceeded")}


def test_a_policy_by_hand(server: RunningService, s3: Any, bucket: str) -> None:
    conditions = [{"bucket": bucket}, ["starts-with", "$key", ""], ["starts-with", "$Content-Type", "image/"]]
    policy = json.dumps({"expiration": LATER, "conditions": conditions}).encode()
    post = {"url": f"{server.url}/{bucket}", "fields": signed_by_hand(server, policy)}
    assert send(post, changes={"Content-Type": "image/png,image/jpeg"}).status_code == 204
    assert code_of(send(post, changes={"Content-Type": "image/png,text/html"})) == (403, "AccessDenied")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "image/png,image/jpeg"


def test_a_form_into_the_inbox_is_analysed(server: RunningService, s3: Any, astronaut: bytes) -> None:
    post = s3.generate_presigned_post("openrek", "inbox/${filename}", ExpiresIn=60)
    assert send(post, ("by-form.jpg", astronaut, "image/jpeg")).status_code == 204
    result = analysed(server, "inbox/by-form.jpg")
    assert result["faces"]


def test_a_large_form_goes_to_the_disk(server: RunningService, s3: Any, bucket: str) -> None:
    size, chunk = 192 * 1024 * 1024, b"x" * 1024 * 1024
    post = s3.generate_presigned_post(bucket, "large", ExpiresIn=600)
    process = psutil.Process(server.process.pid)
    before = peak = process.memory_info().rss

    def body() -> Iterator[bytes]:
        nonlocal peak
        for name, value in post["fields"].items():
            yield f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        yield b'--mark\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n'
        for _ in range(size // len(chunk)):
            yield chunk
            peak = max(peak, process.memory_info().rss)
        yield b"\r\n--mark--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=mark"}
    assert httpx.post(post["url"], content=body(), headers=kind, timeout=120).status_code == 204
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == size
    assert peak - before < size // 2
