"""The REST API and the pages: bearer token or session, errors as JSON, one log record for each rejected request."""

import logging
from concurrent.futures import Future
from functools import partial

import orjson
from starlette.responses import Response

from openrek.cancellation import Cancellation
from openrek.errors import RequestCancelledError
from openrek.gateway.context import RequestContext
from openrek.gateway.routes import RunsOn
from openrek.gateway.services import GatewayServices
from openrek.gateway.video_routes import Spool
from openrek.gateway.work import cancellable
from openrek.web.api_error import ApiError, api_error_of
from openrek.web.request_body import BodyTooLarge, ClientGone
from openrek.web.uploaded_image import too_large

_METHODS_WITH_BODY = frozenset({"POST", "PUT"})
_FORM_OVERHEAD_BYTES = 64 * 1024


class RestEndpoint:
    """Answers by route. The chain's stages call the methods in their order."""

    has_cors_rules = False

    def max_body_bytes(self, context: RequestContext, services: GatewayServices) -> int:
        """Of the route; around an image there may be a form.

        Raises:
            ApiError: 404 or 405, there is no such route; 403 for a preflight, unless an origin is allowed.
        """
        if context.route is None:
            raise self._no_route(context, services)
        context.ignores_body = context.request.method not in _METHODS_WITH_BODY
        if not context.route.takes_image:
            return context.route.max_body_bytes
        return services.max_image_bytes + _form_bytes(context)

    def may_block(self, context: RequestContext, services: GatewayServices) -> bool:
        """Tokens and sessions are checked in memory."""
        return False

    def authenticate(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks the token or the session.

        Raises:
            ApiError: 401, saying how to authenticate.
        """
        assert context.route is not None
        if not context.route.public:
            services.access.check(context.headers, context.request.cookies, context.foreign)
            context.authenticated = True
        if context.route.spools:
            context.sink = Spool(services.videos)

    def verify_body(self, context: RequestContext, services: GatewayServices) -> None:
        """Nothing here is signed."""

    def admit(self, context: RequestContext, services: GatewayServices) -> "Future[None] | None":
        """Where the route's handler runs.

        Raises:
            QueueFullError: the queue of images is full.
        """
        assert context.route is not None
        if context.route.runs_on is RunsOn.LOOP:
            return None
        if context.route.runs_on is RunsOn.THREAD:
            return services.executor.submit(self.handle, context, services)
        context.cancellation = Cancellation()
        return services.image_queue.submit(cancellable, context.cancellation, partial(self.handle, context, services))

    def handle(self, context: RequestContext, services: GatewayServices) -> None:
        """Calls the route's handler."""
        assert context.route is not None
        context.response = context.route.handle(context, services)

    def error_response(self, context: RequestContext, error: Exception) -> Response:
        """The error as JSON."""
        problem = _api_error(error, context)
        body = orjson.dumps(problem.as_dict(context.request_id))
        return Response(body, problem.status, problem.headers, media_type="application/json")

    def log(self, context: RequestContext, services: GatewayServices) -> None:
        """One record for a request that was refused or failed; what succeeds is logged by the function."""
        if context.error is None:
            return
        problem = _api_error(context.error, context)
        failed = problem.status >= 500
        if failed:
            logging.getLogger(__name__).debug("request failed", exc_info=context.error)
        services.log.emit(
            "failed" if failed else "refused",
            problem.message,
            level="ERROR" if failed else "WARNING",
            request_id=context.request_id,
            status=problem.status,
            code=problem.code,
            path=context.request.scope["path"][:200],
            **({"cause": repr(context.error)[:500]} if failed else {}),
        )

    def _no_route(self, context: RequestContext, services: GatewayServices) -> ApiError:
        path = context.request.scope["path"][:200]
        if not context.allowed_methods:
            return ApiError(404, "NotFound", f"There is nothing at {path}.")
        methods = ", ".join(sorted(context.allowed_methods))
        return ApiError(405, "MethodNotAllowed", f"{path} accepts {methods}.", {"allow": methods})


def _form_bytes(context: RequestContext) -> int:
    """The most that a form may add to an image."""
    is_form = context.headers.get("content-type", "").startswith("multipart/form-data")
    return _FORM_OVERHEAD_BYTES if is_form else 0


def _api_error(error: Exception, context: RequestContext) -> ApiError:
    if isinstance(error, BodyTooLarge):
        if context.route is not None and context.route.takes_image:
            return too_large(error.size, error.max_bytes - _form_bytes(context))
        message = f"The request has {error.size:,} bytes; it may have at most {error.max_bytes:,} here."
        return ApiError(413, "RequestEntityTooLargeException", message)
    if isinstance(error, ClientGone):
        return ApiError(400, "InvalidParameterException", "The connection ended before the body did.")
    if isinstance(error, RequestCancelledError):
        return ApiError(499, "RequestAbortedException", error.message)
    return api_error_of(error)
