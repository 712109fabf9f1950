"""NextToken of a job's results: where the next page begins, for one list of one job, for 24 hours.

Tokens need not be kept secret: getting the results takes the same permission with or without one.
"""

import hashlib
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode

from openrek.errors import PaginationTokenError

_VALID_SECONDS = 24 * 3600
_CONTENT = re.compile(r"(\d{1,12})\.(\d{1,12})\.([0-9a-f]{16})")


def page_token(position: int, *scope: str, now: float | None = None) -> str:
    """A token for the page that begins at a position.

    Args:
        position: From 0.
        scope: What the token belongs to: operation, job, order.
        now: Seconds since the epoch, in place of the clock's.
    """
    issued = int(time.time() if now is None else now)
    return urlsafe_b64encode(f"{position}.{issued}.{_digest(position, issued, scope)}".encode()).decode()


def position_of(token: str, *scope: str, now: float | None = None) -> int:
    """Where the page of a token begins.

    Raises:
        PaginationTokenError: Not a token of this scope, or issued more than 24 hours ago.
    """
    try:
        content = urlsafe_b64decode(token.encode("ascii")).decode("ascii")
    except ValueError:
        content = ""
    found = _CONTENT.fullmatch(content)
    if found is None or found[3] != _digest(int(found[1]), int(found[2]), scope):
        raise PaginationTokenError(
            "NextToken was not issued for these parameters. Use the token of the page before with the same parameters."
        )
    if int(found[2]) + _VALID_SECONDS < (time.time() if now is None else now):
        raise PaginationTokenError("NextToken was issued more than 24 hours ago. Start again from the first page.")
    return int(found[1])


def _digest(position: int, issued: int, scope: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join((str(position), str(issued), *scope)).encode()).hexdigest()[:16]
