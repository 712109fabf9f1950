"""The console's page, its files and its login; the API's description."""

import hashlib
import mimetypes
from pathlib import Path

import orjson
from starlette.responses import RedirectResponse, Response

from openrek.gateway.body import read_body
from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError
from openrek.web.login_session import COOKIE, SESSION_SECONDS
from openrek.web.openapi import openapi_document

_MAX_LOGIN_BYTES = 4096
# Not every system's table of media types knows these.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


async def index(context: RequestContext, services: GatewayServices) -> Response:
    """GET /: the console."""
    return _file(context, services.static, "index.html")


async def docs(context: RequestContext, services: GatewayServices) -> Response:
    """GET /docs: the API's description for people."""
    return _file(context, services.static, "docs.html")


async def icon(context: RequestContext, services: GatewayServices) -> Response:
    """GET /favicon.ico, which browsers ask for on pages that name no icon, such as a picture's."""
    return _file(context, services.static, "mark.svg")


async def static(context: RequestContext, services: GatewayServices) -> Response:
    """GET /console/<file>."""
    return _file(context, services.static, context.request.path_params["path"])


async def openapi(context: RequestContext, services: GatewayServices) -> Response:
    """GET /openapi.json: the API's description for programs."""
    return Response(orjson.dumps(openapi_document()), media_type="application/json")


async def health(context: RequestContext, services: GatewayServices) -> Response:
    """GET /health: answered only while the models are warm."""
    return Response(orjson.dumps(services.health()), media_type="application/json")


async def open_link(context: RequestContext, services: GatewayServices) -> Response:
    """GET /login?key=…: trades the one-time key for a session, then shows the console either way."""
    session = services.access.redeem(context.request.query_params.get("key", ""))
    response = RedirectResponse("/", 303)
    if session is not None:
        _set_session(response, session)
    return response


async def log_in(context: RequestContext, services: GatewayServices) -> Response:
    """POST /login {"token": …}: trades the token for a session."""
    body = await read_body(context.request, _MAX_LOGIN_BYTES)
    try:
        token = orjson.loads(body)["token"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise ApiError(400, "InvalidParameterException", 'send {"token": "…"}') from None
    if not isinstance(token, str) or not services.access.is_token(token.strip()):
        raise ApiError(401, "UnrecognizedClientException", "this is not the token in openrek's data folder")
    response = Response(status_code=204)
    _set_session(response, services.access.new_session())
    return response


def _set_session(response: Response, session: str) -> None:
    response.set_cookie(COOKIE, session, max_age=SESSION_SECONDS, httponly=True, samesite="strict")


def _file(context: RequestContext, folder: Path, name: str) -> Response:
    path = (folder / name.replace("\0", "")).resolve()
    if "\0" in name or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ApiError(404, "NotFound", f"there is no page {name[:80]!r}")
    data = path.read_bytes()
    etag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if context.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(data, media_type=kind, headers=headers)
