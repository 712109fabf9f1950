"""Objects: putting, reading, removing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from starlette.responses import Response, StreamingResponse

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import checksums, copies, request_headers, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error, no_key
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.object_head import checksum_headers, described, headers_of, overrides
from openrek.s3 import NO_VERSION, Facts, ObjectInfo, StagedFile, check_key, object_arn

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
# What is no larger is sent in one piece.
_AT_ONCE = 1 << 20
# How often an object may be replaced while it is looked at.
_TRIES = 20


def check_announced(call: Call) -> None:
    """Returns if the head of a PutObject is one to be followed by a body.

    Raises:
        S3Error, OpenrekError: there is no such bucket, or the caller may not write the object.
    """
    call.require("s3:PutObject")
    existing(call)
    check_key(call.key)
    call.check_asked()


def put_object(call: Call) -> Response:
    """PutObject."""
    check_announced(call)
    if copies.SOURCE in call.headers:
        return _copy_object(call)
    with call.content() as upload:
        facts = call.said(upload.md5)
        keep(call, upload.file, facts)
    return Response(status_code=200, headers=written_headers(call, facts))


def _copy_object(call: Call) -> Response:
    source = copies.source(call)
    with copies.upload(call, source, copies.algorithms(call, source.info.facts)) as copy:
        facts = copies.described(call, source.info.facts, copy)
        keep(call, copy.file, facts)
    outcome = copies.outcome(facts.etag) | checksums.as_members(facts.checksums)
    return answer("CopyObjectResult", outcome)


def written_headers(call: Call, facts: Facts) -> dict[str, str]:
    """The headers of an answer to a write."""
    kept = {name: value for name, value in facts.headers.items() if name == request_headers.ENCRYPTION}
    return {"etag": f'"{facts.etag}"', **kept, **checksums.as_headers(facts.checksums, facts.checksum_type)}


def keep(call: Call, content: StagedFile, facts: Facts) -> None:
    """Makes the content an object with its facts, if what is there is as the call wants it.

    Raises:
        S3Error: it is not.
    """
    only_new = call.headers.get("if-none-match")
    if only_new not in (None, "*"):
        raise S3Error(501, "NotImplemented", f"If-None-Match is {only_new[:40]!r}; for what is written it may be *")
    condition, create = partial(_check_replaced, call), only_new is not None
    try:
        call.store.commit(content, call.bucket, call.key, facts, create=create, condition=condition)
    except FileExistsError:
        raise S3Error(412, "PreconditionFailed", "there is an object of this key, and If-None-Match is *") from None


def _check_replaced(call: Call, info: ObjectInfo | None) -> None:
    """Returns if what is there is what If-Match names.

    Raises:
        S3Error: it is not, or nothing is there.
    """
    wanted = call.headers.get("if-match")
    if wanted is None:
        return
    if info is None:
        raise no_key(call.key)
    if not _names(wanted, info.etag):
        raise S3Error(412, "PreconditionFailed", "the object is not the one that If-Match names")


def get_object(call: Call) -> Response:
    """GetObject, whole, a range of it, or one of its parts. Only what is requested is read, as it is sent."""
    for _ in range(_TRIES):
        info, facts, headers = _described(call)
        if _is_unchanged(call, headers["etag"], info.modified_at):
            return Response(status_code=304, headers={"etag": headers["etag"]})
        first, last = _requested(call, info) or (0, info.size_bytes - 1)
        try:
            opened = call.store.open(call.bucket, call.key, start=first, end=last + 1)
        except ObjectNotReadableError:
            continue  # deleted or shortened since: the next look says so
        if opened.info == info:
            break
    else:
        raise S3Error(503, "SlowDown", "The object is replaced too often to be read; try again.")
    status = 200
    if _is_partial(call):
        status = 206
        headers["content-range"] = f"bytes {first}-{last}/{info.size_bytes}"
    else:
        headers |= checksum_headers(call, facts)
    headers |= {"content-length": str(opened.end - opened.start), **overrides(call)}
    if opened.end - opened.start <= _AT_ONCE:
        return Response(b"".join(opened.chunks), status, headers)
    return StreamingResponse(opened.chunks, status, headers)


def head_object(call: Call) -> Response:
    """HeadObject."""
    info, facts, headers = _described(call)
    if _is_unchanged(call, headers["etag"], info.modified_at):
        return Response(status_code=304, headers={"etag": headers["etag"]})
    headers |= {"content-length": str(info.size_bytes), **checksum_headers(call, facts), **overrides(call)}
    return Response(status_code=200, headers=headers)


def delete_object(call: Call) -> Response:
    """DeleteObject; one that is not there is no error."""
    call.require("s3:DeleteObject")
    existing(call)
    call.check_version()
    call.store.delete_if(call.bucket, [check_key(call.key)], partial(_check_replaced, call))
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
            check_key(key)
        except ObjectNotReadableError as error:
            errors.append({"Key": key, "Code": "InvalidArgument", "Message": error.message})
            continue
        deleted.append({"Key": key})
    call.store.delete(call.bucket, [each["Key"] for each in deleted])
    quiet = xml.text(root, "Quiet") == "true"
    return answer("DeleteResult", {"Deleted": [] if quiet else deleted, "Error": errors})


def _described(call: Call) -> tuple[ObjectInfo, Facts, dict[str, str]]:
    """The object's facts, and the headers that state them."""
    call.require("s3:GetObjectVersion" if "versionId" in call.query else "s3:GetObject")
    info, facts = described(call)
    return info, facts, headers_of(info, facts)


