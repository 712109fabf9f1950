"""Which requests are for S3."""

from collections.abc import Mapping

from starlette.requests import Request

from openrek.gateway.context import RequestContext
from openrek.gateway.s3.operations import SUBRESOURCES
from openrek.iam import sigv2

SERVICE = "s3"
_LISTING = frozenset({"list-type", "prefix", "delimiter", "marker", "max-keys", "encoding-type", "fetch-owner", "x-id"})
_OF_LINKS = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-Algorithm")


def is_for_s3(headers: Mapping[str, str], request: Request) -> bool:
    """Whether a request is signed for S3, well or not, and names no operation of another protocol."""
    if "x-amz-target" in headers:
        return False
    authorization = headers.get("authorization", "")
    if authorization.startswith(sigv2.SCHEME):
        return True
    if authorization.startswith("AWS4-"):
        credential = authorization.partition("Credential=")[2].partition(",")[0]
    elif not request.scope["query_string"]:
        return False
    elif sigv2.KEY_ID in request.query_params:
        return True
    elif any(name in request.query_params for name in _OF_LINKS):
        credential = request.query_params.get("X-Amz-Credential", "")
    else:
        return False
    *_, service, end = ("", *credential.strip().split("/"))
    if end != "aws4_request":
        return request.method != "POST"  # a damaged signature; other services are called by POST
    return service == SERVICE


def names_listing(request: Request) -> bool:
    """Whether an unsigned request on a bucket's path means the bucket, rather than a page of that name."""
    query = request.query_params
    return request.method == "HEAD" or any(name in query for name in (*_LISTING, *SUBRESOURCES))


def is_form(context: RequestContext) -> bool:
    """Whether a browser's form uploads an object, with a signed policy among its fields."""
    scope = context.request.scope
    return (
        context.request.method == "POST"
        and context.headers.get("content-type", "").lower().startswith("multipart/form-data")
        and not scope["query_string"]
        and "authorization" not in context.headers
        and "/" not in scope["path"].strip("/")
    )
