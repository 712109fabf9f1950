"""Shared objects: `GET /<bucket>/<key>` with S3's expiring, presigned links."""

import asyncio
from xml.sax.saxutils import escape

from starlette.responses import Response

from openrek.errors import InvalidS3ObjectException, OpenrekError
from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.iam import Verifier
from openrek.s3 import StoredObject

_DOWNLOAD_QUERY = "response-content-disposition"


class SharedObjects:
    """Serves what a valid link names; errors in S3's XML."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def __call__(self, context: RequestContext, services: GatewayServices) -> Response:
        """The object, or 403 for a link that is not valid any more, or 404."""
        request = context.request
        path: str = request.path_params["path"]
        bucket, _, key = path.partition("/")
        try:
            self._verifier.verify(
                method=request.method,
                raw_path=request.scope.get("raw_path", b"/").decode("latin-1"),
                query=request.scope.get("query_string", b"").decode("latin-1"),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                body=b"",
                service="s3",
            )
        except OpenrekError as error:
            return _error(403, "AccessDenied", error.message, context)
        try:
            stored = await asyncio.get_running_loop().run_in_executor(
                services.executor, services.objects.get, bucket, key
            )
        except InvalidS3ObjectException as error:
            return _error(404, "NoSuchKey", error.message, context)
        return _object(stored, request.query_params.get(_DOWNLOAD_QUERY))


def _object(stored: StoredObject, disposition: str | None) -> Response:
    info = stored.info
    headers = {
        "etag": f'"{info.etag}"',
        "last-modified": info.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "cache-control": "private, max-age=3600",
        # A stored file is a picture or JSON, never a page of ours: no script in it may run in our origin.
        "content-security-policy": "default-src 'none'; sandbox",
    }
    if disposition:
        headers["content-disposition"] = disposition
    return Response(stored.data, media_type=info.content_type, headers=headers)


def _error(status: int, code: str, message: str, context: RequestContext) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{context.request_id}</RequestId></Error>"
    )
    return Response(body, status, media_type="application/xml")
