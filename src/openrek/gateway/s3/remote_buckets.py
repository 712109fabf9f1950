"""Reading and writing an object works where objects are kept on another S3, too; all else is for that S3 itself."""

from functools import partial

from starlette.responses import Response

from openrek.errors import ObjectNotFoundError
from openrek.gateway.s3 import reading
from openrek.gateway.s3.call import S3Request
from openrek.gateway.s3.copies import SOURCE
from openrek.gateway.s3.errors import S3Error
from openrek.s3 import ObjectInfo, ObjectStore, bucket_arn

# What makes an answer depend on the object's info before it is read.
_PARTIAL = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range", "partNumber"})


def answer(operation: str, request: S3Request, objects: ObjectStore) -> Response:
    """The response to GetObject, HeadObject and PutObject.

    Raises:
        S3Error: anything else is requested.
        OpenrekError: the caller may not, or the other S3 does not.
    """
    if operation in ("GetObject", "HeadObject"):
        return _read(operation, request, objects)
    if operation == "PutObject" and SOURCE not in request.headers:
        return _write(request, objects)
    raise S3Error(501, "NotImplemented", "objects are kept on another S3 (--s3); ask its own endpoint")


def _write(request: S3Request, objects: ObjectStore) -> Response:
    request.require("s3:PutObject")
    request.check_headers()
    _check_handed_on(request, ("expires", "if-match"))
    request.check_body()
    only_new = request.headers.get("if-none-match")
    if only_new not in (None, "*"):
        raise S3Error(501, "NotImplemented", f"If-None-Match is {only_new[:40]!r}; for what is written it may be *")
    facts, create = request.declared_facts(""), only_new is not None
    try:
        etag = objects.put(request.bucket, request.key, request.body, create=create, facts=facts)
    except FileExistsError:
        raise S3Error(412, "PreconditionFailed", "there is an object of this key, and If-None-Match is *") from None
    return Response(status_code=200, headers={"etag": f'"{etag}"'})


def _read(operation: str, request: S3Request, objects: ObjectStore) -> Response:
    version = request.query.get("versionId")
    request.require("s3:GetObjectVersion" if version else "s3:GetObject")
    open_range = partial(objects.open, request.bucket, request.key, version)
    try:
        if operation == "GetObject" and not _PARTIAL.intersection({*request.headers, *request.query}):
            return reading.content(request, open_range())
        describe = partial(_info, objects, request.bucket, request.key, version)
        if operation == "HeadObject":
            return reading.head(request, describe())
        return reading.get(request, describe, lambda start, end: open_range(start=start, end=end))
    except ObjectNotFoundError:
        request.caller.require("s3:ListBucket", bucket_arn(request.bucket), request.conditions)
        raise


def _info(objects: ObjectStore, bucket: str, key: str, version: str | None) -> ObjectInfo:
    return objects.open(bucket, key, version).info if version else objects.head(bucket, key)


def _check_handed_on(request: S3Request, names: tuple[str, ...]) -> None:
    for name in names:
        if name in request.headers:
            raise S3Error(501, "NotImplemented", f"{name} cannot be handed on to another S3 (--s3); leave it out")
