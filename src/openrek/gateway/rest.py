"""The REST API's routes: those of the function, and the log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from openrek.cloudwatch import LogQuery
from openrek.function.handler import RECOGNISING
from openrek.gateway.body import read_body
from openrek.gateway.context import RequestContext
from openrek.gateway.event import LambdaContext, build_event, http_response
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError

Endpoint = Callable[[RequestContext, GatewayServices], Awaitable[Response]]

_FORM_OVERHEAD_BYTES = 64 * 1024
_LOG_PAGE_LIMIT = 1000


def invoke(route_key: str) -> Endpoint:
    """An endpoint that turns the request into an event and invokes the function."""

    async def endpoint(context: RequestContext, services: GatewayServices) -> Response:
        request = context.request
        services.access.check(request)
        is_form = request.headers.get("content-type", "").startswith("multipart/form-data")
        body = await read_body(request, services.max_image_bytes, _FORM_OVERHEAD_BYTES if is_form else 0)
        submit = services.pictures.submit if route_key in RECOGNISING else services.executor.submit
        answer = submit(_call, services, request, body, route_key, context.request_id)
        return http_response(await asyncio.wrap_future(answer))

    return endpoint


def _call(services: GatewayServices, request: Request, body: bytes, route_key: str, request_id: str) -> dict[str, Any]:
    scheme, host = services.public_origin
    asked = request.headers.get("host", "").lower()
    event = build_event(request, body, route_key, request_id, scheme if asked == host else request.url.scheme)
    return services.function(event, LambdaContext(request_id))


async def read_logs(context: RequestContext, services: GatewayServices) -> Response:
    """GET /v1/logs: kept log records, the newest page first, or those after a position."""
    request = context.request
    services.access.check(request)
    query = request.query_params
    after = _number(query.get("after"), "after", 0, 2**62, 0)
    asked = LogQuery(
        request_id=query.get("request_id"),
        analysis_id=query.get("analysis_id"),
        after=after,
        limit=_number(query.get("limit"), "limit", 1, _LOG_PAGE_LIMIT, 100),
        newest="after" not in query,
    )
    await asyncio.get_running_loop().run_in_executor(services.executor, services.log_store.flush)
    records = await asyncio.get_running_loop().run_in_executor(services.executor, services.log_store.query, asked)
    following = records[-1].position if records else after
    body = {
        "events": [{"position": record.position} | record.as_dict() for record in records],
        "next": following,
    }
    return Response(orjson.dumps(body), media_type="application/json")


def _number(raw: str | None, name: str, low: int, high: int, default: int) -> int:
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdigit() or len(raw) > 19 or not low <= int(raw) <= high:
        raise ApiError(
            400,
            "InvalidParameterException",
            f"{name} is {raw[:20]!r}; it must be a whole number from {low} to {high}",
        )
    return int(raw)
