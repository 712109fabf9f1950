"""The ASGI application: stages, then the route, then the answer's headers."""

import logging
from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from openrek.errors import ObjectNotReadableError
from openrek.gateway import pages
from openrek.gateway.aws_json import Wire
from openrek.gateway.context import RequestContext
from openrek.gateway.rest import Endpoint, invoke, read_logs
from openrek.gateway.s3 import S3Endpoint, S3Error, is_for_s3, refused
from openrek.gateway.services import GatewayServices
from openrek.gateway.stages import REQUEST_STAGES
from openrek.iam import Verifier
from openrek.protocol import answer_api_error
from openrek.s3 import check_bucket
from openrek.web.api_error import ApiError, api_error_of

_SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        b"style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(self)"),
)
_S3_CODES = {"AccessDeniedException": "AccessDenied", "InternalServerError": "InternalError"}


class Gateway:
    """Every request that comes in, whoever sends it."""

    def __init__(self, services: GatewayServices, verifier: Verifier) -> None:
        self._services = services
        self._s3 = S3Endpoint(verifier)
        table = self._table(verifier)
        self._exact = {(method, path): endpoint for method, path, endpoint in table if "{" not in path}
        self._endpoints: list[tuple[Route, Endpoint]] = [
            (Route(path, _nothing, methods=[method]), endpoint) for method, path, endpoint in table
        ]

    def _table(self, verifier: Verifier) -> list[tuple[str, str, Endpoint]]:
        """The routes, first match wins."""
        functions: list[tuple[str, str, Endpoint]] = []
        for key in self._services.function.routes:
            method, _, path = key.partition(" ")
            functions.append((method, path, invoke(key)))
        return [
            ("POST", "/", Wire(verifier)),
            ("GET", "/", pages.index),
            ("GET", "/health", pages.health),
            ("GET", "/login", pages.open_link),
            ("POST", "/login", pages.log_in),
            ("GET", "/docs", pages.docs),
            ("GET", "/favicon.ico", pages.icon),
            ("GET", "/openapi.json", pages.openapi),
            ("GET", "/console/{path:path}", pages.static),
            *functions,
            ("GET", "/v1/logs", read_logs),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry. Only HTTP is spoken here."""
        if scope["type"] != "http":
            return
        context = RequestContext(Request(scope, receive))
        response = await self._answer(context, scope)
        present = {name for name, _ in response.raw_headers}
        response.raw_headers += [header for header in _SECURITY_HEADERS if header[0] not in present]
        response.raw_headers.append((b"x-request-id", context.request_id.encode()))
        await response(scope, receive, send)

    async def _answer(self, context: RequestContext, scope: Scope) -> Response:
        try:
            for stage in REQUEST_STAGES:
                stage(context, self._services)
            if is_for_s3(context.headers, context.request):
                return await self._s3(context, self._services)
            endpoint, path_params = self._route(scope)
            scope["path_params"] = dict(path_params)
            return await endpoint(context, self._services)
        except Exception as error:
            problem = api_error_of(error)
            if problem.status >= 500:
                logging.getLogger(__name__).debug("request failed", exc_info=error)
            self._services.log.emit(
                "refused" if problem.status < 500 else "failed",
                problem.message,
                level="WARNING" if problem.status < 500 else "ERROR",
                request_id=context.request_id,
                status=problem.status,
                code=problem.code,
                path=scope["path"][:200],
                **({"cause": repr(error)[:500]} if problem.status >= 500 else {}),
            )
            return _error_response(problem, context)

    def _route(self, scope: Scope) -> tuple[Endpoint, Mapping[str, str]]:
        if (exact := self._exact.get((scope["method"], scope["path"]))) is not None:
            return exact, {}
        allowed: set[str] = set()
        for route, endpoint in self._endpoints:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return endpoint, child["path_params"]
            if match is Match.PARTIAL:
                allowed |= route.methods or set()
        if allowed:
            methods = ", ".join(sorted(allowed))
            raise ApiError(405, "MethodNotAllowed", f"{scope['path'][:200]} takes {methods}", {"allow": methods})
        if scope["method"] in ("GET", "HEAD") and _names_object(scope["path"]):
            return self._s3, {}  # perhaps a link to an object whose signature got lost: that is what it says
        raise ApiError(404, "NotFound", f"there is nothing at {scope['path'][:200]}")


def _names_object(path: str) -> bool:
    """Whether the path can be that of an object; whether there is one, or its bucket, is nobody's business here."""
    bucket, _, key = path.removeprefix("/").partition("/")
    try:
        return bool(key) and bool(check_bucket(bucket))
    except ObjectNotReadableError:
        return False


def _error_response(problem: ApiError, context: RequestContext) -> Response:
    """The problem, in the words of the protocol that the client speaks."""
    if "x-amz-target" in context.headers:
        wire = answer_api_error(problem.status, problem.code, problem.message, context.request_id)
        return Response(wire.body, wire.status, dict(wire.headers))
    if is_for_s3(context.headers, context.request):
        refusal = S3Error(problem.status, _S3_CODES.get(problem.code, problem.code), problem.message)
        return refused(refusal, context)
    body = orjson.dumps(problem.as_dict(context.request_id))
    return Response(body, problem.status, problem.headers, media_type="application/json")


async def _nothing(request: Request) -> Response:
    raise AssertionError("routes only match here; endpoints are called by the gateway")
