"""Who may use the REST API and the console: the bearer of the token, or a browser that opened the one-time link."""

import hashlib
import hmac
import secrets
import threading
import time

from starlette.requests import Request

from openrek.function.problem import Problem

COOKIE = "openrek_session"
SESSION_SECONDS = 30 * 86_400
_LINK_SECONDS = 15 * 60


class Access:
    """Checks tokens, session cookies and one-time links.

    A session is `<expiry>.<HMAC-SHA256 of it under the token>`: nothing to store, and a new token ends all sessions.
    """

    def __init__(self, token: str) -> None:
        self._token = token
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
        expiry = str(int(time.time()) + SESSION_SECONDS)
        return f"{expiry}.{self._sign(expiry)}"

    def is_token(self, token: str) -> bool:
        """Whether this is the token, in constant time."""
        return hmac.compare_digest(token.encode(), self._token.encode())

    def check(self, request: Request) -> None:
        """Lets the request pass if it bears the token or a session.

        Raises:
            Problem: 401, saying how to authenticate.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(token.strip()):
            return
        if self._is_session(request.cookies.get(COOKIE, "")):
            return
        raise Problem(
            401,
            "MissingAuthenticationTokenException",
            "send `Authorization: Bearer <token>` with the token from the file `token` in openrek's data folder, "
            "or open the console by the one-time link that `openrek serve` printed",
        )

    def _is_session(self, value: str) -> bool:
        expiry, _, signature = value.partition(".")
        return (
            expiry.isascii()
            and expiry.isdigit()
            and hmac.compare_digest(signature.encode(), self._sign(expiry).encode())
            and int(expiry) > time.time()
        )

    def _sign(self, expiry: str) -> str:
        return hmac.new(self._token.encode(), b"session:" + expiry.encode(), hashlib.sha256).hexdigest()
