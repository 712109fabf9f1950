"""The REST API's handlers: those of the function, the log, preflights."""

import base64
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.responses import Response

from openrek.cloudwatch import LogQuery
from openrek.function.handler import RECOGNISING
from openrek.gateway.browsers import scheme_of
from openrek.gateway.context import RequestContext
from openrek.gateway.routes import Handler, Route, RunsOn
from openrek.gateway.services import GatewayServices
from openrek.web.lambda_context import LambdaContext
from openrek.web.lambda_event import HttpRequest, build_event
from openrek.web.query import printable, whole_number

_LOG_PAGE_LIMIT = 1000


def function_routes(route_keys: Iterable[str]) -> list[Route]:
    """Routes that invoke the function with an event.

    Args:
        route_keys: As "POST /v1/analyses".
    """
    routes = []
    for key in route_keys:
        method, _, path = key.partition(" ")
        recognises = key in RECOGNISING
        runs_on = RunsOn.IMAGE_QUEUE if recognises else RunsOn.THREAD
        routes.append(Route(method, path, _invoke(key), runs_on, takes_image=recognises))
    return routes


def _invoke(route_key: str) -> Handler:
    def handler(context: RequestContext, services: GatewayServices) -> Response:
        request = context.request
        event = build_event(
            HttpRequest(
                method=request.method,
                path=request.scope["path"],
                query=request.scope["query_string"].decode("latin-1"),
                headers=context.headers,
                scheme=scheme_of(context, services),
                body=context.body,
                path_parameters=request.path_params,
                http_version=request.scope.get("http_version", "1.1"),
                client=request.client.host if request.client else "",
            ),
            route_key,
            context.request_id,
        )
        return _http_response(services.function(event, LambdaContext(context.request_id)))

    return handler


def _http_response(answer: dict[str, Any]) -> Response:
    body = answer.get("body", "")
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return Response(content, answer["statusCode"], answer.get("headers") or {})


def read_logs(context: RequestContext, services: GatewayServices) -> Response:
    """GET /v1/logs: kept log records, the newest page first, or those after a position."""
    query = context.request.query_params
    after = whole_number(query.get("after"), "after", 0, 2**62, 0)
    wanted = LogQuery(
        request_id=printable(query.get("request_id"), "request_id"),
        analysis_id=printable(query.get("analysis_id"), "analysis_id"),
        after=after,
        limit=whole_number(query.get("limit"), "limit", 1, _LOG_PAGE_LIMIT, 100),
        newest="after" not in query,
    )
    services.log_store.flush()
    records = services.log_store.query(wanted)
    following = records[-1].position if records else after
    body = {
        "events": [{"position": record.position} | record.as_dict() for record in records],
        "next": following,
    }
    return Response(orjson.dumps(body), media_type="application/json")


def answer_preflight(context: RequestContext, services: GatewayServices) -> Response:
    """OPTIONS: whether a page of another origin may send the request that it announces."""
    if context.cors is not None:
        return Response(status_code=204)
    methods = ", ".join(sorted(context.allowed_methods))
    return Response(status_code=204, headers={"allow": methods} if methods else {})
