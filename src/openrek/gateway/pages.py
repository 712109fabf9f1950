"""The console's page, its files and its login; the API's description."""

from pathlib import Path

import orjson
from starlette.responses import RedirectResponse, Response

from openrek.gateway.browsers import scheme_of
from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError
from openrek.web.console_files import file_headers
from openrek.web.login_session import COOKIE, SESSION_SECONDS, login_token
from openrek.web.openapi import openapi_document

MAX_LOGIN_BYTES = 4096


def index(context: RequestContext, services: GatewayServices) -> Response:
    """GET /: the console."""
    return _file(context, services.static, "index.html")


def docs(context: RequestContext, services: GatewayServices) -> Response:
    """GET /docs: the API's description for people."""
    return _file(context, services.static, "docs.html")


def icon(context: RequestContext, services: GatewayServices) -> Response:
    """GET /favicon.ico, which browsers request on pages without an icon, such as an image's."""
    return _file(context, services.static, "mark.svg")


def static(context: RequestContext, services: GatewayServices) -> Response:
    """GET /console/<file>."""
    return _file(context, services.static, context.request.path_params["path"])


def openapi(context: RequestContext, services: GatewayServices) -> Response:
    """GET /openapi.json: the API's description for programs."""
    return Response(orjson.dumps(openapi_document()), media_type="application/json")


def health(context: RequestContext, services: GatewayServices) -> Response:
    """GET /health: answered only while the models are warm."""
    return Response(orjson.dumps(services.health()), media_type="application/json")


def open_link(context: RequestContext, services: GatewayServices) -> Response:
    """GET /login?key=…: trades the one-time key for a session, then shows the console either way."""
    session = services.access.redeem(context.request.query_params.get("key", ""))
    response = RedirectResponse("/", 303)
    if session is not None:
        _set_session(response, session, context, services)
    return response


def log_in(context: RequestContext, services: GatewayServices) -> Response:
    """POST /login {"token": …}: trades the token for a session."""
    if not services.access.is_token(login_token(context.body)):
        raise ApiError(401, "UnrecognizedClientException", "This is not the token in openrek's data folder.")
    response = Response(status_code=204)
    _set_session(response, services.access.new_session(), context, services)
    return response


def _set_session(response: Response, session: str, context: RequestContext, services: GatewayServices) -> None:
    secure = scheme_of(context, services) == "https"
    response.set_cookie(COOKIE, session, max_age=SESSION_SECONDS, secure=secure, httponly=True, samesite="strict")


def _file(context: RequestContext, folder: Path, name: str) -> Response:
    path = _path(folder, name)
    if path is None:
        raise ApiError(404, "NotFound", f"There is no page {name[:80]!r}.")
    data = path.read_bytes()
    headers = file_headers(name, data)
    if context.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers)


def _path(folder: Path, name: str) -> Path | None:
    """The file of this name below the folder; None without one."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # longer than names of files can be; a NUL
        return None
