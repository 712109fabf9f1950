"""Response headers that describe an object."""

from dataclasses import replace

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import checksums
from openrek.gateway.s3.buckets import existing
from openrek.gateway.s3.call import KEPT_HEADERS, Call, S3Request
from openrek.gateway.s3.errors import S3Error, no_key
from openrek.s3 import META, Facts, ObjectInfo

_OVERRIDES = ("content-type", *KEPT_HEADERS)


def described(call: Call) -> tuple[ObjectInfo, Facts]:
    """The call's object: what the store knows of it, and what was stored with it.

    Raises:
        S3Error: there is no such bucket, version or object.
        AccessDeniedError: there is no such object, and the caller may not list the bucket.
    """
    existing(call)
    call.check_version()
    try:
        info = call.store.head(call.bucket, call.key)
    except ObjectNotReadableError:
        # Only who may list the bucket learns whether there is an object.
        replace(call, key="").require("s3:ListBucket", {"s3:prefix": call.key})
        raise no_key(call.key) from None
    return info, info.facts


def headers_of(info: ObjectInfo, facts: Facts) -> dict[str, str]:
    """The headers of an answer that gives the object, or its head."""
    return {
        "content-type": facts.content_type,
        "etag": f'"{facts.etag}"',
        "last-modified": info.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=3600",
        **facts.headers,
        # A stored file is never one of openrek's pages: no script in it may run in this origin.
        "content-security-policy": "default-src 'none'; sandbox",
        **({"x-amz-tagging-count": str(len(facts.tags))} if facts.tags else {}),
        **({"x-amz-mp-parts-count": str(len(facts.parts))} if facts.parts else {}),
        **{f"{META}{name}": value for name, value in facts.metadata.items()},
    }


def checksum_headers(call: S3Request, facts: Facts) -> dict[str, str]:
    """The headers that a whole object's answer adds where x-amz-checksum-mode is ENABLED."""
    if call.headers.get("x-amz-checksum-mode", "").upper() != "ENABLED":
        return {}
    return checksums.as_headers(facts.checksums, facts.checksum_type)


def overrides(call: S3Request) -> dict[str, str]:
    """The headers that the query replaces, as response-content-type does.

    Raises:
        S3Error: a value cannot be one of a header.
    """
    replaced = {name: call.query[f"response-{name}"] for name in _OVERRIDES if call.query.get(f"response-{name}")}
    for name, value in replaced.items():
        check_header_value(f"response-{name}", value)
    return replaced


def check_header_value(name: str, value: str) -> None:
    """Returns if the value can be sent in a header.

    Raises:
        S3Error: it has a control character, or one that is not in ISO-8859-1.
    """
    if any(ord(letter) > 0xFF for letter in value):
        raise S3Error(400, "InvalidArgument", f"{name}: header value cannot be represented using ISO-8859-1.")
    if any((ord(letter) < 0x20 and letter != "\t") or letter == "\x7f" for letter in value):
        raise S3Error(400, "InvalidArgument", f"{name}: header value has a control character; remove it.")
