"""What S3's answers say to pages of other origins.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from starlette.responses import Response

from openrek.errors import ObjectNotReadableError
from openrek.gateway.context import RequestContext
from openrek.gateway.s3.call import split_path
from openrek.gateway.s3.cors import rules_of
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.services import GatewayServices
from openrek.web.cors import CorsRule, Preflight, matching_rule, preflight_headers, response_headers
from openrek.web.origin import canonical_origin

_ORIGIN = "origin"
_METHOD = "access-control-request-method"
_NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


def find_cors_rule(context: RequestContext, services: GatewayServices) -> None:
    """Sets the rule that lets a page of another origin read the answer: one of the bucket's, or `--cors-origin`."""
    origin = context.headers.get(_ORIGIN)
    if origin is None:
        return
    preflight = Preflight.read(context.request.method, context.headers)
    method = context.request.method if preflight is None else preflight.method
    names = () if preflight is None else preflight.headers
    context.cors = matching_rule(_bucket_rules(context, services), origin, method, names)
    everywhere = services.cors
    if context.cors is None and everywhere and everywhere.allows(canonical_origin(origin) or origin, method, names):
        context.cors = everywhere


def cors_headers(context: RequestContext) -> dict[str, str]:
    """The headers of an answer, be it an error; none for a page that may not read it."""
    if context.cors is None:
        return {}
    return response_headers(context.cors, context.headers[_ORIGIN])


def answer_preflight(context: RequestContext) -> Response:
    """The answer to OPTIONS, which is never signed.

    Raises:
        S3Error: it is not a preflight, or no rule allows the request that would follow.
    """
    if not context.headers.get(_ORIGIN):
        raise S3Error(400, "BadRequest", "Insufficient information. Origin request header needed.")
    preflight = Preflight.read(context.request.method, context.headers)
    if preflight is None:
        raise S3Error(400, "BadRequest", "Invalid Access-Control-Request-Method: null")
    if context.cors is None:
        raise S3Error(403, "AccessForbidden", _NOT_ALLOWED)
    return Response(status_code=200, headers=preflight_headers(context.cors, preflight))


def _bucket_rules(context: RequestContext, services: GatewayServices) -> list[CorsRule]:
    bucket, _ = split_path(context.request)
    if services.local is None or not bucket:
        return []
    try:
        return rules_of(services.local, bucket) if services.local.has(bucket) else []
    except ObjectNotReadableError:  # not a name of a bucket
        return []
