"""Who may use the REST API: the bearer of the key, or a browser that showed it once."""

import hashlib
import hmac
import time

COOKIE = "openrek_session"
SESSION_SECONDS = 30 * 86_400


class Sessions:
    """Checks keys and session cookies, knowing only the key's hash.

    A session is `<expiry>.<HMAC-SHA256 of it under the hash>`: nothing to store, and a new key ends all sessions.

    Args:
        key_sha256: SHA-256 of the key, hexadecimal. A key is random and long, so that its hash tells nothing of it.
    """

    def __init__(self, key_sha256: str) -> None:
        self._hash = key_sha256.lower()

    @classmethod
    def of_key(cls, key: str) -> "Sessions":
        """Of a key that is known."""
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
        """Whether a cookie's value is a session that goes on."""
        expiry, _, signature = value.partition(".")
        return (
            expiry.isascii()
            and expiry.isdigit()
            and hmac.compare_digest(signature.encode(), self._sign(expiry).encode())
            and int(expiry) > time.time()
        )

    def _sign(self, expiry: str) -> str:
        return hmac.new(self._hash.encode(), b"session:" + expiry.encode(), hashlib.sha256).hexdigest()
