"""Signature version 4: the arithmetic, pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
STREAMING = frozenset(
    {
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }
)
"""What stands for the digest of a body that is sent in chunks.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signing key is good for."""

    date: str
    """YYYYMMDD"""
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Pairs,
    signed: Collection[str],
    payload_sha256: str,
    *,
    normalise: bool = True,
) -> str:
    """The request as one text that both sides can write alike.

    Args:
        method: HTTP method.
        path: Path as it was sent, percent-encoded.
        query: Query string as it was sent, without `?` and without the signature.
        headers: Lower-case names and the values as they were sent; names repeat where they did.
        signed: Names of the signed headers, lower case.
        payload_sha256: Hex digest of the body, or UNSIGNED-PAYLOAD.
        normalise: Whether the path is normalised and encoded once more, as by every service but S3, which takes
            paths literally.
    """
    names = sorted(signed)
    values: dict[str, list[str]] = {name: [] for name in names}
    for name, value in headers:
        if name in values:
            values[name].append(" ".join(value.split()))
    lines = "".join(f"{name}:{','.join(values[name])}\n" for name in names)
    return "\n".join(
        (
            method,
            _canonical_path(path, normalise),
            canonical_query(query),
            lines,
            ";".join(names),
            payload_sha256,
        )
    )


def canonical_query(query: str) -> str:
    """Pairs decoded, encoded in the one right way, and sorted."""
    if not query:
        return ""
    pairs = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_encode(_decode(name)), _encode(_decode(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def string_to_sign(timestamp: str, scope: Scope, canonical: str) -> str:
    """Algorithm, time, scope and the canonical request's digest."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join((ALGORITHM, timestamp, str(scope), digest))


def signing_key(secret: str, scope: Scope) -> bytes:
    """The key for one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(key: bytes, to_sign: str) -> str:
    """The signature, hex."""
    made = _keyed(key).copy()
    made.update(to_sign.encode())
    return made.hexdigest()


@lru_cache(maxsize=1024)
def _keyed(key: bytes) -> hmac.HMAC:
    """The state after the key: half of the work. Nor does going on from here give other threads their turn in between,
    as `hmac.digest` does, which takes longer than the arithmetic when they have something to do."""
    return hmac.new(key, digestmod=hashlib.sha256)


@lru_cache(maxsize=256)
def _canonical_path(path: str, normalise: bool) -> str:
    path = path or "/"
    if not normalise:
        return _encode(unquote_to_bytes(path), safe="/")
    normal = posixpath.normpath(path)
    normal = "/" + normal.lstrip("/")
    if path.endswith(("/", "/.", "/..")) and normal != "/":
        normal += "/"
    return quote(normal, safe="/-_.~")


def _decode(text: str) -> bytes:
    return unquote_to_bytes(text)


def _encode(text: bytes, safe: str = "") -> str:
    return quote(text, safe=f"{safe}-_.~")


class ChunkChain:
    """The signatures of a body's chunks: each signs its chunk and the signature before it, the first the request's.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
    """

    def __init__(self, key: bytes, timestamp: str, scope: Scope, seed: str) -> None:
        self._key = key
        self._before = (timestamp, str(scope))
        self._previous = seed

    def is_next(self, data: bytes, signed: str) -> bool:
        """Whether this is the signature of the next chunk; the last one is empty."""
        return self.is_next_digest(hashlib.sha256(data).hexdigest(), signed)

    def is_next_digest(self, sha256: str, signed: str) -> bool:
        """As `is_next`, of a chunk of which only the hex digest is there."""
        return self._advance("PAYLOAD", f"{EMPTY_SHA256}\n{sha256}", signed)

    def is_last(self, trailer: bytes, signed: str) -> bool:
        """Whether this is the signature of the trailer: lines of `name:value`."""
        return self._advance("TRAILER", hashlib.sha256(trailer).hexdigest(), signed)

    def _advance(self, kind: str, digests: str, signed: str) -> bool:
        expected = signature(self._key, "\n".join((f"{ALGORITHM}-{kind}", *self._before, self._previous, digests)))
        self._previous = expected
        return hmac.compare_digest(expected.encode(), signed.encode())
