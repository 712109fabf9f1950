"""The endpoint: verifies, finds the operation, answers, logs."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from openrek.errors import OpenrekError
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.problem import Problem
from openrek.function.uploads import PREFIX as UPLOADS
from openrek.gateway.body import read_body
from openrek.gateway.context import RequestContext
from openrek.gateway.s3 import buckets, objects, uploads, xml
from openrek.gateway.s3.call import Call, split_path
from openrek.gateway.s3.inbox import tell
from openrek.gateway.s3.refusal import Refusal, refusal_of
from openrek.gateway.services import GatewayServices
from openrek.iam import Verifier

SERVICE = "s3"
_VERSION_2 = "AWSAccessKeyId"
# A part of an upload, or an object in one piece; what is larger comes in parts.
MAX_BODY_BYTES = 64 * 1024 * 1024

Handler = Callable[[Call], Response]
# (method, whether a key is named, sub-resource or None) → handler
_HANDLERS: Mapping[tuple[str, bool, str | None], tuple[str, Handler]] = {
    ("PUT", True, None): ("PutObject", objects.put_object),
    ("GET", True, None): ("GetObject", objects.get_object),
    ("HEAD", True, None): ("HeadObject", objects.head_object),
    ("DELETE", True, None): ("DeleteObject", objects.delete_object),
    ("POST", True, "uploads"): ("CreateMultipartUpload", uploads.begin),
    ("PUT", True, "uploadId"): ("UploadPart", uploads.add_part),
    ("POST", True, "uploadId"): ("CompleteMultipartUpload", uploads.complete),
    ("DELETE", True, "uploadId"): ("AbortMultipartUpload", uploads.abort),
    ("PUT", False, None): ("CreateBucket", buckets.create_bucket),
    ("HEAD", False, None): ("HeadBucket", buckets.head_bucket),
    ("DELETE", False, None): ("DeleteBucket", buckets.delete_bucket),
    ("GET", False, None): ("ListObjects", buckets.list_objects),
    ("GET", False, "location"): ("GetBucketLocation", buckets.locate_bucket),
    ("POST", False, "delete"): ("DeleteObjects", objects.delete_objects),
}
_OF_ALL: Mapping[str, tuple[str, Handler]] = {"GET": ("ListBuckets", buckets.list_buckets)}
# Sub-resources that name operations of their own; what is asked with one of them must not be taken for another.
_SUBRESOURCES = frozenset(
    {"uploads", "uploadId", "location", "delete", "acl", "attributes", "tagging", "versioning", "versions", "policy"}
    | {"policyStatus", "cors", "lifecycle", "encryption", "logging", "notification", "website", "replication"}
    | {"accelerate", "requestPayment", "ownershipControls", "publicAccessBlock", "object-lock", "legal-hold"}
    | {"retention", "torrent", "select", "restore", "inventory", "metrics", "analytics", "intelligent-tiering"}
)


def is_for_s3(headers: Mapping[str, str], request: Request) -> bool:
    """Whether a request is signed for S3: by its Authorization header or by its query."""
    authorization = headers.get("authorization", "")
    if authorization.startswith("AWS4-HMAC-SHA256"):
        credential = authorization.partition("Credential=")[2].partition(",")[0]
    elif request.scope["query_string"]:
        if _VERSION_2 in request.query_params:
            return True
        credential = request.query_params.get("X-Amz-Credential", "")
    else:
        return False
    return credential.rstrip().endswith(f"/{SERVICE}/aws4_request")


class S3Door:
    """Answers whatever is signed for S3."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def __call__(self, context: RequestContext, services: GatewayServices) -> Response:
        """The response; every failure is an error in S3's XML."""
        try:
            body = await read_body(context.request, _most_bytes(context, services))
        except Problem as problem:
            code = "EntityTooLarge" if problem.status == 413 else "IncompleteBody"
            return _refused(Refusal(400, code, problem.message), context)
        run = partial(self._answer, context, services, body)
        return await asyncio.get_running_loop().run_in_executor(services.executor, run)

    def _answer(self, context: RequestContext, services: GatewayServices, body: bytes) -> Response:
        bucket, key = split_path(context.request)
        refusal: Refusal | None = None
        try:
            response = self._dispatch(context, services, bucket, key, body)
        except Refusal as error:
            refusal = error
        except OpenrekError as error:
            refusal = refusal_of(error)
        except Exception as error:  # no traceback reaches a client
            logging.getLogger(__name__).debug("request failed", exc_info=error)
            refusal = Refusal(500, "InternalError", "something failed here; the log has it under this request id")
        if refusal is None:
            tell(context, services, bucket, key)
        else:
            response = _refused(refusal, context)
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
        )
        return response

    def _dispatch(
        self, context: RequestContext, services: GatewayServices, bucket: str, key: str, body: bytes
    ) -> Response:
        request = context.request
        if _VERSION_2 in request.query_params:
            message = "links of signature version 2 are not taken; use Config(signature_version='s3v4')"
            raise Refusal(400, "InvalidRequest", message)
        context.access_key_id = self._verifier.verify(
            method=request.method,
            raw_path=request.scope.get("raw_path", b"/").decode("latin-1"),
            query=request.scope.get("query_string", b"").decode("latin-1"),
            headers=context.pairs,
            body=body,
            service=SERVICE,
        )
        context.caller = services.keys.caller(context.access_key_id)
        query = dict(request.query_params)
        asked = next((name for name in _SUBRESOURCES if name in query), None)
        named = _HANDLERS.get((request.method, bool(key), asked)) if bucket else _OF_ALL.get(request.method)
        if named is None:
            what = f"{request.method} {'object' if key else 'bucket'}{f'?{asked}' if asked else ''}"
            raise Refusal(501, "NotImplemented", f"openrek's S3 has no {what}; see the README for what it has")
        context.operation, handler = named
        if services.local is None:
            return _elsewhere(context, services, bucket, key, body)
        conditions = context.conditions | {"aws:RequestedRegion": services.region}
        call = Call(
            request.method,
            bucket,
            key,
            query,
            context.headers,
            body,
            context.caller,
            conditions,
            services.local,
            services.facts,
        )
        return handler(call)