def _is_partial(call: Call) -> bool:
    return _range_header(call) is not None or "partNumber" in call.query


def _range_header(call: Call) -> str | None:
    """The Range that counts: not one of several ranges or another unit, which are answered with the whole object."""
    raw = call.headers.get("range")
    return None if raw is None or not raw.startswith("bytes=") or "," in raw else raw


def _requested(call: Call, info: ObjectInfo) -> tuple[int, int] | None:
    """First and last byte that a Range or a part's number names; None for all of them.

    Raises:
        S3Error: there are no such bytes, or no such part.
    """
    header = _range_header(call)
    if "partNumber" not in call.query:
        return _range(header, info.size_bytes)
    number = whole_number(call.query["partNumber"], "partNumber", 1, 10_000)
    if "range" in call.headers:
        raise S3Error(400, "InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
    sizes = [part.size_bytes for part in info.facts.parts] or [info.size_bytes]
    if number > len(sizes):
        raise S3Error(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
    first = sum(sizes[: number - 1])
    return first, first + sizes[number - 1] - 1


def _is_unchanged(call: Call, etag: str, modified_at: datetime) -> bool:
    """Whether the caller has it already. Of ETag and time the ETag decides.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html

    Raises:
        Refusal: they want it only as it no longer is.
    """
    modified_at = modified_at.replace(microsecond=0)
    wanted, not_since = call.headers.get("if-match"), _time("if-unmodified-since", call.headers)
    if wanted is not None:
        if not _names(wanted, etag):
            raise S3Error(412, "PreconditionFailed", "the object is not the one that If-Match names")
    elif not_since is not None and modified_at > not_since:
        raise S3Error(412, "PreconditionFailed", "the object was modified after If-Unmodified-Since")
    known, since = call.headers.get("if-none-match"), _time("if-modified-since", call.headers)
    if known is not None:
        return _names(known, etag)
    return since is not None and modified_at <= since


def _names(condition: str, etag: str) -> bool:
    """Whether a condition's list of ETags, quoted or not, has this one."""
    named = [each.strip().removeprefix("W/").strip('"') for each in condition.split(",")]
    return "*" in named or etag.strip('"') in named


def _time(name: str, headers: Mapping[str, str]) -> datetime | None:
    """The time in a header; None for no header.

    Raises:
        S3Error: it is not a time.
    """
    value = headers.get(name)
    if value is None:
        return None
    try:
        time = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        raise S3Error(400, "InvalidArgument", f"{name}: {value[:40]!r} is not a valid HTTP date.") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _range(raw: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte; None for all of them.

    Raises:
        S3Error: the range is not one of bytes, or lies behind the end.
    """
    if raw is None:
        return None
    positions = _RANGE.fullmatch(raw)
    if positions is None or positions.groups() == ("", ""):
        raise S3Error(416, "InvalidRange", f"Range is {raw[:40]!r}; it must be bytes=FIRST-LAST, FIRST- or -LENGTH.")
    start, end = (_position(text) for text in positions.groups())
    if start is None:
        first, last = max(0, size - (end or 0)), size - 1
    else:
        first, last = start, size - 1 if end is None else min(end, size - 1)
    if first > last:
        raise S3Error(416, "InvalidRange", f"The requested range {raw[:60]} is not satisfiable: {size:,} bytes.")
    return first, last


def _position(digits: str) -> int | None:
    """A position, of whatever length; no object reaches those that are cut."""
    return min(int(digits[-5000:].lstrip("0")[:19] or "0"), 10**18) if digits else None
