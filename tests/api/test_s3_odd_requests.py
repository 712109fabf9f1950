"""Requests to S3 that no client of good will sends: 4xx in S3's XML, never 500."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest

from tests.api.s3_service import new_bucket, s3_client, signed
from tests.conftest import RunningService

DTD = '<!DOCTYPE Delete [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>'


@pytest.fixture(scope="module")
def bucket(server: RunningService) -> Iterator[str]:
    s3 = s3_client(server)
    with new_bucket(s3) as name:
        s3.put_object(Bucket=name, Key="a.txt", Body=b"hello")
        yield name


@pytest.mark.parametrize(
    "value", ["a%0D%0AX-Evil%3A%201", "a%0A", "a%00b", "%D0%96", "%7F", "%E2%80%A8", "%F0%9F%98%80"]
)
@pytest.mark.parametrize("name", ["content-type", "content-disposition", "cache-control", "expires"])
def test_header_values_of_the_query(server: RunningService, bucket: str, name: str, value: str) -> None:
    for method in ("GET", "HEAD"):
        answer = signed(server, method, f"/{bucket}/a.txt?response-{name}={value}")
        assert answer.status_code == 400
        assert "x-evil" not in answer.headers
    assert "<Code>InvalidArgument</Code>" in signed(server, "GET", f"/{bucket}/a.txt?response-{name}={value}").text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": f"bytes={'9' * 5000}-"}, 416),
        ({"Range": f"bytes=0-{'9' * 5000}"}, 206),
        ({"Range": f"bytes=-{'9' * 5000}"}, 206),
        ({"Range": "bytes=a-b"}, 416),
        ({"Range": "bytes=--1"}, 416),
        ({"Range": "bytes=-"}, 416),
        ({"Range": "bytes=-0"}, 416),
        ({"Range": "bytes=\u00b2-"}, 416),
        ({"Range": "pages=1-2"}, 200),
        ({"If-Modified-Since": "Mon, 99 Jan 9999999999 00:00:00 GMT"}, 400),
        ({"If-Unmodified-Since": "soon"}, 400),
        ({"If-Modified-Since": "Mon, 01 Jan 0001 00:00:00 +2359"}, 200),
        ({"If-Match": '"' + "x" * 5000}, 412),
        ({"If-None-Match": "\u00e9" * 300}, 200),
    ],
)
def test_conditions_and_ranges(server: RunningService, bucket: str, headers: dict[str, str], status: int) -> None:
    assert signed(server, "GET", f"/{bucket}/a.txt", unsigned=headers).status_code == status


@pytest.mark.parametrize("number", ["x", "0", "-1", "10001", "0000019999", "000001" + "9" * 5000, "%C2%B2", "1.0", ""])
def test_part_numbers(server: RunningService, bucket: str, number: str) -> None:
    begun = signed(server, "POST", f"/{bucket}/m?uploads").text
    upload = begun.partition("<UploadId>")[2].partition("<")[0]
    answer = signed(server, "PUT", f"/{bucket}/m?partNumber={number}&uploadId={upload}", b"x")
    assert (answer.status_code, "<Code>InvalidArgument</Code>" in answer.text) == (400, True)
    assert signed(server, "DELETE", f"/{bucket}/m?uploadId={upload}").status_code == 204


@pytest.mark.parametrize(
    ("number", "etag"),
    [
        ("\u00b2", hashlib.md5(b"x").hexdigest()),
        ("\u0661", hashlib.md5(b"x").hexdigest()),
        ("1", "x" * 300),
        ("1", "../../upload"),
        ("1", "\u00e9"),
        ("9" * 5000, "x"),
        ("", ""),
    ],
)
def test_parts_of_a_completion(server: RunningService, bucket: str, number: str, etag: str) -> None:
    begun = signed(server, "POST", f"/{bucket}/m?uploads").text
    upload = begun.partition("<UploadId>")[2].partition("<")[0]
    part = f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    answer = signed(server, "POST", f"/{bucket}/m?uploadId={upload}", body)
    assert (answer.status_code, answer.text.startswith("<?xml")) == (400, True)
    assert signed(server, "DELETE", f"/{bucket}/m?uploadId={upload}").status_code == 204


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 5000, "%D9%A1", "%C2%B2"])
def test_numbers_of_listings(server: RunningService, bucket: str, value: str) -> None:
    for query in (f"max-keys={value}", f"list-type=2&max-keys={value}", f"versions&max-keys={value}"):
        answer = signed(server, "GET", f"/{bucket}?{query}")
        assert (answer.status_code, "<Code>InvalidArgument</Code>" in answer.text) == (400, True)


@pytest.mark.parametrize("token", ["%FF", "x", "%D0%96", "a" * 3])
def test_continuation_tokens(server: RunningService, bucket: str, token: str) -> None:
    assert signed(server, "GET", f"/{bucket}?list-type=2&continuation-token={token}").status_code == 400
    assert signed(server, "GET", f"/?continuation-token={token}").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        DTD.encode("utf-16"),
        DTD.encode("utf-16-be"),
        f'<?xml version="1.0" encoding="UTF-16"?>{DTD}'.encode("utf-16"),
        DTD.encode(),
        f'<?xml version="1.0" encoding="cp037"?>{DTD}'.encode("cp037"),
        b'<?xml version="1.0" encoding="no-such"?><Delete/>',
        b'<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
        b"<Delete><Object><Key>&unknown;</Key></Object></Delete>",
        b"<a>" * 100_000,
        b"<Delete>\x00</Delete>",
        b"not xml",
        b"",
        b"<Delete/>",
        b" " * 3_000_000,
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("subresource", ["delete", "tagging", "cors"])
def test_documents(server: RunningService, bucket: str, subresource: str, body: bytes) -> None:
    method = "POST" if subresource == "delete" else "PUT"
    answer = signed(server, method, f"/{bucket}?{subresource}", body)
    assert (answer.status_code, "<Code>MalformedXML</Code>" in answer.text) == (400, True)


@pytest.mark.parametrize("value", ["a%0D%0Ax-evil%3A%201", "%D0%96", "a%00", "%E2%80%A8"])
def test_metadata_in_a_link_cannot_split_an_answer(server: RunningService, bucket: str, value: str) -> None:
    """A link of signature version 2 carries metadata in its query, where any character can be."""
    keys = server.keys
    expires = int(time.time()) + 60
    metadata = unquote(value)
    text = f"PUT\n\n\n{expires}\nx-amz-meta-a:{metadata}\n/{bucket}/m"
    signature = base64.b64encode(hmac.digest(keys["aws_secret_access_key"].encode(), text.encode(), "sha1")).decode()
    query = f"AWSAccessKeyId={keys['aws_access_key_id']}&Expires={expires}&Signature={quote(signature, safe='')}"
    answer = httpx.put(f"{server.url}/{bucket}/m?{query}&x-amz-meta-a={value}", content=b"x")
    assert (answer.status_code, "<Code>InvalidArgument</Code>" in answer.text) == (400, True)
    assert signed(server, "HEAD", f"/{bucket}/m").status_code == 404


def test_a_failure_has_its_cause_in_the_log(server: RunningService, bucket: str) -> None:
    settings = server.bucket.parent / ".buckets" / f"{bucket}.json"
    kept = settings.read_bytes()
    settings.write_text(json.dumps({"cors": 1}))
    try:
        answer = signed(server, "GET", f"/{bucket}?cors")
    finally:
        settings.write_bytes(kept)
    assert (answer.status_code, "<Code>InternalError</Code>" in answer.text) == (500, True)
    record = _logged(server, answer.headers["x-amz-request-id"])
    assert (record["level"], "TypeError" in record["cause"]) == ("ERROR", True)


def _logged(server: RunningService, request_id: str) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/v1/logs?request_id={request_id}", headers=server.bearer)
    (record,) = answer.json()["events"]
    return dict(record)


ODD = ("%00", "%01", "%FF", "%D0%96", "%0D%0A", "%ED%A0%80", "9" * 300, "..", "%F0%9F%98%80", "%EF%BF%BF", "a" * 1100)


@pytest.mark.parametrize("value", ODD)
def test_no_text_is_a_failure(server: RunningService, bucket: str, value: str) -> None:
    """Whatever stands where a name, a number or a token is expected: an answer, or a refusal with its reason."""
    listings = (
        "prefix",
        "delimiter",
        "marker",
        "versions&key-marker",
        "uploads&key-marker",
        "uploads&upload-id-marker",
    )
    paths = [f"/{bucket}?{name}={value}" for name in (*listings, "list-type=2&start-after")]
    paths += [
        f"/{bucket}/a.txt?{name}={value}" for name in ("versionId", "partNumber", "uploadId", "tagging&versionId")
    ]
    paths += [f"/{bucket}/{value}", f"/{value}", f"/{value}/k", f"/?prefix={value}"]
    requests: list[tuple[str, str, bytes, dict[str, str]]] = [("GET", path, b"", {}) for path in paths]
    requests += [(method, f"/{bucket}/{value}", b"x", {}) for method in ("PUT", "DELETE")]
    sources = (f"{bucket}/{value}", f"{value}/a.txt", f"{bucket}/a.txt?versionId={value}", value)
    requests += [("PUT", f"/{bucket}/copy", b"", {"x-amz-copy-source": source}) for source in sources]
    requests += [("PUT", f"/{bucket}/t", b"x", {"x-amz-tagging": text}) for text in (value, f"a={value}")]
    for method, path, body, headers in requests:
        answer = signed(server, method, path, body, headers)
        assert answer.status_code < 500 or "<Code>NotImplemented</Code>" in answer.text, (method, path, headers)


@pytest.mark.parametrize("key", ["%FF", "a%C3%28", "%ED%A0%80", "%80/x"])
def test_keys_that_are_not_utf8_are_refused(server: RunningService, bucket: str, key: str) -> None:
    """Decoded leniently they would all be one key, and each would replace the other."""
    requests: list[tuple[str, str, dict[str, str]]] = [(method, key, {}) for method in ("PUT", "GET", "DELETE")]
    requests.append(("PUT", "copy", {"x-amz-copy-source": f"{bucket}/{key}"}))
    for method, path, headers in requests:
        answer = signed(server, method, f"/{bucket}/{path}", b"", headers)
        assert (answer.status_code, "<Code>InvalidURI</Code>" in answer.text) == (400, True)


def test_a_copy_from_a_bucket_that_does_not_exist(server: RunningService, bucket: str) -> None:
    for source in ("no-such-bucket/a.txt", "http://localhost/a.txt", "../a.txt", "arn:aws:s3:::x/a.txt"):
        answer = signed(server, "PUT", f"/{bucket}/copy", b"", {"x-amz-copy-source": source})
        assert (answer.status_code, "<Code>NoSuchBucket</Code>" in answer.text) == (404, True)


def test_a_whole_copy_has_no_range(server: RunningService, bucket: str) -> None:
    headers = {"x-amz-copy-source": f"{bucket}/a.txt", "x-amz-copy-source-range": "bytes=0-1"}
    assert signed(server, "PUT", f"/{bucket}/copy", b"", headers).status_code == 200
    assert signed(server, "GET", f"/{bucket}/copy").content == b"hello"
