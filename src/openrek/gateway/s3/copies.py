"""Copying: objects, and parts of uploads, from what is here already.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import checksums, request_headers
from openrek.gateway.s3.buckets import existing
from openrek.gateway.s3.call import Call, utf8
from openrek.gateway.s3.errors import S3Error, no_key
from openrek.gateway.s3.upload import Upload
from openrek.s3 import Facts, ObjectStream

SOURCE = "x-amz-copy-source"
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})")
_CONDITIONS = ("if-none-match", "if-modified-since", "if-unmodified-since")


def source(call: Call) -> ObjectStream:
    """The content that the call copies, the part of it that it names, and what is known of the source.

    Raises:
        S3Error: the source is not written as bucket/key, is not there, or is requested in a way that is not supported.
        AccessDeniedError: the caller may not read it.
    """
    path, _, version = call.headers[SOURCE].partition("?versionId=")
    bucket, _, key = utf8(path).removeprefix("/").partition("/")
    if not bucket or not key:
        raise S3Error(400, "InvalidArgument", f"{SOURCE} is {path[:80]!r}; it must be BUCKET/KEY, percent-encoded")
    if version and version != "null":
        raise S3Error(501, "NotImplemented", "the local store keeps no versions; leave versionId out")
    if conditions := [name for name in _CONDITIONS if f"{SOURCE}-{name}" in call.headers]:
        raise S3Error(501, "NotImplemented", f"{SOURCE}-{conditions[0]} is not supported; leave it out")
    of_source = replace(call, bucket=bucket, key=key)
    of_source.require("s3:GetObject")
    existing(of_source)
    try:
        start, end = _range(call, call.store.head(bucket, key).size_bytes)
        opened = call.store.open(bucket, key, start=start, end=end)
    except ObjectNotReadableError:
        raise no_key(key) from None
    wanted = call.headers.get(f"{SOURCE}-if-match")
    if wanted is not None and wanted.strip('"') != opened.info.etag:
        raise S3Error(412, "PreconditionFailed", f"the source is not the one that {SOURCE}-if-match names")
    return opened


def upload(call: Call, opened: ObjectStream, algorithms: Iterable[str]) -> Upload:
    """A copy of the content, with its digests; the caller closes it."""
    copy = Upload(call.store, algorithms)
    try:
        for chunk in opened.chunks:
            copy.write(chunk)
    except BaseException:
        copy.close()
        raise
    return copy


def algorithms(call: Call, facts: Facts) -> set[str]:
    """The algorithms of the copy's checksums: the one that the call names, else those of its source."""
    requested = checksums.requested_algorithm(call.headers)
    return {requested} if requested else set(facts.checksums)


def described(call: Call, facts: Facts, copy: Upload) -> Facts:
    """The facts of the copy: those of its source, or those that the call states where it replaces them.

    Raises:
        S3Error: an unknown directive, or a copy onto itself that changes nothing.
    """
    replaces = _directive(call, "x-amz-metadata-directive") == "REPLACE"
    replaces_tags = _directive(call, "x-amz-tagging-directive") == "REPLACE"
    stored = request_headers.stored(call.headers)
    changes = replaces or stored or replaces_tags or checksums.requested_algorithm(call.headers)
    if not changes and utf8(call.headers[SOURCE]).removeprefix("/") == f"{call.bucket}/{call.key}":
        raise S3Error(
            400,
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, tags or encryption attributes.",
        )
    declared = call.declared_facts(copy.md5)
    kept = {name: value for name, value in facts.headers.items() if name != request_headers.STORAGE_CLASS}
    return Facts(
        copy.md5,
        declared.content_type if replaces else facts.content_type,
        declared.metadata if replaces else facts.metadata,
        declared.headers if replaces else kept | stored,
        tags=declared.tags if replaces_tags else facts.tags,
        checksums={name: copy.digests.base64(name) for name in algorithms(call, facts)},
    )


def _directive(call: Call, name: str) -> str:
    directive = call.headers.get(name, "COPY")
    if directive not in ("COPY", "REPLACE"):
        raise S3Error(400, "InvalidArgument", f"{name} is {directive[:20]!r}; it must be COPY or REPLACE.")
    return directive


def outcome(etag: str) -> dict[str, str]:
    """What CopyObjectResult and CopyPartResult say."""
    return {"ETag": f'"{etag}"', "LastModified": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")}


def _range(call: Call, size: int) -> tuple[int, int | None]:
    wanted = call.headers.get(f"{SOURCE}-range")
    if wanted is None or "partNumber" not in call.query:  # CopyObject copies all
        return 0, None
    positions = _RANGE.fullmatch(wanted)
    if positions is None or not int(positions[1]) <= int(positions[2]) < size:
        raise S3Error(400, "InvalidArgument", f"{SOURCE}-range is {wanted[:40]!r}; the source has {size:,} bytes")
    return int(positions[1]), int(positions[2]) + 1
