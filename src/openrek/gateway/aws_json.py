"""The AWS wire: `POST /` with X-Amz-Target, signed, as SDKs send it."""

from concurrent.futures import Future
from functools import partial
from typing import Any

from starlette.responses import Response

from openrek.cancellation import Cancellation
from openrek.errors import OpenrekError, RequestTooLargeError, SerializationError
from openrek.gateway.context import RequestContext
from openrek.gateway.endpoint import SMALL_BODY_BYTES
from openrek.gateway.services import GatewayServices
from openrek.gateway.signature import begin_signature, finish_signature
from openrek.gateway.work import cancellable
from openrek.iam import Verifier
from openrek.protocol import WireResponse, answer, answer_api_error, answer_error
from openrek.rekognition import OPERATIONS
from openrek.web.api_error import ApiError, api_error_of
from openrek.web.request_body import BodyTooLarge, ClientGone

SERVICE = "rekognition"
_MAX_BODY_BYTES = 256 * 1024
"""Of a request for an operation that does not exist."""


class AwsJsonEndpoint:
    """Answers signed requests for Amazon Rekognition's operations; every failure is an AWS error in JSON."""

    has_cors_rules = False

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def max_body_bytes(self, context: RequestContext, services: GatewayServices) -> int:
        """Of the operation.

        Raises:
            ApiError: 404, operations are not at this path.
        """
        scope = context.request.scope
        if scope["method"] != "POST" or scope["path"] != "/":
            raise ApiError(404, "NotFound", f"There is nothing at {scope['path'][:200]}; send operations to POST /.")
        context.operation = context.headers.get("x-amz-target", "").rpartition(".")[2]
        facts = OPERATIONS.get(context.operation)
        return _MAX_BODY_BYTES if facts is None else facts.max_body

    def may_block(self, context: RequestContext, services: GatewayServices) -> bool:
        """Whether the key must be looked up in the database."""
        return not services.keys.is_cached(context.claimed_key_id)

    def authenticate(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks the head of the signature.

        Raises:
            AuthenticationError: it is missing or wrong.
        """
        begin_signature(self._verifier, context, SERVICE)

    def verify_body(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks the signature over the body.

        Raises:
            SignatureMismatchError: it is wrong.
        """
        finish_signature(context, services)

    def admit(self, context: RequestContext, services: GatewayServices) -> "Future[None] | None":
        """Operations on images go to their queue; reads of a row or two stay on the event loop.

        Raises:
            QueueFullError: the queue of images is full.
        """
        facts = OPERATIONS.get(context.operation or "")
        runs = "database" if facts is None else facts.runs
        if runs == "quick" and len(context.body) <= SMALL_BODY_BYTES:
            return None
        if runs != "engine":
            return services.executor.submit(self.handle, context, services)
        context.cancellation = Cancellation()
        return services.image_queue.submit(cancellable, context.cancellation, partial(self.handle, context, services))

    def handle(self, context: RequestContext, services: GatewayServices) -> None:
        """Decodes, dispatches and encodes."""
        assert context.signer is not None
        assert context.caller is not None
        caller = context.caller
        conditions = context.conditions | {"aws:RequestedRegion": context.signer.region or services.region}
        context.result = answer(
            context.headers,
            context.body,
            lambda operation, request: services.dispatch(operation, request, caller, conditions),
            context.request_id,
        )
        context.response = _response(context.result)

    def error_response(self, context: RequestContext, error: Exception) -> Response:
        """The error in AWS JSON."""
        context.result = _error_response(error, context)
        return _response(context.result)

    def log(self, context: RequestContext, services: GatewayServices) -> None:
        """One record for each request."""
        result = context.result
        assert result is not None
        failed = result.status >= 400
        reason: dict[str, Any] = {"code": result.error_code, "reason": result.error_message} if failed else {}
        services.log.emit(
            "answered" if not failed else "refused",
            level="INFO" if not failed else "ERROR" if result.status >= 500 else "WARNING",
            request_id=context.request_id,
            operation=(context.operation or "")[:80],
            status=result.status,
            principal=context.caller.arn if context.caller else context.access_key_id,
            ms=context.elapsed_ms,
            **reason,
        )


def _error_response(error: Exception, context: RequestContext) -> WireResponse:
    if isinstance(error, BodyTooLarge):
        error = RequestTooLargeError(
            f"The request has {error.size:,} bytes; {(context.operation or 'an operation')[:80]} takes at most "
            f"{error.max_bytes:,} bytes."
        )
    elif isinstance(error, ClientGone):
        error = SerializationError("The connection ended before the body did.")
    if isinstance(error, OpenrekError):
        return answer_error(error, context.request_id)
    problem = api_error_of(error)
    cause = repr(error)[:500] if problem.status >= 500 else None
    return answer_api_error(problem.status, problem.code, problem.message, context.request_id, cause)


def _response(result: WireResponse) -> Response:
    return Response(result.body, result.status, dict(result.headers))