def _most_bytes(context: RequestContext, services: GatewayServices) -> int:
    """What a body may have: a picture's upload, as POST /v1/uploads says, less than other objects."""
    bucket, key = split_path(context.request)
    is_upload = context.request.method == "PUT" and bucket == services.bucket and key.startswith(UPLOADS)
    return MAX_STORED_BYTES if is_upload else MAX_BODY_BYTES


def _elsewhere(context: RequestContext, services: GatewayServices, bucket: str, key: str, body: bytes) -> Response:
    """Links to read and to upload work wherever objects are kept; all else is for the place itself."""
    assert context.caller is not None
    if context.operation not in ("GetObject", "PutObject") or "x-amz-copy-source" in context.headers:
        raise Refusal(501, "NotImplemented", "objects are kept on another S3 (--s3); ask its own endpoint")
    context.caller.require(f"s3:{context.operation}", f"arn:aws:s3:::{bucket}/{key}", context.conditions)
    if context.operation == "PutObject":
        services.objects.put(bucket, key, body)
        return Response(status_code=200, headers={"etag": f'"{services.objects.head(bucket, key).etag}"'})
    stored = services.objects.get(bucket, key)
    headers = {
        "etag": f'"{stored.info.etag}"',
        "cache-control": "private, max-age=3600",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(stored.data, media_type=stored.info.content_type, headers=headers)


def _refused(refusal: Refusal, context: RequestContext) -> Response:
    content = {"Code": refusal.code, "Message": refusal.message, "RequestId": context.request_id}
    body = b"" if context.request.method == "HEAD" else xml.write("Error", content)
    return Response(body, refusal.status, media_type="application/xml")
