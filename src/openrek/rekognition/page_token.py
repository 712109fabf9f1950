"""NextToken: where the next page of a list begins. Opaque to clients, and valid for 24 hours for the same list."""

import base64
import hashlib
import struct
import time

from openrek.errors import PaginationTokenError

MAX_AGE_SECONDS = 24 * 3600
_MAX_CHARACTERS = 255
_ISSUED = struct.Struct(">I")
_DIGEST_BYTES = 6


def issue_token(position: bytes, *scope: object) -> str:
    """A token of at most 255 characters.

    Args:
        position: The key of the last item of the page before; at most 193 bytes.
        scope: What the list is of: the operation, the collection, the filters. The token is valid for no other.
    """
    return _issue(position, scope, int(time.time()))


def read_token(token: str, *scope: object) -> bytes:
    """The position that a token was issued for.

    Raises:
        PaginationTokenError: It was not issued for this list, or more than 24 hours ago.
    """
    for decode in (base64.urlsafe_b64decode, base64.b85decode):
        try:
            content = decode(token.encode("ascii"))
        except ValueError:
            continue
        if len(content) < _ISSUED.size + _DIGEST_BYTES:
            continue
        (issued,) = _ISSUED.unpack_from(content)
        position = content[_ISSUED.size + _DIGEST_BYTES :]
        # Compared as a whole: of base64, several texts have the same content.
        if token != _issue(position, scope, issued):
            continue
        if time.time() - issued > MAX_AGE_SECONDS:
            raise PaginationTokenError("NextToken was issued more than 24 hours ago. Start from the first page.")
        return position
    raise PaginationTokenError("NextToken was not issued for this request. Start from the first page.")


def issue_number_token(number: int, *scope: object) -> str:
    """A token whose position is a number of at most 63 bits."""
    return issue_token(number.to_bytes(8, "big"), *scope)


def read_number_token(token: str | None, *scope: object) -> int:
    """The number that a token was issued for; 0 without a token, or for an empty one, which means the first page.

    Raises:
        PaginationTokenError: See `read_token`.
    """
    return int.from_bytes(read_token(token, *scope), "big") if token else 0


def _issue(position: bytes, scope: tuple[object, ...], issued: int) -> str:
    stamp = _ISSUED.pack(issued)
    digest = hashlib.sha256(repr((scope, stamp, position)).encode()).digest()[:_DIGEST_BYTES]
    content = stamp + digest + position
    token = base64.urlsafe_b64encode(content).decode("ascii")
    return token if len(token) <= _MAX_CHARACTERS else base64.b85encode(content).decode("ascii")
