"""The console on AWS: its pages, and the login.

Locally the gateway serves the console. On AWS the function serves the few pages, from `web/` in the bucket; scripts,
styles and icons come from the bucket through CloudFront, under addresses that change with their content.
"""

import base64
import time
from typing import Any

from openrek.errors import ObjectNotReadableError
from openrek.s3 import ObjectStore
from openrek.web.api_error import ApiError
from openrek.web.console_files import file_headers
from openrek.web.lambda_event import Event, body_of, cookies_of, origin_of
from openrek.web.login_session import COOKIE, SESSION_SECONDS, Sessions, login_token
from openrek.web.origin import netloc_of
from openrek.web.security_headers import security_headers

PREFIX = "web/"
_FRESH_SECONDS = 60.0
_LOCAL_ASSETS = b'"/console/'
_PAGES = {"GET /": "index.html", "GET /docs": "docs.html", "GET /openapi.json": "openapi.json"}


class Web:
    """Pages, files and the login.

    Args:
        objects: Where the files are.
        bucket: Likewise.
        sessions: Of the key; None where an identity provider's tokens are checked instead.
        bucket_origin: What browsers load images from and put them to, as "https://b.s3.eu-west-1.amazonaws.com/".
        assets_origin: Where scripts, styles and icons are, as "https://d111111abcdef8.cloudfront.net".
    """

    def __init__(
        self,
        objects: ObjectStore,
        bucket: str,
        sessions: Sessions | None,
        bucket_origin: str,
        assets_origin: str = "",
    ) -> None:
        self._objects = objects
        self._bucket = bucket
        self._sessions = sessions
        self._files: dict[str, tuple[float, bytes]] = {}
        self._assets = assets_origin
        self._headers = security_headers(bucket_origin, https=True, assets_origin=assets_origin)

    def answer(self, event: Event) -> dict[str, Any] | None:
        """The response to a request for the console; None for any other request.

        Raises:
            Problem: 404 for a file that is not there, 401 for a login with another key.
        """
        route = event.get("routeKey", "")
        if route == "POST /login":
            return self._log_in(event)
        if route == "GET /health":
            return self._response(200, b'{"status":"ok"}', "application/json")
        if route in _PAGES:
            return self._page(event, _PAGES[route])
        return None

    def _page(self, event: Event, name: str) -> dict[str, Any]:
        data = self._read(name)
        if self._assets and name.endswith(".html"):
            data = data.replace(_LOCAL_ASSETS, f'"{self._assets}/'.encode())
        headers = file_headers(name, data)
        if (event.get("headers") or {}).get("if-none-match") == headers["etag"]:
            return self._response(304, b"", "", headers)
        return self._response(200, data, "", headers)

    def _read(self, name: str) -> bytes:
        known = self._files.get(name)
        if known is None or known[0] < time.monotonic():
            try:
                data = self._objects.get(self._bucket, PREFIX + name).data
            except ObjectNotReadableError:
                raise ApiError(404, "NotFound", f"there is no page {name[:80]!r}") from None
            known = self._files[name] = (time.monotonic() + _FRESH_SECONDS, data)
        return known[1]

    def _log_in(self, event: Event) -> dict[str, Any]:
        key = login_token(body_of(event))
        if self._sessions is None:
            message = "this deployment takes an identity provider's tokens in the Authorization header, no key"
            raise ApiError(401, "UnrecognizedClientException", message)
        if not self._sessions.is_key(key):
            raise ApiError(401, "UnrecognizedClientException", "this is not the key that openrek deploy printed")
        cookie = (
            f"{COOKIE}={self._sessions.new_session()}; Max-Age={SESSION_SECONDS}; Path=/; "
            "HttpOnly; Secure; SameSite=Strict"
        )
        return self._response(204, b"", "", {"set-cookie": cookie})

    def _response(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        typed = {"content-type": kind} if kind else {}
        return {
            "statusCode": status,
            "headers": {**self._headers, **typed, **(headers or {})},
            "body": base64.b64encode(data).decode(),
            "isBase64Encoded": True,
        }


def is_welcome(event: Event, sessions: Sessions) -> bool:
    """Whether a request bears the key or a session; a session does not count for another site's page (CSRF).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
    """
    headers = event.get("headers") or {}
    if sessions.is_bearer(headers.get("authorization", "")):
        return True
    origin = headers.get("origin")
    # An API of Amazon's has one scheme, https.
    if origin is not None and netloc_of(origin) != netloc_of(origin_of(event)):
        return False
    return sessions.is_session(cookies_of(event).get(COOKIE, ""))
