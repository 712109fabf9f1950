"""The AWS wire: `POST /` with X-Amz-Target, signed, as SDKs send it."""

import asyncio
from typing import Any

from starlette.responses import Response

from openrek.errors import (
    OpenrekError,
    QueueFullError,
    RequestTooLargeError,
    SerializationError,
)
from openrek.gateway.body import read_body
from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.iam import Verifier
from openrek.protocol import WireResponse, answer, answer_error
from openrek.rekognition import OPERATIONS
from openrek.web.api_error import ApiError

# Base64 of the largest picture, the rest of the request, and room to say precisely what was too large.
MAX_WIRE_BYTES = 24 * 1024 * 1024
SERVICE = "rekognition"


class Wire:
    """Verifies the signature, answers the operation, logs one record."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def __call__(self, context: RequestContext, services: GatewayServices) -> Response:
        """The response to one signed request; every failure is an AWS error in JSON."""
        try:
            body = await read_body(context.request, MAX_WIRE_BYTES)
        except ApiError as problem:
            kind = RequestTooLargeError if problem.status == 413 else SerializationError
            return _response(answer_error(kind(problem.message), context.request_id))
        operation = context.headers.get("x-amz-target", "").rpartition(".")[2]
        facts = OPERATIONS.get(operation)
        if facts is not None and facts.runs == "quick":
            return _response(self._answer(context, services, body))
        needs_engine = facts is not None and facts.runs == "engine"
        submit = services.pictures.submit if needs_engine else services.executor.submit
        try:
            result = submit(self._answer, context, services, body)
        except QueueFullError as error:
            return _response(self._refuse(error, context, services, operation))
        return _response(await asyncio.wrap_future(result))

    def _answer(self, context: RequestContext, services: GatewayServices, body: bytes) -> WireResponse:
        request = context.request
        target = context.headers.get("x-amz-target", "")
        context.operation = target.rpartition(".")[2]
        try:
            signer = self._verifier.verify(
                method=request.method,
                raw_path=request.scope.get("raw_path", b"/").decode("latin-1"),
                query=request.scope.get("query_string", b"").decode("latin-1"),
                headers=context.pairs,
                body=body,
                service=SERVICE,
            )
        except OpenrekError as error:
            result = answer_error(error, context.request_id)
        else:
            context.access_key_id = signer.access_key_id
            context.caller = caller = services.keys.caller(signer.access_key_id)
            conditions = context.conditions | {"aws:RequestedRegion": signer.region or services.region}
            result = answer(
                context.headers,
                body,
                lambda operation, asked: services.dispatch(operation, asked, caller, conditions),
                context.request_id,
            )
        self._log(result, context, services)
        return result

    def _refuse(
        self, error: OpenrekError, context: RequestContext, services: GatewayServices, operation: str
    ) -> WireResponse:
        context.operation = operation
        result = answer_error(error, context.request_id)
        self._log(result, context, services)
        return result

    def _log(self, result: WireResponse, context: RequestContext, services: GatewayServices) -> None:
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


def _response(result: WireResponse) -> Response:
    return Response(result.body, result.status, dict(result.headers))
