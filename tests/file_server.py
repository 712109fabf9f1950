"""A server of files on this machine, with the manners and the ill manners of real ones."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class FileServer:
    """Serves `files` by path; the other fields make it misbehave."""

    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    """Whether it can send part of a file."""
    break_after: int | None = None
    """Bytes of each answer after which it hangs up."""
    length: bool = True
    """Whether it says how much comes."""
    status: int = 200
    """What it answers instead of the file."""
    stall: threading.Event | None = None
    """Waited for after the first half of each answer."""
    requested: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range of each request."""
    halfway: threading.Event = field(default_factory=threading.Event)
    """Set once half of an answer is sent."""

    def __enter__(self) -> "FileServer":
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.stall is not None:
            self.stall.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        span = request.headers.get("Range", "")
        self.requested.append((request.path, span))
        request.close_connection = True
        if request.path in self.redirects:
            request.send_response(302)
            request.send_header("Location", self.redirects[request.path])
            request.end_headers()
            return
        whole = self.files.get(request.path)
        if whole is None or self.status != 200:
            request.send_error(404 if whole is None else self.status)
            return
        start = int(span.removeprefix("bytes=").rstrip("-")) if span and self.ranges else 0
        if span and self.ranges and start >= len(whole):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(whole)}")
            request.end_headers()
            return
        body = whole[start:]
        request.send_response(206 if span and self.ranges else 200)
        if span and self.ranges:
            request.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        if self.length:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        body = body if self.break_after is None else body[: self.break_after]
        try:
            request.wfile.write(body[: len(body) // 2])
            request.wfile.flush()
            self.halfway.set()
            if self.stall is not None:
                self.stall.wait(30)
            request.wfile.write(body[len(body) // 2 :])
        except OSError:  # the other side has gone
            pass
