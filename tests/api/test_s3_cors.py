"""Pages of other origins use S3 as a bucket's CORS rules, or `--cors-origin`, let them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.s3_service import new_bucket, s3_client
from tests.conftest import RunningService, start_service, stop_service

PAGE = "http://localhost:3000"
RULE = {
    "AllowedMethods": ["PUT", "GET"],
    "AllowedOrigins": [PAGE, "https://*.example"],
    "AllowedHeaders": ["content-*", "x-amz-meta-*"],
    "ExposeHeaders": ["ETag", "x-amz-request-id"],
    "MaxAgeSeconds": 600,
}


@pytest.fixture(scope="module")
def bucket(s3: Any) -> Iterator[str]:
    with new_bucket(s3) as name:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [RULE]})
        s3.put_object(Bucket=name, Key="k", Body=b"one")
        yield name


def preflight(url: str, origin: str = PAGE, method: str = "PUT", headers: str = "") -> httpx.Response:
    requested = {"Origin": origin, "Access-Control-Request-Method": method}
    return httpx.options(url, headers=requested | ({"Access-Control-Request-Headers": headers} if headers else {}))


@pytest.mark.parametrize("origin", [PAGE, "https://photos.example"])
def test_a_preflight_that_a_rule_allows(server: RunningService, bucket: str, origin: str) -> None:
    answer = preflight(f"{server.url}/{bucket}/any/key", origin, "PUT", "Content-Type, x-amz-meta-who")
    assert answer.status_code == 200
    headers = answer.headers
    assert headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-methods"] == "PUT, GET"
    assert headers["access-control-allow-headers"] == "content-type, x-amz-meta-who"
    assert headers["access-control-expose-headers"] == "ETag, x-amz-request-id"
    assert headers["access-control-max-age"] == "600"
    assert "Origin" in headers["vary"]


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        ("http://evil.example.com", "PUT", ""),
        ("https://photos.example.evil", "PUT", ""),
        ("http://photos.example", "PUT", ""),
        (PAGE, "DELETE", ""),
        (PAGE, "PUT", "content-type, authorization"),
        ("null", "GET", ""),
    ],
)
def test_a_preflight_that_no_rule_allows(
    server: RunningService, bucket: str, origin: str, method: str, headers: str
) -> None:
    answer = preflight(f"{server.url}/{bucket}/k", origin, method, headers)
    assert (answer.status_code, "<Code>AccessForbidden</Code>" in answer.text) == (403, True)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_bucket_without_rules_allows_nobody(s3: Any, server: RunningService) -> None:
    with new_bucket(s3) as name:
        for url in (f"{server.url}/{name}/k", f"{server.url}/no-such-bucket/k", f"{server.url}/{name}"):
            answer = preflight(url)
            assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)


def test_a_preflight_names_origin_and_method(server: RunningService, bucket: str) -> None:
    url = f"{server.url}/{bucket}/k"
    for headers in ({}, {"Origin": PAGE}, {"Access-Control-Request-Method": "GET"}):
        answer = httpx.options(url, headers=headers)
        assert (answer.status_code, "<Code>BadRequest</Code>" in answer.text) == (400, True)


def test_answers_are_readable_by_the_page(s3: Any, bucket: str) -> None:
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "from page"}, ExpiresIn=60)
    answer = httpx.put(put, content=b"two", headers={"Origin": PAGE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)
    assert answer.headers["access-control-expose-headers"] == "ETag, x-amz-request-id"
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "from page"}, ExpiresIn=60)
    assert httpx.get(get, headers={"Origin": PAGE}).headers["access-control-allow-origin"] == PAGE
    gone = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "gone"}, ExpiresIn=60)
    rejected = httpx.get(gone, headers={"Origin": PAGE})
    assert (rejected.status_code, rejected.headers["access-control-allow-origin"]) == (404, PAGE)
    forged = httpx.get(get + "0", headers={"Origin": PAGE})
    assert (forged.status_code, forged.headers["access-control-allow-origin"]) == (403, PAGE)


def test_another_page_may_not_read_the_answer(s3: Any, bucket: str) -> None:
    """Whoever holds a link may use it; the browser keeps the answer from a page that no rule names."""
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    for headers in ({"Origin": "http://evil.example.com"}, {}):
        answer = httpx.get(get, headers=headers)
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_any_origin_gets_no_credentials(s3: Any, server: RunningService) -> None:
    with new_bucket(s3) as name:
        rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
        answer = preflight(f"{server.url}/{name}/k", method="GET")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        s3.delete_bucket_cors(Bucket=name)
        assert preflight(f"{server.url}/{name}/k", method="GET").status_code == 403


def test_rules_go_with_their_bucket(s3: Any, server: RunningService) -> None:
    for allowed in (200, 403):
        s3.create_bucket(Bucket="b-cors-again")
        if allowed == 200:
            s3.put_bucket_cors(Bucket="b-cors-again", CORSConfiguration={"CORSRules": [RULE]})
        assert preflight(f"{server.url}/b-cors-again/k").status_code == allowed
        s3.delete_bucket(Bucket="b-cors-again")


def test_an_origin_allowed_everywhere_may_use_every_bucket(tmp_path: Path) -> None:
    service = start_service(tmp_path, "--cors-origin", PAGE)
    try:
        s3 = s3_client(service)
        s3.create_bucket(Bucket="b-anywhere")
        put = s3.generate_presigned_url("put_object", Params={"Bucket": "b-anywhere", "Key": "k"}, ExpiresIn=60)
        answer = preflight(put, headers="content-type")
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)
        answer = httpx.put(put, content=b"one", headers={"Origin": PAGE})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)
        assert preflight(put, "http://evil.example").status_code == 403
    finally:
        assert stop_service(service) == 0
