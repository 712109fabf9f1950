"""Which protocol a request speaks, and so who answers it."""

from openrek.errors import ObjectNotReadableError
from openrek.gateway.context import RequestContext
from openrek.gateway.endpoint import Endpoint
from openrek.gateway.routes import Route, RouteTable
from openrek.gateway.s3 import is_for_s3, names_listing
from openrek.gateway.services import GatewayServices
from openrek.protocol import load_contract
from openrek.s3 import check_bucket

_FORM = "application/x-www-form-urlencoded"
_OWN_SERVICES = frozenset({"", "rekognition", "s3"})


class Identification:
    """Sets the endpoint, and the route where there is one.

    Args:
        aws_json: Answers Amazon Rekognition's protocol.
        rest: Answers routes, and everything that no other endpoint claims.
        s3: Answers S3's protocol.
        sts: Answers AWS's query protocol.
        other: Answers requests for AWS services that openrek does not have.
        routes: Of the REST API and the pages.
        preflight: Answers OPTIONS on the routes and the AWS wire.
    """

    def __init__(
        self,
        *,
        aws_json: Endpoint,
        rest: Endpoint,
        s3: Endpoint,
        sts: Endpoint,
        other: Endpoint,
        routes: RouteTable,
        preflight: Route,
    ) -> None:
        self._aws_json, self._rest, self._s3, self._sts, self._other = aws_json, rest, s3, sts, other
        self._routes = routes
        self._preflight = preflight
        self._target_prefix = load_contract().target_prefix

    async def __call__(self, context: RequestContext, services: GatewayServices) -> None:
        """The stage of the chain."""
        context.endpoint = self._endpoint(context)

    def _endpoint(self, context: RequestContext) -> Endpoint:
        scope, headers = context.request.scope, context.headers
        method, path = scope["method"], scope["path"]
        if "x-amz-target" in headers:
            prefix = headers["x-amz-target"].rpartition(".")[0]
            return self._other if prefix not in (self._target_prefix, "") else self._aws_json
        if headers.get("smithy-protocol", "") == "rpc-v2-cbor":
            return self._other
        if is_for_s3(headers, context.request):
            return self._s3
        if context.claimed_service == "sts":
            return self._sts
        if context.claimed_service not in _OWN_SERVICES:
            return self._other
        if path == "/" and _is_query_protocol(context):
            return self._sts
        route, parameters, allowed = self._routes.find(method, path)
        if route is not None:
            context.route = route
            scope["path_params"] = dict(parameters)
            return self._rest
        if path == "/" and method == "POST":
            return self._aws_json
        context.allowed_methods = allowed
        if method == "OPTIONS" and (allowed or path == "/"):
            context.route = self._preflight
            return self._rest
        if not allowed and _names_object(context):
            return self._s3  # perhaps a link to an object whose signature got lost; S3's error names that
        return self._rest


def _is_query_protocol(context: RequestContext) -> bool:
    """Whether a request names an action as AWS's query protocol does: in a form, or in the query."""
    if context.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        return bool(context.request.method == "POST")
    query = context.request.scope["query_string"]
    return bool(query) and b"Action=" in query and b"Version=" in query


def _names_object(context: RequestContext) -> bool:
    """Whether the path can be that of an object, or a bucket's where no page is meant; whether it exists is not looked
    up."""
    method = context.request.method
    bucket, _, key = context.request.scope["path"].removeprefix("/").partition("/")
    try:
        return bool(check_bucket(bucket)) and (bool(key) or method != "GET" or names_listing(context.request))
    except ObjectNotReadableError:
        return False
