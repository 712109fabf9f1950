"""Authentication for the REST API: the key as a bearer token, or the session cookie of a browser that logged in."""

import hashlib
import hmac
import time

import orjson

from openrek.web.api_error import ApiError

COOKIE = "openrek_session"
SESSION_SECONDS = 30 * 86_400


def login_token(body: bytes) -> str:
    """The token in the body of POST /login: {"token": "…"}.

    Raises:
        ApiError: 400, the body is something else.
    """
    try:
        token = orjson.loads(body)["token"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        token = None
    if not isinstance(token, str):
        raise ApiError(400, "InvalidParameterException", 'Send {"token": "…"}.')
    return token.strip()


class Sessions:
    """Checks keys and session cookies, knowing only the key's hash.

    A session is `<expiry>.<HMAC-SHA256 of it under the hash>`: nothing to store, and a new key ends all sessions.

    Args:
        key_sha256: SHA-256 of the key, hexadecimal. A key is random and long, so its hash reveals nothing of it.
    """

    def __init__(self, key_sha256: str) -> None:
        self._hash = key_sha256.lower()

    @classmethod
    def of_key(cls, key: str) -> "Sessions":
        """Sessions for a known key."""
        return cls(hashlib.sha256(key.encode()).hexdigest())

    def is_key(self, key: str) -> bool:
        """Whether this is the key, in constant time."""
        return hmac.compare_digest(hashlib.sha256(key.encode()).hexdigest(), self._hash)

    def is_bearer(self, authorization: str) -> bool:
        """Whether an Authorization header bears the key."""
        scheme, _, key = authorization.partition(" ")
        return scheme.lower() == "bearer" and self.is_key(key.strip())

    def new_session(self) -> str:
        """Value of a session cookie."""
        expiry = str(int(time.time()) + SESSION_SECONDS)
        return f"{expiry}.{self._sign(expiry)}"

    def is_session(self, value: str) -> bool:
        """Whether a cookie's value is a session that has not expired."""
        expiry, _, signature = value.partition(".")
        return (
            expiry.isascii()
            and expiry.isdigit()
            and hmac.compare_digest(signature.encode(), self._sign(expiry).encode())
            and int(expiry) > time.time()
        )

    def _sign(self, expiry: str) -> str:
        return hmac.new(self._hash.encode(), b"session:" + expiry.encode(), hashlib.sha256).hexdigest()
