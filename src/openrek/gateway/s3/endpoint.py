"""The endpoint: verifies, finds the operation, answers, logs."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

from openrek.errors import OpenrekError
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.uploads import PREFIX as UPLOADS
from openrek.gateway.body import read_body
from openrek.gateway.context import RequestContext
from openrek.gateway.s3 import chunked, request_headers, xml
from openrek.gateway.s3 import remote_buckets as elsewhere
from openrek.gateway.s3.call import Asked, Call, split_path
from openrek.gateway.s3.errors import S3Error, refusal_of
from openrek.gateway.s3.inbox import tell
from openrek.gateway.s3.object_head import check_header_value
from openrek.gateway.s3.operations import operation_of
from openrek.gateway.services import GatewayServices
from openrek.iam import Signer, Verifier, sigv2
from openrek.web.api_error import ApiError

SERVICE = "s3"
# A part of an upload, or an object in one piece; what is larger comes in parts.
MAX_BODY_BYTES = 64 * 1024 * 1024
_INTERNAL = "We encountered an internal error. The log has its cause under this request's id."


def is_for_s3(headers: Mapping[str, str], request: Request) -> bool:
    """Whether a request is signed for S3, by its Authorization header or by its query, and names no operation of
    another protocol."""
    if "x-amz-target" in headers:
        return False
    authorization = headers.get("authorization", "")
    if authorization.startswith("AWS4-HMAC-SHA256"):
        credential = authorization.partition("Credential=")[2].partition(",")[0]
    elif request.scope["query_string"]:
        if sigv2.KEY_ID in request.query_params:
            return True
        credential = request.query_params.get("X-Amz-Credential", "")
    else:
        return False
    return credential.rstrip().endswith(f"/{SERVICE}/aws4_request")


class S3Endpoint:
    """Answers whatever is signed for S3."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._writing = Lock()

    async def __call__(self, context: RequestContext, services: GatewayServices) -> Response:
        """The response; every failure is an error in S3's XML."""
        try:
            body = await read_body(context.request, _most_bytes(context, services))
        except ApiError as problem:
            code = "EntityTooLarge" if problem.status == 413 else "IncompleteBody"
            return refused(S3Error(400, code, problem.message), context)
        run = partial(self._answer, context, services, body)
        response = await asyncio.get_running_loop().run_in_executor(services.executor, run)
        response.headers["x-amz-request-id"] = context.request_id
        return response

    def _answer(self, context: RequestContext, services: GatewayServices, body: bytes) -> Response:
        bucket, key = split_path(context.request)
        refusal: S3Error | None = None
        cause: str | None = None
        try:
            response = self._dispatch(context, services, bucket, key, body)
        except S3Error as error:
            refusal = error
        except OpenrekError as error:
            refusal = refusal_of(error)
            if refusal.status >= 500:
                cause = repr(error.__cause__ or error)[:500]
        except Exception as error:  # no traceback reaches a client
            logging.getLogger(__name__).debug("request failed", exc_info=error)
            refusal, cause = S3Error(500, "InternalError", _INTERNAL), repr(error)[:500]
        if refusal is None:
            tell(context, services, bucket, key)
        else:
            response = refused(refusal, context)
        services.log.emit(
            "answered" if refusal is None else "refused",
            level="INFO" if refusal is None else "ERROR" if refusal.status >= 500 else "WARNING",
            request_id=context.request_id,
            operation=f"s3:{context.operation or context.request.method}",
            bucket=bucket[:80],
            key=key[:200],
            status=response.status_code,
            principal=context.caller.arn if context.caller else context.access_key_id,
            ms=context.elapsed_ms,
            **({} if refusal is None else {"code": refusal.code, "reason": refusal.message}),
            **({} if cause is None else {"cause": cause}),
        )
        return response

    def _dispatch(
        self, context: RequestContext, services: GatewayServices, bucket: str, key: str, body: bytes
    ) -> Response:
        request = context.request
        signer, headers = self._verified(context, body)
        context.access_key_id = signer.access_key_id
        context.caller = services.keys.caller(context.access_key_id)
        query = dict(request.query_params)
        context.operation, handler = operation_of(request.method, bucket, key, query)
        for name, value in headers.items():
            check_header_value(name, value)
        request_headers.check(headers)
        body, trailer = chunked.read(body, headers, signer)
        headers |= trailer
        conditions = context.conditions | {"aws:RequestedRegion": signer.region or services.region}
        said = (request.method, bucket, key, query, headers, body, context.caller, conditions)
        if services.local is None:
            return elsewhere.answer(context.operation, Asked(*said), services.objects)
        return handler(Call(*said, services.local, services.facts, self._writing))

    def _verified(self, context: RequestContext, body: bytes) -> tuple[Signer, dict[str, str]]:
        """Who signed, and the request's headers by lower-case name."""
        request = context.request
        method, headers = request.method, dict(context.headers)
        raw_path = request.scope.get("raw_path", b"/").decode("latin-1")
        query = request.scope.get("query_string", b"").decode("latin-1")
        if sigv2.KEY_ID in request.query_params:
            signer = self._verifier.verify_old_link(
                method=method, raw_path=raw_path, query=query, headers=context.pairs
            )
            return signer, sigv2.Link.read(query).headers | headers
        signer = self._verifier.verify(
            method=method, raw_path=raw_path, query=query, headers=context.pairs, body=body, service=SERVICE
        )
        return signer, headers


def _most_bytes(context: RequestContext, services: GatewayServices) -> int:
    """What a body may have: a picture's upload, as POST /v1/uploads says, less than other objects."""
    bucket, key = split_path(context.request)
    is_upload = context.request.method == "PUT" and bucket == services.bucket and key.startswith(UPLOADS)
    return MAX_STORED_BYTES if is_upload else MAX_BODY_BYTES


def refused(refusal: S3Error, context: RequestContext) -> Response:
    """The error in S3's XML."""
    content = {"Code": refusal.code, "Message": refusal.message, "RequestId": context.request_id}
    body = b"" if context.request.method == "HEAD" else xml.write("Error", content)
    headers = {"x-amz-request-id": context.request_id}
    return Response(body, refusal.status, headers, media_type="application/xml")
