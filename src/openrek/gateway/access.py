"""Authentication for the REST API and the console: the token, or the session of a browser that logged in."""

import secrets
import threading
import time
from collections.abc import Mapping

from openrek.web.api_error import ApiError
from openrek.web.login_session import COOKIE, Sessions

_LINK_SECONDS = 15 * 60


class Access:
    """Checks tokens, session cookies and one-time links."""

    def __init__(self, token: str) -> None:
        self._sessions = Sessions.of_key(token)
        self._links: dict[str, float] = {}
        self._lock = threading.Lock()

    def new_link_key(self) -> str:
        """A key that logs in one browser, once, within 15 minutes."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._links[key] = time.monotonic() + _LINK_SECONDS
        return key

    def redeem(self, key: str) -> str | None:
        """A session for a link's key; None if the key is unknown, used or expired."""
        with self._lock:
            expires = self._links.pop(key, None)
        return self.new_session() if expires is not None and time.monotonic() < expires else None

    def new_session(self) -> str:
        """Value of a session cookie."""
        return self._sessions.new_session()

    def is_token(self, token: str) -> bool:
        """Whether this is the token, in constant time."""
        return self._sessions.is_key(token)

    def check(self, headers: Mapping[str, str], cookies: Mapping[str, str], foreign: bool) -> None:
        """Returns if the request bears the token or a session.

        Args:
            headers: With lower-case names.
            cookies: By name.
            foreign: Whether a page of another origin sent it: a session does not count then.

        Raises:
            ApiError: 401, saying how to authenticate.
        """
        authorization = headers.get("authorization", "")
        if self._sessions.is_bearer(authorization):
            return
        if not foreign and self._sessions.is_session(cookies.get(COOKIE, "")):
            return
        if authorization[:7].lower() == "bearer ":
            raise ApiError(
                401,
                "UnrecognizedClientException",
                "The bearer token is not the token of this service, which is in the file `token` in openrek's data "
                "folder.",
            )
        raise ApiError(
            401,
            "MissingAuthenticationTokenException",
            "Send `Authorization: Bearer <token>` with the token from the file `token` in openrek's data folder, "
            "or open the console with the one-time link that `openrek serve` prints.",
        )
