"""Links to read and to upload work where objects are kept on another S3, too; all else is for that S3 itself."""

from collections.abc import Mapping

from starlette.responses import Response

from openrek.gateway.s3.call import KEPT_HEADERS, check_asked, said_by
from openrek.gateway.s3.checksums import check
from openrek.gateway.s3.copies import SOURCE
from openrek.gateway.s3.refusal import Refusal
from openrek.iam import Caller
from openrek.s3 import META, ObjectStore, object_arn

_CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range")


def answer(
    operation: str,
    bucket: str,
    key: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    caller: Caller,
    conditions: Mapping[str, str],
    objects: ObjectStore,
) -> Response:
    """The response to GetObject and PutObject.

    Raises:
        Refusal: anything else is asked for.
        OpenrekError: the caller may not, or the other S3 does not.
    """
    if operation not in ("GetObject", "PutObject") or SOURCE in headers:
        raise Refusal(501, "NotImplemented", "objects are kept on another S3 (--s3); ask its own endpoint")
    version = query.get("versionId")
    action = f"s3:{operation}Version" if version and operation == "GetObject" else f"s3:{operation}"
    caller.require(action, object_arn(bucket, key), conditions)
    if operation == "GetObject":
        return _read(bucket, key, version, headers, objects)
    check_asked(headers)
    if asked := [name for name in ("expires", "if-match") if name in headers]:
        raise Refusal(501, "NotImplemented", f"{asked[0]} cannot be handed on to another S3 (--s3); leave it out")
    check(body, headers)
    only_new = headers.get("if-none-match")
    if only_new not in (None, "*"):
        raise Refusal(501, "NotImplemented", f"If-None-Match is {only_new[:40]!r}; for what is written it may be *")
    facts = said_by(headers, "")
    said = {"content-type": facts.content_type, **facts.headers}
    said |= {f"{META}{name}": value for name, value in facts.metadata.items()}
    try:
        objects.put(bucket, key, body, create=only_new is not None, said=said)
    except FileExistsError:
        raise Refusal(412, "PreconditionFailed", "there is an object of this key, and If-None-Match is *") from None
    return Response(status_code=200, headers={"etag": f'"{objects.head(bucket, key).etag}"'})


def _read(bucket: str, key: str, version: str | None, headers: Mapping[str, str], objects: ObjectStore) -> Response:
    if asked := [name for name in _CONDITIONS if name in headers]:
        raise Refusal(501, "NotImplemented", f"{asked[0]} cannot be handed on to another S3 (--s3); leave it out")
    stored = objects.get(bucket, key, version)
    known = {name: value for name, value in stored.said.items() if name in KEPT_HEADERS or name.startswith(META)}
    answered = {
        "content-type": stored.said.get("content-type") or stored.info.content_type,
        "etag": f'"{stored.info.etag}"',
        "last-modified": stored.info.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "cache-control": "private, max-age=3600",
        "content-security-policy": "default-src 'none'; sandbox",
        **known,
    }
    return Response(stored.data, headers=answered)
