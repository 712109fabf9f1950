"""Signatures, proven by AWS's own suite, by botocore as the signer, and by changing what was signed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from openrek.errors import (
    AccessDeniedError,
    IncompleteSignatureError,
    MissingCredentialsError,
    OpenrekError,
    SignatureMismatchError,
    UnknownAccessKeyError,
)
from openrek.iam import Credentials, Verifier, presign_url
from openrek.iam.sigv4 import ChunkChain, Scope, signing_key

SUITE = Path(__file__).parents[2] / "compliance" / "vectors" / "sigv4"
CASES = sorted(path.name for path in SUITE.iterdir() if path.is_dir())
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
BODY = b'{"Image": {"Bytes": "AAAA"}}'


def _request(text: str) -> dict[str, Any]:
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    method, _, rest = first.partition(" ")
    target = rest.rpartition(" ")[0]
    path, _, query = target.partition("?")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1].isspace() and headers:
            headers[-1] = (headers[-1][0], headers[-1][1] + " " + line.strip())
        elif line:
            name, _, value = line.partition(":")
            headers.append((name, value))
    return {"method": method, "raw_path": path, "query": query, "headers": headers, "body": body.encode()}


def _context(case: str) -> dict[str, Any]:
    context: dict[str, Any] = json.loads((SUITE / case / "context.json").read_text())
    return context


def _verifier(context: dict[str, Any]) -> Verifier:
    signed_at = datetime.fromisoformat(context["timestamp"].replace("Z", "+00:00"))
    given = context["credentials"]
    keys = Credentials(given["access_key_id"], given["secret_access_key"], given.get("token"))
    return Verifier({keys.access_key_id: keys}, clock=lambda: signed_at + timedelta(seconds=30))


@pytest.mark.parametrize("kind", ["header", "query"])
@pytest.mark.parametrize("case", CASES)
def test_the_suites_signatures_are_accepted(case: str, kind: str) -> None:
    context = _context(case)
    request = _request((SUITE / case / f"{kind}-signed-request.txt").read_text())
    signer = _verifier(context).verify(**request, service=context["service"], normalise=context["normalize"])
    assert signer.access_key_id == KEYS.access_key_id


def test_an_unsigned_request_is_refused() -> None:
    with pytest.raises(MissingCredentialsError):
        Verifier({}).verify(
            method="POST", raw_path="/", query="", headers=[("Host", "h")], body=b"", service="rekognition"
        )


def _signed(method: str = "POST", body: bytes = BODY) -> dict[str, Any]:
    request = AWSRequest(
        method,
        "http://127.0.0.1:8420/",
        headers={"X-Amz-Target": "RekognitionService.DetectLabels", "Content-Type": "application/x-amz-json-1.1"},
        data=body,
    )
    request.headers["Host"] = "127.0.0.1:8420"
    SigV4Auth(BotocoreCredentials(KEYS.access_key_id, KEYS.secret_access_key), "rekognition", "eu-west-1").add_auth(
        request
    )
    return {
        "method": method,
        "raw_path": "/",
        "query": "",
        "headers": [(name, str(value)) for name, value in request.headers.items()],
        "body": body,
    }


def _verify(request: dict[str, Any], service: str = "rekognition", **options: Any) -> str:
    return Verifier({KEYS.access_key_id: KEYS}, **options).verify(**request, service=service).access_key_id


def test_botocores_signature_is_accepted() -> None:
    assert _verify(_signed()) == KEYS.access_key_id


def _mutations() -> Iterator[tuple[str, dict[str, Any]]]:
    signed = _signed()
    yield "method", signed | {"method": "PUT"}
    yield "path", signed | {"raw_path": "/x"}
    yield "query", signed | {"query": "a=b"}
    for place in range(len(BODY)):
        changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        yield f"body byte {place}", signed | {"body": changed}
    for place, (name, value) in enumerate(signed["headers"]):
        for at in range(len(value)):
            changed_value = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
            headers = [*signed["headers"]]
            headers[place] = (name, changed_value)
            yield f"{name} byte {at}", signed | {"headers": headers}


def test_any_change_is_refused() -> None:
    accepted = []
    for what, request in _mutations():
        try:
            _verify(request)
        except OpenrekError:
            continue
        accepted.append(what)
    assert accepted == []


def test_a_header_added_after_signing_is_refused() -> None:
    request = _signed()
    request["headers"].append(("X-Amz-Expected-Bucket-Owner", "x"))
    with pytest.raises(SignatureMismatchError, match="must be signed"):
        _verify(request)


@pytest.mark.parametrize(("minutes", "message"), [(6, "expired"), (-6, "not yet current")])
def test_the_clock_may_differ_by_five_minutes(minutes: int, message: str) -> None:
    with pytest.raises(SignatureMismatchError, match=message):
        _verify(_signed(), clock=lambda: datetime.now(UTC) + timedelta(minutes=minutes))


def test_another_services_signature_is_refused() -> None:
    with pytest.raises(SignatureMismatchError, match="service"):
        _verify(_signed(), service="s3")


def test_another_regions_signature_is_refused_where_one_is_set() -> None:
    with pytest.raises(SignatureMismatchError, match="region"):
        _verify(_signed(), region="us-east-1")


def test_an_unknown_key_is_told() -> None:
    with pytest.raises(UnknownAccessKeyError):
        Verifier({}).verify(**_signed(), service="rekognition")


def test_a_session_token_must_be_the_keys_own() -> None:
    temporary = Credentials(KEYS.access_key_id, KEYS.secret_access_key, "session")
    for given in (None, "other", "session"):
        request = AWSRequest("POST", "http://h/", headers={"Host": "h"}, data=BODY)
        SigV4Auth(
            BotocoreCredentials(KEYS.access_key_id, KEYS.secret_access_key, given), "rekognition", "us-east-1"
        ).add_auth(request)
        signed = _signed() | {"headers": [(name, str(value)) for name, value in request.headers.items()]}
        if given == "session":
            assert Verifier({KEYS.access_key_id: temporary}).verify(**signed, service="rekognition")
            with pytest.raises(UnknownAccessKeyError, match="AWS_SESSION_TOKEN"):
                _verify(signed)
        else:
            with pytest.raises(UnknownAccessKeyError, match="security token"):
                Verifier({KEYS.access_key_id: temporary}).verify(**signed, service="rekognition")


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 nonsense",
    ],
)
def test_half_a_signature_is_incomplete(authorization: str) -> None:
    headers = [("Host", "h"), ("X-Amz-Date", "20260101T000000Z"), ("Authorization", authorization)]
    with pytest.raises(IncompleteSignatureError):
        Verifier({}).verify(method="POST", raw_path="/", query="", headers=headers, body=b"", service="rekognition")


def _link(url: str) -> dict[str, Any]:
    rest = url.removeprefix("http://127.0.0.1:8420")
    path, _, query = rest.partition("?")
    return {"method": "GET", "raw_path": path, "query": query, "headers": [("Host", "127.0.0.1:8420")], "body": b""}


@pytest.mark.parametrize("key", ["a.jpg", "a b/ü ễ.jpg", "a+b&c=d%20.jpg"])
def test_a_link_works_until_it_expires(key: str) -> None:
    url = presign_url(
        KEYS, f"http://127.0.0.1:8420/openrek/{key}", region="us-east-1", service="s3", expires_seconds=60
    )
    assert _verify(_link(url), "s3") == KEYS.access_key_id
    with pytest.raises(AccessDeniedError, match="Request has expired"):
        _verify(_link(url), "s3", clock=lambda: datetime.now(UTC) + timedelta(seconds=62))
    with pytest.raises(SignatureMismatchError):
        _verify(_link(url.replace("jpg", "png")), "s3")
    with pytest.raises(SignatureMismatchError):
        _verify(_link(url.replace("X-Amz-Expires=60", "X-Amz-Expires=99")), "s3")


def test_botocores_presigned_request_is_accepted() -> None:
    request = AWSRequest("GET", "http://127.0.0.1:8420/?Action=x")
    SigV4QueryAuth(
        BotocoreCredentials(KEYS.access_key_id, KEYS.secret_access_key), "rekognition", "us-east-1", expires=60
    ).add_auth(request)
    assert _verify(_link(str(request.url)))


def test_a_link_of_no_seconds_has_expired_in_the_next() -> None:
    for service, error in (("s3", AccessDeniedError), ("rekognition", SignatureMismatchError)):
        url = presign_url(KEYS, "http://127.0.0.1:8420/a/b", region="us-east-1", service=service, expires_seconds=0)
        with pytest.raises(error, match="expired"):
            _verify(_link(url), service, clock=lambda: datetime.now(UTC) + timedelta(seconds=2))


@pytest.mark.parametrize("header", ["x-amz-copy-source", "X-Amz-Meta-Who", "x-amz-acl", "x-amz-decoded-content-length"])
def test_a_header_added_to_a_link_is_refused(header: str) -> None:
    url = presign_url(KEYS, "http://127.0.0.1:8420/a/b", region="us-east-1", service="s3", expires_seconds=60)
    request = _link(url)
    for harmless in ("X-Amz-Content-Sha256", "X-Amz-Date", "Content-Type"):
        request["headers"].append((harmless, "x"))
    assert _verify(request, "s3")
    request["headers"].append((header, "a/secret"))
    with pytest.raises(SignatureMismatchError, match="must be signed"):
        _verify(request, "s3")


def test_the_signer_is_told_with_the_region_of_the_scope() -> None:
    signer = Verifier({KEYS.access_key_id: KEYS}).verify(**_signed(), service="rekognition")
    assert (signer.access_key_id, signer.region, signer.chain) == (KEYS.access_key_id, "eu-west-1", None)


def test_chunks_are_signed_as_in_amazons_example() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html"""
    scope = Scope("20130524", "us-east-1", "s3")
    key = signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope)
    data = [b"a" * 65536, b"a" * 1024, b""]
    plain = (
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    )
    chain = ChunkChain(key, "20130524T000000Z", scope, plain[0])
    assert all(chain.is_next(chunk, signed) for chunk, signed in zip(data, plain[1:], strict=True))
    with_trailer = (
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    )
    chain = ChunkChain(key, "20130524T000000Z", scope, with_trailer[0])
    assert all(chain.is_next(chunk, signed) for chunk, signed in zip(data, with_trailer[1:], strict=True))
    signed = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
    assert chain.is_last(b"x-amz-checksum-crc32c:sOO8/Q==\n", signed)
