"""Downloads that resume where an earlier attempt broke off."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError, SSLError, TimeoutError
from urllib3.response import BaseHTTPResponse

from openrek.model_store.address import is_this_machine, rejection
from openrek.version import __version__

Progress = Callable[[int, int | None], None]
"""Called with the bytes received so far and the total, where known."""

TRIES = 3
"""Attempts in a row that may bring nothing new."""
_PAUSE_SECONDS = 0.2
_TIMEOUT_SECONDS = 30
_CHUNK = 1 << 18
_MAX_REDIRECTS = 10
_RESUMED, _NOT_SATISFIABLE = 206, 416


class PullError(Exception):
    """A model cannot be downloaded; the message has the reason and the fix."""


class _BrokeOffError(Exception):
    """The connection ended early."""


@dataclass(frozen=True, slots=True)
class _Body:
    """What a server announces before it sends."""

    start: int
    """Offset in the file of the first byte that follows."""
    total: int | None
    """Bytes of the whole file, where known."""


def download(url: str, target: Path, size: int | None, progress: Progress) -> None:
    """Download a file. Bytes already in `target` are taken as its beginning.

    Bytes received stay in `target` on failure, so that the next attempt resumes. Only the length is checked here;
    the caller verifies the content.

    Args:
        url: https, or http on this machine.
        target: Where to write; its folder exists.
        size: Bytes of the file, where known; more are not accepted.
        progress: Called after every chunk.

    Raises:
        PullError: The file cannot be downloaded.
        OSError: The file cannot be written.
    """
    if reason := rejection(url):
        raise PullError(reason)
    pool = _pool(url)
    furthest = _there(target)
    fruitless = 0
    while True:
        try:
            _receive(pool, url, target, size, progress)
            return
        except _BrokeOffError:
            fruitless = 0 if _there(target) > furthest else fruitless + 1
            furthest = max(furthest, _there(target))
        if fruitless >= TRIES:
            raise PullError(
                f"the connection to {urlsplit(url).netloc} broke off after {_there(target):,} bytes, again and again; "
                "what has come is kept, and the same command goes on from there"
            )
        time.sleep(_PAUSE_SECONDS * fruitless)


def _there(target: Path) -> int:
    return target.stat().st_size if target.exists() else 0


def _pool(url: str) -> urllib3.PoolManager:
    """Connections to the host, through the proxy of the environment if one is set for it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = None if is_this_machine(host) or proxy_bypass(host) else getproxies().get(parts.scheme)
    timeout = urllib3.Timeout(connect=_TIMEOUT_SECONDS, read=_TIMEOUT_SECONDS)
    return urllib3.ProxyManager(proxy, timeout=timeout) if proxy else urllib3.PoolManager(timeout=timeout)


def _receive(pool: urllib3.PoolManager, url: str, target: Path, size: int | None, progress: Progress) -> None:
    there = _there(target)
    if size is not None and there >= size:
        if there == size:
            progress(there, size)
            return
        target.unlink()
        there = 0
    headers = {"User-Agent": f"openrek/{__version__}", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    with _opened(pool, url, headers) as response:
        if response.status == _NOT_SATISFIABLE and there:
            _settle(response.headers.get("Content-Range", ""), target, there)
            return
        if response.status >= 300:
            raise PullError(_rejected(url, response.status))
        body = _body(url, response, there)
        if size is not None and body.total is not None and body.total != size:
            raise PullError(
                f"{url} has {body.total:,} bytes, but the descriptor declares {size:,}: another file; not downloaded"
            )
        _write(url, response, target, body.start, size if size is not None else body.total, progress)


@contextmanager
def _opened(pool: urllib3.PoolManager, url: str, headers: dict[str, str]) -> Iterator[BaseHTTPResponse]:
    """The response to a GET; redirects are followed to allowed addresses only."""
    for _ in range(_MAX_REDIRECTS):
        try:
            response = pool.request("GET", url, headers=headers, redirect=False, retries=False, preload_content=False)
        except (NewConnectionError, ProxyError, SSLError, TimeoutError, ConnectTimeoutError) as error:
            raise PullError(_unreachable(url, error)) from None
        except HTTPError:
            raise _BrokeOffError from None
        try:
            location = response.get_redirect_location()
            if not location:
                yield response
                return
        finally:
            response.close()
        before, url = url, urljoin(url, location)
        if reason := rejection(url, before):
            raise PullError(reason)
    raise PullError(f"{urlsplit(url).netloc} redirects more than {_MAX_REDIRECTS} times: {url}")


def _body(url: str, response: BaseHTTPResponse, there: int) -> _Body:
    length = response.headers.get("Content-Length", "")
    if response.status == _RESUMED:
        # bytes START-END/TOTAL
        span, _, total = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        start = span.partition("-")[0]
        if start != str(there):
            raise PullError(f"{url} continues at byte {start or 'unknown'}; byte {there:,} was requested")
        return _Body(there, int(total) if total.isdecimal() else None)
    # A server that cannot resume sends the whole file once more.
    return _Body(0, int(length) if length.isdecimal() else None)


def _write(
    url: str, response: BaseHTTPResponse, target: Path, start: int, total: int | None, progress: Progress
) -> None:
    there = start
    progress(there, total)
    with target.open("ab" if start else "wb") as file:
        while chunk := _read(response):
            there += len(chunk)
            if total is not None and there > total:
                file.close()
                target.unlink()
                raise PullError(f"{url} sends more than the {total:,} bytes announced; the download was deleted")
            file.write(chunk)
            progress(there, total)
    if total is not None and there < total:
        raise _BrokeOffError


def _read(response: BaseHTTPResponse) -> bytes:
    """The bytes that have arrived; empty at the end. Separate from writing: a full disk is not a broken connection."""
    try:
        return response.read1(_CHUNK)
    except (OSError, HTTPError):
        raise _BrokeOffError from None


def _settle(content_range: str, target: Path, there: int) -> None:
    """The server has nothing beyond the range: the file is complete, or the partial file belongs to another one."""
    if content_range.rpartition("/")[2] == str(there):
        return
    target.unlink()
    raise _BrokeOffError


def _rejected(url: str, code: int) -> str:
    host = urlsplit(url).netloc
    if 300 <= code < 400:
        return f"{host} redirects without an address (HTTP {code}): {url}"
    if code in (404, 410):
        return f"{host} has no such file (HTTP {code}): {url}"
    if code in (401, 403):
        return f"{host} does not allow the download (HTTP {code}): {url}"
    if code == 429:
        return f"{host} limits the number of requests (HTTP 429); try again in a while"
    return f"{host} answers HTTP {code}; try again in a while: {url}"


def _unreachable(url: str, reason: object) -> str:
    return (
        f"{urlsplit(url).netloc} cannot be reached ({reason}). Pulling needs the network; everything else works "
        "without. The same command, once online, goes on where it stopped."
    )
