"""REST routes of videos: send one, follow its analysis, read what was found when, play it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import IO, Any

import orjson
from starlette.responses import Response, StreamingResponse

from openrek.function.video_library import VideoLibrary
from openrek.gateway.context import RequestContext
from openrek.gateway.routes import Handler, Route, RunsOn
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.ranges import requested
from openrek.gateway.s3.reading import StreamedObject
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError
from openrek.web.query import printable, whole_number

MAX_VIDEO_BYTES = 10 * 1024**3
_PAGE_LIMIT, _PAGE_DEFAULT = 100, 24
_LONGEST_MS = 7 * 3600 * 1000
_JSON_BYTES = 64 * 1024
_POLL_SECONDS = 0.5
_VIDEO = "/v1/videos/{id}"

Answer = Callable[[RequestContext, GatewayServices], Response]


def video_routes() -> list[Route]:
    """All of them."""
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/v1/videos", _list),
        ("GET", _VIDEO, _read),
        ("DELETE", _VIDEO, _delete),
        ("POST", f"{_VIDEO}/cancel", _cancel),
        ("GET", f"{_VIDEO}/findings", _findings),
        ("GET", f"{_VIDEO}/events", _events),
        ("GET", f"{_VIDEO}/content", _content),
    ]
    return [
        Route("POST", "/v1/videos", _create, RunsOn.THREAD, max_body_bytes=MAX_VIDEO_BYTES, spools=True),
        *(Route(method, path, handle, RunsOn.THREAD) for method, path, handle in table),
    ]


class Spool:
    """Takes a body to a file. See BodySink."""

    def __init__(self, library: VideoLibrary) -> None:
        self._library = library
        self.file: IO[bytes] | None = None

    def begin(self) -> None:
        """See BodySink.begin."""
        self.file = self._library.spool()

    def write(self, data: bytes) -> None:
        """See BodySink.write."""
        assert self.file is not None
        self.file.write(data)

    def end(self) -> None:
        """See BodySink.end."""

    def close(self) -> None:
        """See BodySink.close."""
        if self.file is not None:
            self.file.close()


def _create(context: RequestContext, services: GatewayServices) -> Response:
    """POST /v1/videos: the video itself, or JSON that names an object."""
    assert isinstance(context.sink, Spool)
    file = context.sink.file
    assert file is not None
    analyses = [name for name in context.request.query_params.get("analyses", "").split(",") if name]
    content_type = context.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        place = _place(file)
        state = services.videos.create_from(place["bucket"], place["key"], analyses)
    elif content_type.startswith("multipart/"):
        raise ApiError(415, "InvalidParameterException", "Send the video itself as the body, not a form.")
    else:
        state = services.videos.create(file, analyses)
    return _json(state, 201, {"location": f"/v1/videos/{state['id']}"})


def _place(file: IO[bytes]) -> dict[str, str]:
    file.seek(0)
    try:
        content = orjson.loads(file.read(_JSON_BYTES))
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(content.get(name), str) for name in ("bucket", "key")):
        raise ApiError(400, "InvalidParameterException", "The body must be a JSON object with bucket and key.")
    return content


def _list(context: RequestContext, services: GatewayServices) -> Response:
    query = context.request.query_params
    limit = whole_number(query.get("limit"), "limit", 1, _PAGE_LIMIT, _PAGE_DEFAULT)
    videos, following = services.videos.page(limit, printable(query.get("before"), "before"))
    return _json({"videos": videos, "next": following})


def _read(context: RequestContext, services: GatewayServices) -> Response:
    return _json(services.videos.read(_id(context)))


def _delete(context: RequestContext, services: GatewayServices) -> Response:
    services.videos.delete(_id(context))
    return Response(status_code=204)


def _cancel(context: RequestContext, services: GatewayServices) -> Response:
    return _json(services.videos.cancel(_id(context)))


def _findings(context: RequestContext, services: GatewayServices) -> Response:
    """GET …/findings?analysis=faces&from_ms=0&to_ms=5000&step_ms=40."""
    query = context.request.query_params
    start = whole_number(query.get("from_ms"), "from_ms", 0, _LONGEST_MS, 0)
    end = whole_number(query.get("to_ms"), "to_ms", 0, _LONGEST_MS, start + 10_000)
    step = whole_number(query.get("step_ms"), "step_ms", 0, 60_000, 0)
    return _json(services.videos.findings(_id(context), query.get("analysis", "labels"), start, end, step))


def _events(context: RequestContext, services: GatewayServices) -> Response:
    """GET …/events: the state as server-sent events, whenever it changes, until the analysis has ended.

    https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    read = partial(services.videos.read, _id(context))
    state = read()

    async def events() -> AsyncIterator[bytes]:
        current: dict[str, Any] = state
        yield _event(current)
        while current["state"] == "in_progress":
            await asyncio.sleep(_POLL_SECONDS)
            try:
                latest = await asyncio.get_running_loop().run_in_executor(services.executor, read)
            except Exception:
                return  # it was deleted, or the service ends
            if latest != current:
                current = latest
                yield _event(current)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _event(state: dict[str, Any]) -> bytes:
    return b"event: state\ndata: " + orjson.dumps(state) + b"\n\n"


def _content(context: RequestContext, services: GatewayServices) -> Response:
    """GET …/content: the video, or a range of it."""
    bucket, key = services.videos.place(_id(context))
    info = services.objects.head(bucket, key)
    try:
        wanted = requested(context.headers, {}, info)
    except S3Error as error:
        raise ApiError(416, error.code, error.message, {"content-range": f"bytes */{info.size_bytes}"}) from None
    first, last = wanted or (0, info.size_bytes - 1)
    opened = services.objects.open(bucket, key, start=first, end=last + 1)
    headers = {
        "content-type": "video/mp4",
        "accept-ranges": "bytes",
        "content-length": str(opened.end - opened.start),
        "cache-control": "private, no-store",
        **({"content-range": f"bytes {first}-{last}/{info.size_bytes}"} if wanted else {}),
    }
    return StreamedObject(opened, 206 if wanted else 200, headers)


def _id(context: RequestContext) -> str:
    value: str = context.request.path_params["id"]
    return value


def _json(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
