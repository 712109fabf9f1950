"""Copying: objects, and parts of uploads, from what is here already.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import checksums, request_headers
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error, no_key
from openrek.s3 import Facts

SOURCE = "x-amz-copy-source"
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})")
_CONDITIONS = ("if-none-match", "if-modified-since", "if-unmodified-since")


def copied(call: Call) -> tuple[bytes, Facts]:
    """The content that the call copies, the part of it that it names, and what is known of the source.

    Raises:
        Refusal: the source is not written as bucket/key, is not there, or is asked for in a way that is not here.
        AccessDeniedException: the caller may not read it.
    """
    path, _, version = call.headers[SOURCE].partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key:
        raise S3Error(400, "InvalidArgument", f"{SOURCE} is {path[:80]!r}; it must be BUCKET/KEY, percent-encoded")
    if version and version != "null":
        raise S3Error(501, "NotImplemented", "the local store keeps no versions; leave versionId out")
    if asked := [name for name in _CONDITIONS if f"{SOURCE}-{name}" in call.headers]:
        raise S3Error(501, "NotImplemented", f"{SOURCE}-{asked[0]} is not here; leave it out")
    source = replace(call, bucket=bucket, key=key)
    source.require("s3:GetObject")
    try:
        stored = call.store.get(bucket, key)
    except ObjectNotReadableError:
        raise no_key(key) from None
    facts = call.facts.read(bucket, stored.info)
    wanted = call.headers.get(f"{SOURCE}-if-match")
    if wanted is not None and wanted.strip('"') != facts.etag:
        raise S3Error(412, "PreconditionFailed", f"the source is not the one that {SOURCE}-if-match names")
    return _part(call, stored.data), facts


def described(call: Call, facts: Facts, etag: str, data: bytes) -> Facts:
    """The facts of the copy: those of its source, or those that the call states where it replaces them.

    Raises:
        S3Error: an unknown directive, or a copy onto itself that changes nothing.
    """
    replaces = _directive(call, "x-amz-metadata-directive") == "REPLACE"
    replaces_tags = _directive(call, "x-amz-tagging-directive") == "REPLACE"
    stored = request_headers.stored(call.headers)
    changes = replaces or stored or replaces_tags or checksums.requested_algorithm(call.headers)
    if not changes and unquote(call.headers[SOURCE]).removeprefix("/") == f"{call.bucket}/{call.key}":
        raise S3Error(
            400,
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, tags or encryption attributes.",
        )
    declared = call.said(etag)
    algorithms = {checksums.requested_algorithm(call.headers)} - {None} or set(facts.checksums)
    kept = {name: value for name, value in facts.headers.items() if name != request_headers.STORAGE_CLASS}
    return Facts(
        etag,
        declared.content_type if replaces else facts.content_type,
        declared.metadata if replaces else facts.metadata,
        declared.headers if replaces else kept | stored,
        tags=declared.tags if replaces_tags else facts.tags,
        checksums={name: checksums.compute(name, data) for name in algorithms if name},
    )


def _directive(call: Call, name: str) -> str:
    directive = call.headers.get(name, "COPY")
    if directive not in ("COPY", "REPLACE"):
        raise S3Error(400, "InvalidArgument", f"{name} is {directive[:20]!r}; it must be COPY or REPLACE.")
    return directive


def outcome(etag: str) -> dict[str, str]:
    """What CopyObjectResult and CopyPartResult say."""
    return {"ETag": f'"{etag}"', "LastModified": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")}


def _part(call: Call, data: bytes) -> bytes:
    wanted = call.headers.get(f"{SOURCE}-range")
    if wanted is None:
        return data
    found = _RANGE.fullmatch(wanted)
    if found is None or not int(found[1]) <= int(found[2]) < len(data):
        raise S3Error(400, "InvalidArgument", f"{SOURCE}-range is {wanted[:40]!r}; the source has {len(data):,} bytes")
    return data[int(found[1]) : int(found[2]) + 1]
