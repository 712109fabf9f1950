"""PostObject: a browser's form uploads an object, as far as the policy that somebody signed lets it.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from starlette.responses import Response

from openrek.gateway.s3 import objects, tags, xml
from openrek.gateway.s3.call import KEPT_HEADERS, Call
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.post_form import ONE_FILE, PostForm
from openrek.gateway.s3.post_policy import Condition, PostPolicy

_FILE_NAME = "${filename}"
_HEADERS = frozenset({"content-type", *KEPT_HEADERS})
_NO_HEADERS = ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token")


def key_of(form: PostForm) -> str:
    """The key of the object: the field's, with the file's name in place of "${filename}".

    Raises:
        S3Error: the form names no key, or has no file.
    """
    if "key" not in form.fields:
        raise S3Error(
            400,
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
        )
    if form.file_name is None:
        raise S3Error(400, "IncorrectNumberOfFilesInPostRequest", ONE_FILE)
    return form.fields["key"].replace(_FILE_NAME, form.file_name)


def allowing_policy(form: PostForm, bucket: str, key: str) -> PostPolicy:
    """The form's policy, whose signature was verified, if its conditions hold. The file's size is not checked.

    Raises:
        S3Error: they do not; the message names the condition.
    """

    def accepts(condition: Condition, actual: str) -> bool:
        # A policy may name the key as the form does, or as it becomes.
        return condition.holds(actual) or (condition.field == "key" and condition.holds(key))

    policy = PostPolicy.read(form.fields["policy"])
    policy.check({**form.fields, "bucket": bucket}, accepts, datetime.now(UTC))
    return policy


def headers_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The headers that PutObject would be sent in place of the form's fields."""
    headers = {
        name: value
        for name, value in fields.items()
        if (name.startswith("x-amz-") or name in _HEADERS) and name not in _NO_HEADERS
    }
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    if "tagging" in fields:
        headers["x-amz-tagging"] = urlencode(tags.of_body(fields["tagging"].encode()))
    return headers


def post_object(call: Call, form: PostForm, base_url: str) -> Response:
    """Writes the object, then answers as the form wants it.

    Args:
        call: PutObject with the form's key and headers, and the file as its upload.
        form: The form, allowed by its policy.
        base_url: The service's own, as the browser knows it.
    """
    written = objects.put_object(call)
    etag = written.headers["etag"]
    location = f"{base_url.rstrip('/')}/{call.bucket}/{quote(call.key)}"
    headers = {"etag": etag, "location": location}
    redirect = form.fields.get("success_action_redirect") or form.fields.get("redirect", "")
    if target := _redirect(redirect, call.bucket, call.key, etag):
        return Response(status_code=303, headers=headers | {"location": target})
    status = form.fields.get("success_action_status")
    if status == "201":
        content = {"Location": location, "Bucket": call.bucket, "Key": call.key, "ETag": etag}
        return Response(xml.write("PostResponse", content), 201, headers, media_type="application/xml")
    return Response(status_code=200 if status == "200" else 204, headers=headers)


def _redirect(url: str, bucket: str, key: str, etag: str) -> str | None:
    """Where the browser goes next; None for what is not an address of the web, which S3 ignores."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc or not url.isascii() or not url.isprintable():
        return None
    query = urlencode({"bucket": bucket, "key": key, "etag": etag})
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))
