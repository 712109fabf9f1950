"""Whatever is signed for S3, well or badly, is answered in S3's XML."""

import base64
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from botocore.config import Config

from tests.api.s3_service import code_of, new_bucket, s3_client, signed
from tests.conftest import RunningService

OLD = Config(signature_version="s3")


@pytest.fixture(scope="module")
def bucket(server: RunningService) -> Iterator[str]:
    with new_bucket(s3_client(server)) as name:
        yield name


def test_headers_of_signature_version_2(server: RunningService, bucket: str) -> None:
    old = s3_client(server, config=OLD)
    assert bucket in [entry["Name"] for entry in old.list_buckets()["Buckets"]]
    old.put_object(Bucket=bucket, Key="a b/ảnh.txt", Body=b"one", Metadata={"who": "lan"}, ContentType="text/plain")
    got = old.get_object(Bucket=bucket, Key="a b/ảnh.txt", ResponseContentType="text/x-test")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (b"one", {"who": "lan"}, "text/x-test")
    assert old.list_objects_v2(Bucket=bucket, Prefix="a b/")["KeyCount"] == 1
    assert old.get_bucket_versioning(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    for operation, arguments in (("list_objects_v2", {"Bucket": bucket}), ("list_buckets", {})):
        assert httpx.get(old.generate_presigned_url(operation, Params=arguments, ExpiresIn=60)).status_code == 200
    old.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a b/ảnh.txt"}]})


@pytest.mark.parametrize("config", [OLD, Config(signature_version="s3v4")], ids=["version 2", "version 4"])
def test_a_wrong_key_lists_nothing(server: RunningService, bucket: str, config: Config) -> None:
    wrong = s3_client(server, config=config, aws_secret_access_key="wrong")
    nobody = s3_client(server, config=config, aws_access_key_id="AKIDNOBODY")
    for client, code in ((wrong, "SignatureDoesNotMatch"), (nobody, "InvalidAccessKeyId")):
        assert code_of(client.list_buckets) == (code, 403)
        assert code_of(client.list_objects_v2, Bucket=bucket) == (code, 403)
        assert code_of(client.list_objects, Bucket=bucket) == (code, 403)
        assert code_of(client.head_bucket, Bucket=bucket) == ("403", 403)
        assert code_of(client.get_bucket_location, Bucket=bucket) == (code, 403)
        for operation in ("list_buckets", "list_objects"):
            arguments = {} if operation == "list_buckets" else {"Bucket": bucket}
            link = httpx.get(client.generate_presigned_url(operation, Params=arguments, ExpiresIn=60))
            assert (link.status_code, f"<Code>{code}</Code>" in link.text) == (403, True)


@pytest.mark.parametrize(("age", "status"), [(0, 200), (60, 200), (3600, 403), (-3600, 403)])
def test_a_signature_of_version_2_is_for_its_time(server: RunningService, age: int, status: int) -> None:
    keys, date = server.keys, format_datetime(datetime.now(UTC) - timedelta(seconds=age), usegmt=True)
    for name, text in (("Date", f"GET\n\n\n{date}\n/"), ("x-amz-date", f"GET\n\n\n\nx-amz-date:{date}\n/")):
        digest = hmac.digest(keys["aws_secret_access_key"].encode(), text.encode(), "sha1")
        authorization = f"AWS {keys['aws_access_key_id']}:{base64.b64encode(digest).decode()}"
        answer = httpx.get(f"{server.url}/", headers={name: date, "Authorization": authorization})
        assert answer.status_code == status
        assert ("<Code>RequestTimeTooSkewed</Code>" in answer.text) == (status == 403)


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS AKID",
        "AWS AKID:",
        "AWS :x",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=AKID",
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/s3/aws4_request",
        "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/s3/aws4_request, SignedHeaders=host, Signature=00",
    ],
)
@pytest.mark.parametrize("path", ["/", "/openrek", "/openrek?list-type=2", "/openrek/key"])
def test_damaged_headers(server: RunningService, authorization: str, path: str) -> None:
    headers = {"Authorization": authorization, "Date": "Mon, 01 Jan 2024 00:00:00 GMT"}
    answer = httpx.get(server.url + path, headers=headers)
    assert answer.headers["content-type"] == "application/xml"
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize(
    "query",
    [
        "AWSAccessKeyId=AKID",
        "AWSAccessKeyId=AKID&Signature=x&Expires=9999999999",
        "AWSAccessKeyId=AKID&Signature=x&Expires=soon",
        "X-Amz-Signature=00",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID",
        "X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=00",
    ],
)
@pytest.mark.parametrize("path", ["/", "/openrek", "/openrek/key"])
def test_damaged_links(server: RunningService, query: str, path: str) -> None:
    answer = httpx.get(f"{server.url}{path}?{query}")
    assert answer.headers["content-type"] == "application/xml"
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openrek?list-type=2"),
        ("GET", "/openrek?encoding-type=url"),
        ("GET", "/openrek?acl"),
        ("GET", "/no-such-bucket?location"),
        ("PUT", "/openrek"),
        ("POST", "/openrek"),
        ("POST", "/openrek/key?uploads"),
        ("DELETE", "/openrek/key"),
        ("PATCH", "/openrek/key"),
    ],
)
def test_unsigned_requests(server: RunningService, method: str, path: str) -> None:
    answer = httpx.request(method, server.url + path)
    assert (answer.status_code, "<Code>AccessDenied</Code>" in answer.text) == (403, True)
    assert answer.headers["content-type"] == "application/xml"


def test_an_unsigned_program_is_refused_as_s3_does(server: RunningService) -> None:
    from botocore import UNSIGNED

    anonymous = s3_client(server, config=Config(signature_version=UNSIGNED))
    assert code_of(anonymous.list_objects_v2, Bucket="openrek") == ("AccessDenied", 403)
    assert code_of(anonymous.head_bucket, Bucket="openrek") == ("403", 403)
    assert code_of(anonymous.put_object, Bucket="openrek", Key="k", Body=b"x") == ("AccessDenied", 403)


def test_operations_that_are_not_there(server: RunningService) -> None:
    for method, path in (("PATCH", "/openrek/k"), ("POST", "/openrek/k?restore"), ("PUT", "/"), ("GET", "/?acl")):
        answer = signed(server, method, path)
        assert (answer.status_code, "<Code>NotImplemented</Code>" in answer.text) == (501, True)
