"""Reading and writing an object works where objects are kept on another S3, too; all else is for that S3 itself."""

from functools import partial

from starlette.responses import Response

from openrek.errors import ObjectNotFoundError
from openrek.gateway.s3 import reading
from openrek.gateway.s3.call import Asked
from openrek.gateway.s3.copies import SOURCE
from openrek.gateway.s3.errors import S3Error
from openrek.s3 import ObjectInfo, ObjectStore, bucket_arn

# What makes an answer depend on the object's info before it is read.
_PARTIAL = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range", "partNumber"})


def answer(operation: str, asked: Asked, objects: ObjectStore) -> Response:
    """The response to GetObject, HeadObject and PutObject.

    Raises:
        Refusal: anything else is asked for.
        OpenrekError: the caller may not, or the other S3 does not.
    """
    if operation in ("GetObject", "HeadObject"):
        return _read(operation, asked, objects)
    if operation == "PutObject" and SOURCE not in asked.headers:
        return _write(asked, objects)
    raise S3Error(501, "NotImplemented", "objects are kept on another S3 (--s3); ask its own endpoint")


def _write(asked: Asked, objects: ObjectStore) -> Response:
    asked.require("s3:PutObject")
    asked.check_asked()
    _check_handed_on(asked, ("expires", "if-match"))
    asked.check_body()
    only_new = asked.headers.get("if-none-match")
    if only_new not in (None, "*"):
        raise S3Error(501, "NotImplemented", f"If-None-Match is {only_new[:40]!r}; for what is written it may be *")
    facts, create = asked.said(""), only_new is not None
    try:
        etag = objects.put(asked.bucket, asked.key, asked.body, create=create, facts=facts)
    except FileExistsError:
        raise S3Error(412, "PreconditionFailed", "there is an object of this key, and If-None-Match is *") from None
    return Response(status_code=200, headers={"etag": f'"{etag}"'})


def _read(operation: str, asked: Asked, objects: ObjectStore) -> Response:
    version = asked.query.get("versionId")
    asked.require("s3:GetObjectVersion" if version else "s3:GetObject")
    open_range = partial(objects.open, asked.bucket, asked.key, version)
    try:
        if operation == "GetObject" and not _PARTIAL.intersection({*asked.headers, *asked.query}):
            return reading.content(asked, open_range())
        describe = partial(_info, objects, asked.bucket, asked.key, version)
        if operation == "HeadObject":
            return reading.head(asked, describe())
        return reading.get(asked, describe, lambda start, end: open_range(start=start, end=end))
    except ObjectNotFoundError:
        asked.caller.require("s3:ListBucket", bucket_arn(asked.bucket), asked.conditions)
        raise


def _info(objects: ObjectStore, bucket: str, key: str, version: str | None) -> ObjectInfo:
    return objects.open(bucket, key, version).info if version else objects.head(bucket, key)


def _check_handed_on(asked: Asked, names: tuple[str, ...]) -> None:
    for name in names:
        if name in asked.headers:
            raise S3Error(501, "NotImplemented", f"{name} cannot be handed on to another S3 (--s3); leave it out")
