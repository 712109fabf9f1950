"""Links of signature version 2, made by botocore."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from openrek.errors import (
    AccessDeniedError,
    IncompleteSignatureError,
    OpenrekError,
    SignatureMismatchError,
    UnknownAccessKeyError,
)
from openrek.iam import Credentials, Verifier

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session+token/=")


def link(
    method: str = "GET",
    path: str = "/bucket/a%20b/%E1%BA%A3nh.jpg",
    keys: Credentials = KEYS,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A request by a link, with the headers that it was made for."""
    request = AWSRequest(method, f"http://127.0.0.1:8420{path}", headers=headers or {})
    signer = BotocoreCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    HmacV1QueryAuth(signer, expires=60).add_auth(request)
    parts = urlsplit(str(request.url))
    sent = [("Host", "127.0.0.1:8420"), *(headers or {}).items()]
    return {"method": method, "raw_path": parts.path, "query": parts.query, "headers": sent}


def verified(request: dict[str, Any], **options: Any) -> str:
    keys = {each.access_key_id: each for each in (KEYS, TEMPORARY)}
    return Verifier(keys, **options).verify_old_link(**request).access_key_id


@pytest.mark.parametrize(
    "requested",
    [
        {},
        {"method": "PUT", "headers": {"Content-Type": "image/jpeg", "x-amz-meta-who": "lan  and  minh"}},
        {"path": "/bucket/k?response-content-type=text%2Fplain&versionId=null&x=y"},
        {"path": "/bucket?uploads"},
        {"keys": TEMPORARY},
    ],
)
def test_botocores_links_are_accepted(requested: dict[str, Any]) -> None:
    assert verified(link(**requested)) in (KEYS.access_key_id, TEMPORARY.access_key_id)


def test_a_link_works_until_it_expires() -> None:
    with pytest.raises(AccessDeniedError, match="Request has expired"):
        verified(link(), clock=lambda: datetime.now(UTC) + timedelta(seconds=62))


def test_any_change_is_refused() -> None:
    made = link("PUT", headers={"Content-Type": "image/jpeg", "x-amz-meta-who": "lan"})
    changed = [
        made | {"method": "GET"},
        made | {"raw_path": "/bucket/other"},
        made | {"headers": [("Content-Type", "text/html")]},
    ]
    changed.append(made | {"headers": [*made["headers"], ("x-amz-copy-source", "bucket/secret")]})
    changed.append(made | {"query": made["query"] + "&acl"})
    changed.append(made | {"query": made["query"] + "&x-amz-copy-source=bucket%2Fsecret"})
    plain = link()
    for place, letter in enumerate(plain["query"]):
        other = "x" if letter != "x" else "y"
        changed.append(plain | {"query": plain["query"][:place] + other + plain["query"][place + 1 :]})
    for request in changed:
        with pytest.raises(OpenrekError):
            verified(request)


@pytest.mark.parametrize("query", ["", "AWSAccessKeyId=a", "AWSAccessKeyId=a&Signature=b&Expires=soon"])
def test_half_a_link_is_incomplete(query: str) -> None:
    with pytest.raises(IncompleteSignatureError):
        verified(link() | {"query": query})


def test_who_is_not_known_is_told() -> None:
    with pytest.raises(UnknownAccessKeyError):
        verified(link(keys=Credentials("AKIDNOBODY", "x")))
    with pytest.raises(SignatureMismatchError):
        verified(link(keys=Credentials(KEYS.access_key_id, "wrong")))
    with pytest.raises(UnknownAccessKeyError, match="security token"):
        verified(link(keys=Credentials(TEMPORARY.access_key_id, TEMPORARY.secret_access_key)))
