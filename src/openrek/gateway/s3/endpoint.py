"""The endpoint: verifies, finds the operation, answers, logs."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial

from starlette.responses import Response

from openrek.errors import MissingCredentialsError, OpenrekError
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.uploads import PREFIX as UPLOADS
from openrek.gateway.context import RequestContext
from openrek.gateway.s3 import checksums, chunked, multipart, objects, request_headers, xml
from openrek.gateway.s3 import remote_buckets as elsewhere
from openrek.gateway.s3.call import Call, S3Request, check_path, split_path
from openrek.gateway.s3.copies import SOURCE
from openrek.gateway.s3.cors_answers import answer_preflight, cors_headers, find_cors_rule
from openrek.gateway.s3.errors import S3Error, s3_error_of
from openrek.gateway.s3.identification import SERVICE, is_form
from openrek.gateway.s3.inbox import tell
from openrek.gateway.s3.object_head import check_header_value
from openrek.gateway.s3.operations import operation_of
from openrek.gateway.s3.post_upload import PostUpload
from openrek.gateway.s3.upload import BodyUpload, Upload
from openrek.gateway.services import GatewayServices
from openrek.iam import Caller, Signer, Verifier, sigv2
from openrek.s3 import LocalObjectStore
from openrek.web.api_error import ApiError
from openrek.web.request_body import BodyTooLarge, ClientGone

# What is held in memory.
MAX_BODY_BYTES = 64 * 1024 * 1024
# What goes to the disk as it arrives: as in S3, with room for what frames its chunks.
MAX_OBJECT_BYTES = 5 * 1024**3 + 64 * 1024 * 1024
_CODES = {"AccessDeniedException": "AccessDenied", "InvalidParameterException": "InvalidRequest"}
"""S3's names of what is refused before it comes to S3."""
_INTERNAL = "We encountered an internal error. The log has its cause under this request's id."


