"""A request's body, read under a limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import Executor
from typing import Any, Protocol

from openrek.web.api_error import ApiError

# A client that is cut off while it sends sees a broken connection, not our answer. Somewhat too large bodies are
# therefore read to their end, kept nowhere, before they are refused.
COURTESY_BYTES = 64 * 1024 * 1024

# So many bytes of a body go to its sink at once.
_PIECE_BYTES = 1024 * 1024

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""The next event of a request (ASGI): "http.request" with a part of the body, or "http.disconnect"."""


class BodyTooLarge(Exception):
    """The body has more bytes than the request may have."""

    def __init__(self, size: int, max_bytes: int) -> None:
        super().__init__(f"{size:,} bytes, at most {max_bytes:,} are allowed")
        self.size, self.max_bytes = size, max_bytes


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


class BodySink(Protocol):
    """Takes a body that is too large for memory, piece by piece. The methods may block and are called in threads, one
    after the other."""

    def begin(self) -> None:
        """Called before anything is read. Raises to refuse the body."""

    def write(self, data: bytes) -> None:
        """The next bytes."""

    def end(self) -> None:
        """Called once all was written."""

    def close(self) -> None:
        """Called when the request is answered, however it went."""


def declared_length(headers: Mapping[str, str]) -> int | None:
    """Bytes that Content-Length announces; None without one.

    Raises:
        ApiError: 400 for a value that is not a number.
    """
    text = headers.get("content-length")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ApiError(400, "InvalidParameterException", f"Content-Length is {text[:20]!r}; it must be a whole number")
    return int(text)


async def read_body(receive: Receive, max_bytes: int) -> bytes:
    """The body, at most `max_bytes`.

    Raises:
        BodyTooLarge: it has more; up to 64 MiB of it were read and dropped.
        ClientGone: the connection ended first.
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = event.get("body", b"")
        more = event.get("more_body", False)
        size += len(chunk)
        if size > max(COURTESY_BYTES, max_bytes):
            raise BodyTooLarge(size, max_bytes)
        if size <= max_bytes:
            chunks.append(chunk)
        else:
            chunks.clear()
    if size > max_bytes:
        raise BodyTooLarge(size, max_bytes)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def stream_body(receive: Receive, max_bytes: int, sink: BodySink, executor: Executor) -> None:
    """Hands the body to a sink, some of it at a time.

    Raises:
        BodyTooLarge: it has more than `max_bytes`.
        ClientGone: the connection ended first.
    """
    run = asyncio.get_running_loop().run_in_executor
    await run(executor, sink.begin)
    size = 0
    more = True
    while more:
        pieces: list[bytes] = []
        held = 0
        while more and held < _PIECE_BYTES:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ClientGone
            pieces.append(event.get("body", b""))
            held += len(pieces[-1])
            more = event.get("more_body", False)
        size += held
        if size > max_bytes:
            raise BodyTooLarge(size, max_bytes)
        await run(executor, sink.write, b"".join(pieces))
    await run(executor, sink.end)
