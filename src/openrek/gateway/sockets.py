"""How answers leave: an answer's head and body in one packet."""

import asyncio
from typing import Any

from openrek.gateway.connections import BoundedHttp

_MAX = 64 * 1024
"""Bytes that wait at most, so that the transport's own flow control sees the rest at once."""


class Http(BoundedHttp):
    """uvicorn's HTTP, but for its two packets an answer: it writes head and body apart, a system call each."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called by the loop."""
        super().connection_made(_Gathering(transport, self.loop))

    def shutdown(self) -> None:
        """Called when the service ends: who has not sent the whole request yet is not waited for."""
        if self.cycle is not None and not self.cycle.response_complete and self.cycle.more_body:
            self.transport.close()
        else:
            super().shutdown()


class _Gathering(asyncio.Transport):
    """A transport that sends what is written within one turn of the loop together."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[Any] = []
        self._size = 0

    def write(self, data: Any) -> None:
        """Takes bytes; they leave in this turn of the loop."""
        if not self._waiting:
            self._loop.call_soon(self._send)
        self._waiting.append(data)
        self._size += len(data)
        if self._size > _MAX:
            self._send()

    def _send(self) -> None:
        if waiting := self._waiting:
            self._waiting, self._size = [], 0
            self._transport.writelines(waiting)

    def close(self) -> None:
        """Sends what waits, then closes."""
        self._send()
        self._transport.close()

    def abort(self) -> None:
        """Closes at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Of the transport."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Of the transport."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Of the transport."""
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Of the transport."""
        self._transport.set_protocol(protocol)
