"""Downloading a file, going on where an earlier try broke off."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from openrek.model_store.address import is_this_machine, refusal
from openrek.version import __version__

Progress = Callable[[int, int | None], None]
"""Is told how many bytes are there, and of how many where that is known."""

TRIES = 3
"""Tries in a row that may bring nothing new."""
_PAUSE_SECONDS = 0.2
_TIMEOUT_SECONDS = 30
_CHUNK = 1 << 18
_RESUMED, _NOT_SATISFIABLE = 206, 416


class PullError(Exception):
    """A model cannot be had; the message says why and what can be done."""


class _BrokeOffError(Exception):
    """The connection ended early."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server says before it sends."""

    start: int
    """The place in the file of the first byte that comes."""
    total: int | None
    """Bytes of the whole file, where known."""


class _Redirects(HTTPRedirectHandler):
    """Follows redirects to allowed addresses only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """See HTTPRedirectHandler.redirect_request."""
        if reason := refusal(newurl, req.full_url):
            raise PullError(reason)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url: str, target: Path, size: int | None, progress: Progress) -> None:
    """Brings a file. What is in `target` already is taken as the file's beginning.

    What has come stays in `target` when this fails, so that the next try goes on from there. That the file is the
    right one is the caller's to check: nothing here is trusted but its length.

    Args:
        url: https, or http on this machine.
        target: Where to; its folder exists.
        size: Bytes of the file where known; one more is not accepted.
        progress: Is told what is there.

    Raises:
        PullError: it cannot be had.
        OSError: it cannot be written.
    """
    if reason := refusal(url):
        raise PullError(reason)
    opener = _opener(url)
    furthest = _there(target)
    fruitless = 0
    while True:
        try:
            _receive(opener, url, target, size, progress)
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


def _opener(url: str) -> OpenerDirector:
    local = is_this_machine(urlsplit(url).hostname or "")
    return build_opener(_Redirects(), *([ProxyHandler({})] if local else []))


def _receive(opener: OpenerDirector, url: str, target: Path, size: int | None, progress: Progress) -> None:
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
    try:
        with opener.open(Request(url, headers=headers), timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - checked
            answer = _answer(response, there)
            total = answer.total
            if size is not None and total is not None and total != size:
                raise PullError(
                    f"{url} has {total:,} bytes, and the descriptor says {size:,}: it is another file; not downloaded"
                )
            _write(response, target, answer.start, size if size is not None else total, progress)
    except HTTPError as error:
        with error:
            if error.code == _NOT_SATISFIABLE and there:
                _settle(error.headers.get("Content-Range", ""), target, there)
                return
            raise PullError(_said(url, error.code)) from None
    except (TimeoutError, URLError) as error:
        raise PullError(_unreachable(url, getattr(error, "reason", error))) from None
    except (HTTPException, ConnectionError):
        raise _BrokeOffError from None


def _answer(response: HTTPResponse, there: int) -> _Answer:
    length = response.headers.get("Content-Length", "")
    if response.status == _RESUMED:
        # bytes START-END/TOTAL
        span, _, total = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        start = span.partition("-")[0]
        if start != str(there):
            raise PullError(f"{response.url} goes on from byte {start or 'nowhere'} where {there:,} was asked for")
        return _Answer(there, int(total) if total.isdecimal() else None)
    # A server that cannot go on sends the whole file once more.
    return _Answer(0, int(length) if length.isdecimal() else None)


def _write(response: HTTPResponse, target: Path, start: int, total: int | None, progress: Progress) -> None:
    there = start
    progress(there, total)
    with target.open("ab" if start else "wb") as file:
        while chunk := _read(response):
            there += len(chunk)
            if total is not None and there > total:
                file.close()
                target.unlink()
                raise PullError(f"{response.url} sends more than the {total:,} bytes that were to come; thrown away")
            file.write(chunk)
            progress(there, total)
    if total is not None and there < total:
        raise _BrokeOffError


def _read(response: HTTPResponse) -> bytes:
    """What has come, a piece of it; nothing at the end. Apart from writing, as a full disk is no broken connection."""
    try:
        return response.read1(_CHUNK)
    except (OSError, HTTPException):
        raise _BrokeOffError from None


def _settle(content_range: str, target: Path, there: int) -> None:
    """Asked to go on, the server says that nothing is left: then all is there, or what is there is another file's."""
    if content_range.rpartition("/")[2] == str(there):
        return
    target.unlink()
    raise _BrokeOffError


def _said(url: str, code: int) -> str:
    host = urlsplit(url).netloc
    if 300 <= code < 400:
        return f"{host} redirects in a circle, or not to https; only https is followed (HTTP {code}): {url}"
    if code in (404, 410):
        return f"{host} has no such file (HTTP {code}): {url}"
    if code in (401, 403):
        return f"{host} does not give the file to everybody (HTTP {code}): {url}"
    if code == 429:
        return f"{host} is asked too often (HTTP 429); try again in a while"
    return f"{host} answers HTTP {code}; try again in a while: {url}"


def _unreachable(url: str, reason: object) -> str:
    return (
        f"{urlsplit(url).netloc} cannot be reached ({reason}). Pulling needs the network; everything else works "
        "without. The same command, once online, goes on where it stopped."
    )