class S3Endpoint:
    """Answers whatever is signed for S3. The chain's stages call the methods in their order."""

    has_cors_rules = True

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def max_body_bytes(self, context: RequestContext, services: GatewayServices) -> int:
        """Uploads through POST /v1/uploads have a lower limit than other objects."""
        bucket, key = split_path(context.request)
        if is_form(context):
            return MAX_OBJECT_BYTES
        if context.request.method != "PUT" or not key:
            return MAX_BODY_BYTES
        return MAX_STORED_BYTES if bucket == services.bucket and key.startswith(UPLOADS) else MAX_OBJECT_BYTES

    def may_block(self, context: RequestContext, services: GatewayServices) -> bool:
        """Whether the key must be looked up in the database, or a bucket's CORS rules in its settings."""
        return "origin" in context.headers or not services.keys.is_cached(context.claimed_key_id)

    def authenticate(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks what the head shows of the signature. Preflights have none, and that of a form is in its body.

        Raises:
            AuthenticationError, AccessDeniedError: it is missing, wrong or has expired.
        """
        request = context.request
        check_path(request)
        find_cors_rule(context, services)
        if is_form(context):
            if services.local is None:
                raise S3Error(501, "NotImplemented", "Objects are kept on another S3 (--s3); post to its own endpoint.")
            context.operation = "PostObject"
            context.sink = PostUpload(context, services, services.local, self._verifier)
            return
        raw_path = request.scope.get("raw_path", b"/").decode("latin-1")
        query = request.scope.get("query_string", b"").decode("latin-1")
        if sigv2.KEY_ID in request.query_params:
            context.signer = self._verifier.verify_old_link(
                method=request.method, raw_path=raw_path, query=query, headers=context.pairs
            )
            context.authenticated = True
        elif context.headers.get("authorization", "").startswith(sigv2.SCHEME):
            context.signer = self._verifier.verify_old_header(
                method=request.method, raw_path=raw_path, query=query, headers=context.pairs
            )
            context.authenticated = True
        elif request.method != "OPTIONS":
            context.signature = self._verifier.begin(
                method=request.method, raw_path=raw_path, query=query, headers=context.pairs, service=SERVICE
            )
            context.authenticated = context.signature.is_verified
        if context.authenticated and services.local is not None and _is_upload(context):
            context.sink = BodyUpload(partial(self._open_upload, context, services, services.local))
        else:
            context.max_body_bytes = min(context.max_body_bytes, MAX_BODY_BYTES)

    def verify_body(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks the signature over the body.

        Raises:
            SignatureMismatchError: it is wrong, or the body is not the one that was signed.
        """
        if context.signature is not None:
            upload = _upload(context)
            context.signer = (
                context.signature.finish(context.body)
                if upload is None
                else context.signature.finish_digest(upload.body_sha256)
            )
        if context.signer is not None:
            context.access_key_id = context.signer.access_key_id
            context.caller = services.keys.caller(context.access_key_id)

    def admit(self, context: RequestContext, services: GatewayServices) -> "Future[None] | None":
        """Everything here may wait for a disk."""
        return services.executor.submit(self.handle, context, services)

    def handle(self, context: RequestContext, services: GatewayServices) -> None:
        """Answers, then notifies the function of a new object in the inbox."""
        bucket, key = split_path(context.request)
        if context.request.method == "OPTIONS":
            context.operation = "Preflight"
            response = answer_preflight(context)
        elif isinstance(context.sink, PostUpload):
            response = context.sink.answer()
        else:
            response = self._dispatch(context, services, bucket, key, context.body)
        response.headers["x-amz-request-id"] = context.request_id
        response.headers.update(cors_headers(context))
        context.response = response
        tell(context, services, bucket, context.object_key or key)

    def error_response(self, context: RequestContext, error: Exception) -> Response:
        """The error in S3's XML."""
        response = rejected(_s3_error(error), context)
        response.headers.update(cors_headers(context))
        return response

    def log(self, context: RequestContext, services: GatewayServices) -> None:
        """One record for each request."""
        bucket, key = split_path(context.request)
        s3_error = None if context.error is None else _s3_error(context.error)
        failed = s3_error is not None and s3_error.status >= 500 and s3_error.code != "NotImplemented"
        if failed:
            logging.getLogger(__name__).debug("request failed", exc_info=context.error)
        assert context.response is not None
        services.log.emit(
            "answered" if s3_error is None else "refused",
            level="INFO" if s3_error is None else "ERROR" if failed else "WARNING",
            request_id=context.request_id,
            operation=f"s3:{context.operation or context.request.method}",
            bucket=bucket[:80],
            key=(context.object_key or key)[:200],
            status=context.response.status_code,
            principal=context.caller.arn if context.caller else context.access_key_id,
            ms=context.elapsed_ms,
            **({} if s3_error is None else {"code": s3_error.code, "reason": s3_error.message}),
            **({"cause": _cause(context.error)} if failed else {}),
        )

    def _dispatch(
        self, context: RequestContext, services: GatewayServices, bucket: str, key: str, body: bytes
    ) -> Response:
        request = context.request
        signer, caller, headers = _signed(context)
        query = dict(request.query_params)
        context.operation, handler = operation_of(request.method, bucket, key, query)
        _check_headers(headers)
        upload = _upload(context)
        if upload is None:
            body, trailer = chunked.read(body, headers, signer)
            headers |= trailer
        else:
            headers |= upload.trailer
        conditions = context.conditions | {"aws:RequestedRegion": signer.region or services.region}
        parts = (request.method, bucket, key, query, headers, body, caller, conditions)
        if services.local is None:
            return elsewhere.answer(context.operation, S3Request(*parts), services.objects)
        return handler(Call(*parts, services.local, upload))

    def _open_upload(self, context: RequestContext, services: GatewayServices, store: LocalObjectStore) -> Upload:
        """The upload that the head announces, if the caller may make it."""
        signer = context.signer if context.signature is None else context.signature.signer
        assert signer is not None
        context.access_key_id = signer.access_key_id
        context.caller = caller = services.keys.caller(signer.access_key_id)
        headers = _headers(context)
        bucket, key = split_path(context.request)
        query = dict(context.request.query_params)
        context.operation, _ = operation_of(context.request.method, bucket, key, query)
        _check_headers(headers)
        conditions = context.conditions | {"aws:RequestedRegion": signer.region or services.region}
        call = Call(context.request.method, bucket, key, query, headers, b"", caller, conditions, store)
        algorithms = checksums.algorithms_of(headers)
        if context.operation == "UploadPart":
            algorithms |= multipart.check_part_announced(call)
        else:
            objects.check_announced(call)
        decoder = chunked.ChunkDecoder(headers, signer) if chunked.is_chunked(headers, signer) else None
        return Upload(store, algorithms, decoder)


def _signed(context: RequestContext) -> tuple[Signer, Caller, dict[str, str]]:
    """Who signed, and the request's headers by lower-case name.

    Raises:
        MissingCredentialsError: the request is not signed.
    """
    if context.signer is None or context.caller is None:
        raise MissingCredentialsError
    return context.signer, context.caller, _headers(context)


def _headers(context: RequestContext) -> dict[str, str]:
    """The request's headers by lower-case name."""
    headers = dict(context.headers)
    if sigv2.KEY_ID in context.request.query_params:  # such a link carries headers itself
        headers = sigv2.Link.read(context.request.scope["query_string"].decode("latin-1")).headers | headers
    return headers


def _is_upload(context: RequestContext) -> bool:
    """Whether the body is an object's, or a part's of one."""
    bucket, key = split_path(context.request)
    if context.request.method != "PUT" or not key or not context.has_body or SOURCE in context.headers:
        return False
    try:
        name, _ = operation_of("PUT", bucket, key, dict(context.request.query_params))
    except S3Error:
        return False
    return name in ("PutObject", "UploadPart")


def _upload(context: RequestContext) -> Upload | None:
    return context.sink.upload if isinstance(context.sink, BodyUpload) else None


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        check_header_value(name, value)
    request_headers.check(headers)


def _cause(error: Exception | None) -> str:
    return repr((error and error.__cause__) or error)[:500]


def _s3_error(error: Exception) -> S3Error:
    if isinstance(error, S3Error):
        return error
    if isinstance(error, OpenrekError):
        return s3_error_of(error)
    if isinstance(error, BodyTooLarge):
        message = f"The body has {error.size:,} bytes; at most {error.max_bytes:,} are allowed here."
        return S3Error(400, "EntityTooLarge", message)
    if isinstance(error, ClientGone):
        return S3Error(400, "IncompleteBody", "The connection ended before the body did.")
    if isinstance(error, ApiError):
        return S3Error(error.status, _CODES.get(error.code, error.code), error.message)
    # No traceback reaches a client.
    return S3Error(500, "InternalError", _INTERNAL)


def rejected(s3_error: S3Error, context: RequestContext) -> Response:
    """The error in S3's XML."""
    content = {"Code": s3_error.code, "Message": s3_error.message, "RequestId": context.request_id}
    body = b"" if context.request.method == "HEAD" else xml.write("Error", content)
    headers = {"x-amz-request-id": context.request_id}
    return Response(body, s3_error.status, headers, media_type="application/xml")
