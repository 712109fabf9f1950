"""Answers with an object, or its head: only what is requested is read, as it is sent."""

from collections.abc import Callable, Mapping

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3.call import S3Request
from openrek.gateway.s3.conditions import is_unchanged
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.object_head import checksum_headers, headers_of, overrides
from openrek.gateway.s3.ranges import requested
from openrek.s3 import ObjectInfo, ObjectStream

# What is no larger is sent in one piece.
_AT_ONCE = 1 << 20
# How often an object may be replaced while it is looked at.
_TRIES = 20

Describe = Callable[[], ObjectInfo]
Open = Callable[[int, int], ObjectStream]
"""(start, end) → the bytes from start up to but without end."""


def get(request: S3Request, describe: Describe, open_range: Open) -> Response:
    """The answer to GetObject.

    Args:
        request: With its conditions, and its range or the number of a part.
        describe: The object's info; raises if it cannot be read.
        open_range: A range of it.
    """
    for _ in range(_TRIES):
        info = describe()
        if is_unchanged(request.headers, info):
            return _not_modified(info)
        wanted = requested(request.headers, request.query, info)
        first, last = wanted or (0, info.size_bytes - 1)
        try:
            opened = open_range(first, last + 1)
        except ObjectNotReadableError:
            continue  # deleted or shortened since: the next iteration finds that
        if opened.info.facts == info.facts and opened.info.modified_at == info.modified_at:
            return content(request, opened, wanted)
        opened.close()
    raise S3Error(503, "SlowDown", "The object is replaced too often to be read; try again.")


def content(request: S3Request, opened: ObjectStream, wanted: tuple[int, int] | None = None) -> Response:
    """An answer with an opened object.

    Args:
        request: With headers that the answer is to have.
        opened: All of it, or a range.
        wanted: First and last byte of the range, if it is one.
    """
    headers = headers_of(opened.info, opened.info.facts)
    status = 200
    if wanted is None:
        headers |= checksum_headers(request, opened.info.facts)
    else:
        status = 206
        headers["content-range"] = f"bytes {wanted[0]}-{wanted[1]}/{opened.info.size_bytes}"
    headers |= {"content-length": str(opened.end - opened.start), **overrides(request)}
    if opened.end - opened.start <= _AT_ONCE:
        return Response(b"".join(opened.chunks), status, headers)
    return StreamedObject(opened, status, headers)


class StreamedObject(StreamingResponse):
    """Reads an object as it is sent, and closes it when the client has left."""

    def __init__(self, opened: ObjectStream, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(opened.chunks, status, headers)
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._opened.close()


def head(request: S3Request, info: ObjectInfo) -> Response:
    """The answer to HeadObject: the headers that GetObject would have."""
    if is_unchanged(request.headers, info):
        return _not_modified(info)
    headers = headers_of(info, info.facts)
    wanted = requested(request.headers, request.query, info)
    first, last = wanted or (0, info.size_bytes - 1)
    if wanted is None:
        headers |= checksum_headers(request, info.facts)
    else:
        headers["content-range"] = f"bytes {first}-{last}/{info.size_bytes}"
    headers |= {"content-length": str(last + 1 - first), **overrides(request)}
    return Response(status_code=200 if wanted is None else 206, headers=headers)


def _not_modified(info: ObjectInfo) -> Response:
    return Response(status_code=304, headers={"etag": f'"{info.etag}"'})
