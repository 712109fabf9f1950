"""The parts of a version 4 signature, from the Authorization header or from the query."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from urllib.parse import unquote_plus

from openrek.errors import IncompleteSignatureError
from openrek.iam.sigv4 import ALGORITHM, Scope

SESSION_HEADER = "X-Amz-Security-Token"
_MAX_EXPIRES_SECONDS = 604_800
_AUTHORIZATION = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")


@dataclass(frozen=True, slots=True)
class Claim:
    """The parts of a request's signature."""

    access_key_id: str
    scope: Scope
    signed: tuple[str, ...]
    signature: str
    timestamp: str
    query: str
    """The query that was signed: without the signature itself."""
    expires: timedelta | None = None
    token: str | None = None
    """The session token, signed or not."""


def header_claim(headers: Mapping[str, str], query: str) -> Claim | None:
    """The claims of the Authorization header; None if it is not of this version.

    Raises:
        IncompleteSignatureError: a part is missing or malformed.
    """
    authorization = headers.get("authorization")
    if authorization is None or not authorization.startswith(ALGORITHM):
        return None
    parts = {}
    for piece in authorization[len(ALGORITHM) :].split(","):
        found = _AUTHORIZATION.fullmatch(piece)
        if found is None:
            raise IncompleteSignatureError("the Authorization header is not Credential=…, SignedHeaders=…, Signature=…")
        parts[found[1]] = found[2]
    missing = {"Credential", "SignedHeaders", "Signature"} - parts.keys()
    if missing:
        raise IncompleteSignatureError(f"the Authorization header lacks {', '.join(sorted(missing))}")
    timestamp = headers.get("x-amz-date")
    if timestamp is None:
        raise IncompleteSignatureError("the request has no X-Amz-Date header")
    access_key_id, scope = read_credential(parts["Credential"])
    return Claim(
        access_key_id,
        scope,
        _signed_names(parts["SignedHeaders"]),
        parts["Signature"],
        timestamp,
        query,
        token=headers.get(SESSION_HEADER.lower()),
    )


def query_claim(query: str) -> Claim | None:
    """The claims of a presigned link; None if it is not of this version.

    Raises:
        IncompleteSignatureError: a part is missing, malformed or there twice.
    """
    pairs = [part for part in query.split("&") if part]
    values: dict[str, str] = {}
    rest = []
    for part in pairs:
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if name.lower().startswith("x-amz-") and name in values:
            raise IncompleteSignatureError(f"{name} is there twice")
        values[name] = unquote_plus(value)
        if name != "X-Amz-Signature":
            rest.append(part)
    if "X-Amz-Signature" not in values:
        return None
    needed = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")
    missing = [name for name in needed if name not in values]
    if missing:
        raise IncompleteSignatureError(f"the query lacks {', '.join(missing)}")
    if values["X-Amz-Algorithm"] != ALGORITHM:
        raise IncompleteSignatureError(f"X-Amz-Algorithm must be {ALGORITHM}")
    expires = values["X-Amz-Expires"]
    if not (expires.isascii() and expires.isdigit() and len(expires) < 8 and int(expires) <= _MAX_EXPIRES_SECONDS):
        raise IncompleteSignatureError(f"X-Amz-Expires must be from 0 to {_MAX_EXPIRES_SECONDS} seconds")
    access_key_id, scope = read_credential(values["X-Amz-Credential"])
    return Claim(
        access_key_id,
        scope,
        _signed_names(values["X-Amz-SignedHeaders"]),
        values["X-Amz-Signature"],
        values["X-Amz-Date"],
        "&".join(rest),
        timedelta(seconds=int(expires)),
        values.get(SESSION_HEADER),
    )


@lru_cache(maxsize=1024)
def read_credential(text: str) -> tuple[str, Scope]:
    """Access key id and scope of a credential.

    Raises:
        IncompleteSignatureError: it is malformed.
    """
    parts = text.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
        raise IncompleteSignatureError("Credential must be <key id>/<yyyymmdd>/<region>/<service>/aws4_request")
    return parts[0], Scope(parts[1], parts[2], parts[3])


@lru_cache(maxsize=1024)
def _signed_names(text: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in text.split(";"))
