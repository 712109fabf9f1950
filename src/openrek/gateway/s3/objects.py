"""Objects: putting, reading, removing."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.responses import Response

from openrek.errors import ObjectNotFoundError, ObjectNotReadableError
from openrek.gateway.s3 import copies, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import KEPT_HEADERS, Call
from openrek.gateway.s3.errors import S3Error, no_key
from openrek.s3 import META, NO_VERSION, Facts, ObjectInfo, check_key, object_arn

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_OVERRIDES = ("content-type", *KEPT_HEADERS)


def put_object(call: Call) -> Response:
    """PutObject."""
    call.require("s3:PutObject")
    existing(call)
    check_key(call.key)
    call.check_asked()
    if copies.SOURCE in call.headers:
        return _copy_object(call)
    call.check_body()
    digest = hashlib.md5(call.body, usedforsecurity=False).hexdigest()
    keep(call, call.body, call.said(digest))
    return Response(status_code=200, headers={"etag": f'"{digest}"'})


def _copy_object(call: Call) -> Response:
    data, facts = copies.copied(call)
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    keep(call, data, copies.described(call, facts, digest))
    return answer("CopyObjectResult", copies.outcome(digest))


def keep(call: Call, data: bytes, facts: Facts) -> None:
    """Writes the object, if it is there or not as the call wants it, then what is said of it.

    Raises:
        Refusal: it is not so.
    """
    only_new = call.headers.get("if-none-match")
    if only_new not in (None, "*"):
        raise S3Error(501, "NotImplemented", f"If-None-Match is {only_new[:40]!r}; for what is written it may be *")
    with call.writing:
        _check_replaced(call)
        try:
            call.store.put(call.bucket, call.key, data, create=only_new is not None)
        except FileExistsError:
            raise S3Error(412, "PreconditionFailed", "there is an object of this key, and If-None-Match is *") from None
        call.facts.write(call.bucket, call.store.head(call.bucket, call.key), facts)


def _check_replaced(call: Call) -> None:
    """Returns if what is there is what If-Match names.

    Raises:
        Refusal: it is not, or nothing is there.
    """
    wanted = call.headers.get("if-match")
    if wanted is None:
        return
    try:
        info = call.store.head(call.bucket, call.key)
    except ObjectNotFoundError:
        raise no_key(call.key) from None
    if not _names(wanted, call.facts.read(call.bucket, info).etag):
        raise S3Error(412, "PreconditionFailed", "the object is not the one that If-Match names")


def get_object(call: Call) -> Response:
    """GetObject, whole or a range of it."""
    info, headers = _described(call)
    if _is_unchanged(call, headers["etag"], info.modified_at):
        return Response(status_code=304, headers={"etag": headers["etag"]})
    data = call.store.get(call.bucket, call.key).data
    status, part = 200, data
    if wanted := _range(call.headers.get("range"), info.size_bytes):
        first, last = wanted
        status, part = 206, data[first : last + 1]
        headers["content-range"] = f"bytes {first}-{last}/{info.size_bytes}"
    for name in _OVERRIDES:
        if value := call.query.get(f"response-{name}"):
            headers[name] = value
    return Response(part, status, headers)


def head_object(call: Call) -> Response:
    """HeadObject."""
    info, headers = _described(call)
    if _is_unchanged(call, headers["etag"], info.modified_at):
        return Response(status_code=304, headers={"etag": headers["etag"]})
    return Response(status_code=200, headers=headers | {"content-length": str(info.size_bytes)})


def delete_object(call: Call) -> Response:
    """DeleteObject; one that is not there is no error."""
    call.require("s3:DeleteObject")
    existing(call)
    call.check_version()
    with call.writing:
        _check_replaced(call)
        call.store.delete(call.bucket, [check_key(call.key)])
        call.facts.remove(call.bucket, call.key)
    return Response(status_code=204)


def delete_objects(call: Call) -> Response:
    """DeleteObjects: each answered for itself."""
    existing(call)
    call.check_body()
    root = xml.read(call.body)
    named = [
        (xml.text(element, "Key") or "", xml.text(element, "VersionId")) for element in xml.children(root, "Object")
    ]
    if not 1 <= len(named) <= 1000:
        raise S3Error(400, "MalformedXML", f"Delete names {len(named)} objects; it may name 1 to 1000")
    deleted, errors = [], []
    for key, version in named:
        if version not in (None, "", NO_VERSION):
            errors.append(
                {"Key": key, "VersionId": version, "Code": "NoSuchVersion", "Message": "no versions are kept"}
            )
            continue
        if not call.caller.may("s3:DeleteObject", object_arn(call.bucket, key), call.conditions):
            errors.append({"Key": key, "Code": "AccessDenied", "Message": "s3:DeleteObject is not allowed"})
            continue
        try:
            call.store.delete(call.bucket, [check_key(key)])
        except ObjectNotReadableError as error:
            errors.append({"Key": key, "Code": "InvalidArgument", "Message": error.message})
            continue
        call.facts.remove(call.bucket, key)
        deleted.append({"Key": key})
    quiet = xml.text(root, "Quiet") == "true"
    return answer("DeleteResult", {"Deleted": [] if quiet else deleted, "Error": errors})


def _described(call: Call) -> tuple[ObjectInfo, dict[str, str]]:
    """The object's facts, and the headers that say them."""
    call.require("s3:GetObjectVersion" if "versionId" in call.query else "s3:GetObject")
    existing(call)
    call.check_version()
    if "partNumber" in call.query:
        raise S3Error(501, "NotImplemented", "objects are read whole or by Range; leave partNumber out")
    try:
        info = call.store.head(call.bucket, call.key)
    except ObjectNotReadableError:
        # Whether there is an object is known by who may list the bucket, and by nobody else.
        replace(call, key="").require("s3:ListBucket", {"s3:prefix": call.key})
        raise no_key(call.key) from None
    facts = call.facts.read(call.bucket, info)
    return info, {
        "content-type": facts.content_type,
        "etag": f'"{facts.etag}"',
        "last-modified": info.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=3600",
        **facts.headers,
        # A stored file is a picture or JSON, never a page of ours: no script in it may run in our origin.
        "content-security-policy": "default-src 'none'; sandbox",
        **{f"{META}{name}": value for name, value in facts.metadata.items()},
    }


