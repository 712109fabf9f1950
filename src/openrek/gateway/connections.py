"""What one client may take of the service: time for a request's head, progress of its body, size of its head, and a
share of the connections.

Slow clients are disconnected, so that clients that hold connections without sending do not block others.
"""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from openrek.web.request_body import COURTESY_BYTES

_MAX_CONNECTIONS = 1024
_OTHER_FILES = 128
"""File descriptors that the service needs beside its connections: models, database, objects."""
_FORBIDDEN_TRAILERS = frozenset(
    {b"host", b"authorization", b"cookie", b"origin", b"content-length", b"content-type", b"transfer-encoding"}
)
"""Fields that say how a request is to be understood; behind the body it is too late (RFC 9110, section 6.5.1)."""


def connection_limit() -> int:
    """Connections that may be open at a time: 1,024, and fewer where the system allows the process fewer files."""
    try:
        import resource
    except ImportError:  # Windows
        return _MAX_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return max(16, min(_MAX_CONNECTIONS, soft - _OTHER_FILES))


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's HTTP with deadlines and bounds. All methods are called on the event loop."""

    head_seconds: ClassVar[float] = 15.0
    """From the connection, or the first byte of a further request, to the end of the head."""
    stall_seconds: ClassVar[float] = 20.0
    """For which a body may come slower than `min_bytes_per_second`."""
    check_seconds: ClassVar[float] = 5.0
    min_bytes_per_second: ClassVar[int] = 1024
    max_head_bytes: ClassVar[int] = 64 * 1024
    max_headers: ClassVar[int] = 200
    max_connections: ClassVar[int] = connection_limit()

    drain_seconds: ClassVar[float] = 0.005
    """Between reads of a body that was refused, each of up to 256 KB."""
    draining: ClassVar["set[BoundedHttp]"] = set()
    """Connections of the process with such bodies."""

    _timer: asyncio.TimerHandle | None = None
    _resume: asyncio.TimerHandle | None = None
    _since = 0.0
    """When the current head began, or the body last came fast enough."""
    _in_head = True
    _incomplete = False
    """Whether a request has begun and is not complete."""
    _head_bytes = 0
    _body_bytes = 0
    """Of this request, in all."""
    _seen_bytes = 0
    """Likewise, at the last check."""
    _rejection: tuple[HTTPStatus, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accepts a connection, if need be in place of one that waits for its client."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._watch()
        if len(self.connections) > self.max_connections and not _make_room(self.connections, self):
            self._disconnect(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections; try again in a moment.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the watch."""
        self._unwatch()
        self.draining.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses what came."""
        if self._incomplete and not self._in_head:
            self._body_bytes += len(data)
            if self._body_bytes > COURTESY_BYTES and self.cycle.response_complete:
                self.transport.close()  # it was refused long ago
                return
        super().data_received(data)
        if self._incomplete:
            self._watch()
            if not self._in_head and self.cycle.response_complete:
                self._drain_slowly()
        else:
            self._unwatch()

    def on_message_begin(self) -> None:
        """A further request begins."""
        super().on_message_begin()
        self._incomplete = self._in_head = True
        self._since = self.loop.time()
        self._head_bytes = self._body_bytes = self._seen_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._count(len(url), HTTPStatus.REQUEST_URI_TOO_LONG)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or, after the body, a trailer, which is ignored."""
        if not self._in_head:
            if name.lower() in _FORBIDDEN_TRAILERS:
                self._reject(HTTPStatus.BAD_REQUEST, f"{name.decode('latin-1')[:40]} must not be a trailer.")
            return
        self._count(len(name) + len(value), HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if len(self.headers) >= self.max_headers:
            message = f"The request has more than {self.max_headers} headers."
            self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._in_head = False
        self._since = self.loop.time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._incomplete = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what is not HTTP, or was refused while it was parsed."""
        status, text = self._rejection or (HTTPStatus.BAD_REQUEST, msg)
        self._disconnect(status, text)

    def _unsupported_upgrade_warning(self) -> None:
        """No other protocol is supported; the request is answered as if it had no Upgrade header."""

    @property
    def waits_for_client(self) -> bool:
        """Whether nothing can be done before the client sends more: between requests, or within one."""
        return not self.transport.is_closing() and (
            self._incomplete or self.cycle is None or self.cycle.response_complete
        )

    @property
    def waiting_since(self) -> float:
        """When that began, by the loop's clock."""
        return self._since

    def give_way(self) -> None:
        """Closes the connection for another client's sake."""
        self._disconnect(HTTPStatus.REQUEST_TIMEOUT, "The connection was needed for other clients.")

    def _count(self, size: int, status: HTTPStatus) -> None:
        self._head_bytes += size
        if self._head_bytes > self.max_head_bytes:
            self._reject(status, f"The request's head has more than {self.max_head_bytes:,} bytes.")

    def _reject(self, status: HTTPStatus, message: str) -> None:
        self._rejection = (status, message)
        raise ValueError(message)  # the parser turns it into an error of its own, and ends

    def _drain_slowly(self) -> None:
        """Pauses before more is read of a body that was refused: it is read only for the client to see the answer.

        All such bodies together get the share of one, so that they take no time from other clients.
        """
        if self._resume is not None or self.transport.is_closing():
            return
        self.flow.pause_reading()
        self.draining.add(self)
        self._resume = self.loop.call_later(self.drain_seconds * len(self.draining), self._read_on)

    def _read_on(self) -> None:
        self._resume = None
        self.draining.discard(self)
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.check_seconds, self._check)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        if self.transport.is_closing() or not (self._incomplete or self.cycle is None):
            return
        now = self.loop.time()
        if self._in_head:
            if now - self._since > self.head_seconds:
                self._disconnect(HTTPStatus.REQUEST_TIMEOUT, "The request's head did not arrive in time.")
                return
        else:
            came = self._body_bytes - self._seen_bytes
            self._seen_bytes = self._body_bytes
            # While reading is paused it is the service that is not done with what came before.
            if came >= self.min_bytes_per_second * self.check_seconds or self.flow.read_paused:
                self._since = now
            if now - self._since > self.stall_seconds:
                self._disconnect(HTTPStatus.REQUEST_TIMEOUT, "The request's body arrives too slowly.")
                return
        self._watch()

    def _disconnect(self, status: HTTPStatus, message: str) -> None:
        """Closes the connection, with an answer if none has begun. The application sees that the client is gone."""
        answers = [self.cycle, *(cycle for cycle, _ in self.pipeline)]
        open_answers = [cycle for cycle in answers if cycle is not None and not cycle.response_complete]
        if not any(cycle.response_started for cycle in open_answers):
            body = message.encode("ascii", "replace")
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        for cycle in open_answers:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()


def _make_room(connections: Iterable[object], newcomer: BoundedHttp) -> bool:
    """Closes the connection that has waited longest for its client; False if none waits."""
    waiting = [
        each for each in connections if isinstance(each, BoundedHttp) and each is not newcomer and each.waits_for_client
    ]
    if not waiting:
        return False
    min(waiting, key=lambda each: each.waiting_since).give_way()
    return True
