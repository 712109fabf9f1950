"""One call of S3's protocol, taken apart."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from openrek.gateway.s3.refusal import Refusal
from openrek.iam import Caller
from openrek.s3 import Facts, LocalObjectStore, ObjectFacts, bucket_arn, object_arn

META = "x-amz-meta-"
"""How headers begin that carry metadata of the uploader's own."""
_BINARY = "binary/octet-stream"
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "content-md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda data: hashlib.sha256(data).digest(),
}


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, and by whom."""

    method: str
    bucket: str
    """Empty for the service itself."""
    key: str
    """Empty for a bucket."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """With lower-case names."""
    body: bytes
    caller: Caller
    conditions: Mapping[str, str]
    store: LocalObjectStore
    facts: ObjectFacts

    def require(self, action: str) -> None:
        """Returns if the caller may do this to the call's object, bucket, or to S3 itself.

        Raises:
            AccessDeniedException: they may not.
        """
        arn = object_arn(self.bucket, self.key) if self.key else bucket_arn(self.bucket) if self.bucket else "*"
        self.caller.require(action, arn, self.conditions)

    def said(self, etag: str) -> Facts:
        """What the call's headers say of its object."""
        return said_by(self.headers, etag)

    def check_body(self) -> None:
        """Holds the body against the digests that came with it.

        Raises:
            Refusal: one differs, or is of a kind that is not computed here.
        """
        for name, value in self.headers.items():
            if name != "content-md5" and not name.startswith("x-amz-checksum-"):
                continue
            if name in ("x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm"):
                continue
            if name not in _DIGESTS:
                raise Refusal(501, "NotImplemented", f"{name} is not computed here; use CRC32, SHA1 or SHA256")
            try:
                expected = base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise Refusal(400, "InvalidDigest", f"{name} is not base64") from None
            if expected != _DIGESTS[name](self.body):
                raise Refusal(400, "BadDigest", f"the body is not the one that {name} was computed of")


def said_by(headers: Mapping[str, str], etag: str) -> Facts:
    """What headers say of an object: its media type and metadata."""
    metadata = {name.removeprefix(META): value for name, value in headers.items() if name.startswith(META)}
    return Facts(etag, headers.get("content-type", _BINARY), metadata)


def split_path(request: Request) -> tuple[str, str]:
    """Bucket and key of a path-style request."""
    path: str = request.scope["path"]
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key