def _is_unchanged(call: Call, etag: str, modified_at: datetime) -> bool:
    """Whether the caller has it already. Of ETag and time the ETag decides.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html

    Raises:
        Refusal: they want it only as it no longer is.
    """
    modified_at = modified_at.replace(microsecond=0)
    wanted, not_since = call.headers.get("if-match"), _time(call.headers.get("if-unmodified-since"))
    if wanted is not None:
        if not _names(wanted, etag):
            raise S3Error(412, "PreconditionFailed", "the object is not the one that If-Match names")
    elif not_since is not None and modified_at > not_since:
        raise S3Error(412, "PreconditionFailed", "the object was modified after If-Unmodified-Since")
    known, since = call.headers.get("if-none-match"), _time(call.headers.get("if-modified-since"))
    if known is not None:
        return _names(known, etag)
    return since is not None and modified_at <= since


def _names(condition: str, etag: str) -> bool:
    """Whether a condition's list of ETags, quoted or not, has this one."""
    named = [each.strip().removeprefix("W/").strip('"') for each in condition.split(",")]
    return "*" in named or etag.strip('"') in named


def _time(header: str | None) -> datetime | None:
    """A header's time; None for one that cannot be read, which counts as not sent."""
    try:
        found = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _range(raw: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte; None for all of them, as for a header that cannot be read.

    Raises:
        Refusal: the range lies behind the end.
    """
    found = _RANGE.fullmatch(raw or "")
    if found is None or found.groups() == ("", ""):
        return None
    if not found[1]:
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
    if first > last:
        raise S3Error(416, "InvalidRange", f"the object has {size:,} bytes, none of them in {raw}")
    return first, last
