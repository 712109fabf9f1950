"""Signature version 2 of S3, in links and in Authorization headers: the arithmetic, pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import unquote

from openrek.errors import IncompleteSignatureError

KEY_ID = "AWSAccessKeyId"
"""The parameter that a link of this version is known by."""
SCHEME = "AWS "
"""How an Authorization header of this version begins."""
_PLAIN = ("content-md5", "content-type")


@dataclass(frozen=True, slots=True)
class Link:
    """The parameters of a presigned link."""

    access_key_id: str
    signature: str
    expires: int
    """Seconds since 1970."""
    token: str | None
    """The session token."""
    query: Mapping[str, str]
    """All of it, decoded."""

    @classmethod
    def read(cls, query: str) -> "Link":
        """
        Raises:
            IncompleteSignatureError: a part of the signature is missing, malformed or there twice.
        """
        found: dict[str, str] = {}
        for part in filter(None, query.split("&")):
            name, _, value = part.partition("=")
            # The signature is base64: a plus sign in it is one, whether it was encoded or not.
            name, value = unquote(name), unquote(value)
            if name in found:
                raise IncompleteSignatureError(f"{name[:40]} is there twice")
            found[name] = value
        missing = [name for name in (KEY_ID, "Signature", "Expires") if not found.get(name)]
        if missing:
            raise IncompleteSignatureError(f"the query lacks {', '.join(missing)}")
        expires = found["Expires"]
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 11):
            raise IncompleteSignatureError("Expires must be a time in seconds since 1970")
        return cls(found[KEY_ID], found["Signature"], int(expires), found.get("x-amz-security-token"), found)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that the link itself carries, as boto3 writes them: those that were signed."""
        return {name: value for name, value in self.query.items() if name.startswith("x-amz-") or name in _PLAIN}


def string_to_sign(method: str, raw_path: str, link: Link, headers: Iterable[tuple[str, str]]) -> str:
    """The request as the text that is signed: every x-amz header is in it, so none can be added.

    Args:
        method: HTTP method.
        raw_path: Path as it was sent, percent-encoded.
        link: The parsed query.
        headers: Names and values as they were sent.
    """
    return _text(method, raw_path, link.query, link.headers | _joined(headers), str(link.expires))


@dataclass(frozen=True, slots=True)
class HeaderSignature:
    """An Authorization header, "AWS key id:signature", with what it was computed of."""

    access_key_id: str
    signature: str
    signed_at: datetime
    """UTC, aware."""
    token: str | None
    """The session token."""
    to_sign: tuple[str, ...]
    """The request as the texts of which one is signed."""

    @classmethod
    def read(cls, method: str, raw_path: str, query: str, headers: Iterable[tuple[str, str]]) -> "HeaderSignature":
        """
        Args:
            method: HTTP method.
            raw_path: Path as it was sent, percent-encoded.
            query: Query string as it was sent.
            headers: Names and values as they were sent.

        Raises:
            IncompleteSignatureError: a part of the signature is missing or malformed.
        """
        sent = _joined(headers)
        access_key_id, colon, signature = sent.get("authorization", "").removeprefix(SCHEME).strip().rpartition(":")
        if not colon or not access_key_id or not signature:
            raise IncompleteSignatureError("The Authorization header must be AWS ACCESS_KEY_ID:SIGNATURE.")
        date = sent.get("x-amz-date") or sent.get("date", "")
        try:
            signed_at = parsedate_to_datetime(date).astimezone(UTC)
        except (ValueError, OverflowError):
            raise IncompleteSignatureError(f"The Date header is {date[:40]!r}; it must be an HTTP date.") from None
        parameters: dict[str, str] = {}
        for part in filter(None, query.split("&")):
            name, _, value = part.partition("=")
            parameters[unquote(name)] = unquote(value)
        line = "" if "x-amz-date" in sent else sent.get("date", "")
        texts = tuple(_text(method, path, parameters, sent, line) for path in resource_paths(raw_path))
        return cls(access_key_id, signature, signed_at, sent.get("x-amz-security-token"), texts)


def resource_paths(raw_path: str) -> tuple[str, ...]:
    """The paths that a request may be signed with: some programs sign a bucket's with a slash that they do not send."""
    is_bucket = raw_path.rfind("/") == 0 and len(raw_path) > 1
    return (raw_path, f"{raw_path}/") if is_bucket else (raw_path,)


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by lower-case name; several of a name in one line."""
    sent: dict[str, list[str]] = {}
    for name, value in headers:
        sent.setdefault(name.lower(), []).append(value.strip())
    return {name: ",".join(values) for name, values in sent.items()}


def _text(method: str, raw_path: str, query: Mapping[str, str], headers: Mapping[str, str], date: str) -> str:
    amz = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-amz-"))
    named = sorted(name for name in query if name in _resource_parameters())
    subresources = "&".join(f"{name}={query[name]}" if query[name] else name for name in named)
    resource = f"{raw_path}?{subresources}" if subresources else raw_path
    return "\n".join((method, *(headers.get(name, "") for name in _PLAIN), date, f"{amz}{resource}"))


def signature(secret: str, to_sign: str) -> str:
    """The signature, base64."""
    return b64encode(hmac.digest(secret.encode(), to_sign.encode(), "sha1")).decode()


@cache
def _resource_parameters() -> frozenset[str]:
    """Parameters that are part of the resource, as botocore's signer has them."""
    from botocore.auth import HmacV1Auth

    return frozenset(HmacV1Auth.QSAOfInterest)
