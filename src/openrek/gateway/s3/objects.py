"""Objects: putting, reading, removing."""

from functools import partial

from starlette.responses import Response

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import checksums, copies, reading, request_headers, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.conditions import names
from openrek.gateway.s3.errors import S3Error, no_key
from openrek.gateway.s3.object_head import described
from openrek.s3 import NO_VERSION, Facts, ObjectInfo, StagedFile, check_key, object_arn


def check_announced(call: Call) -> None:
    """Returns if the head of a PutObject is one to be followed by a body.

    Raises:
        S3Error, OpenrekError: there is no such bucket, or the caller may not write the object.
    """
    call.require("s3:PutObject")
    existing(call)
    check_key(call.key)
    call.check_headers()


def put_object(call: Call) -> Response:
    """PutObject."""
    check_announced(call)
    if copies.SOURCE in call.headers:
        return _copy_object(call)
    with call.content() as upload:
        facts = call.declared_facts(upload.md5)
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
    if not names(wanted, info.etag):
        raise S3Error(412, "PreconditionFailed", "the object is not the one that If-Match names")


def get_object(call: Call) -> Response:
    """GetObject, whole, a range of it, or one of its parts."""
    return reading.get(
        call, partial(_info, call), lambda start, end: call.store.open(call.bucket, call.key, start=start, end=end)
    )


def head_object(call: Call) -> Response:
    """HeadObject."""
    return reading.head(call, _info(call))


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


def _info(call: Call) -> ObjectInfo:
    call.require("s3:GetObjectVersion" if "versionId" in call.query else "s3:GetObject")
    return described(call)[0]
