"""Names of analyses."""

import re
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that reads as another
_TIME_BITS = 50
_RANDOM_BITS = 80
_LENGTH = (_TIME_BITS + _RANDOM_BITS) // 5
_PATTERN = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def new_identifier() -> str:
    """A fresh name: 26 letters and digits, unguessable, and ascending from the newest to the oldest.

    Object stores list keys in ascending order only. Counting time downwards makes that order newest first, so a page
    of history is one listing, here and on S3. Microseconds keep the order of pictures that arrive together.
    """
    now = time.time_ns() // 1_000
    descending = (1 << _TIME_BITS) - 1 - now % (1 << _TIME_BITS)
    number = descending << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_identifier(text: str) -> bool:
    """Whether the text can be the name of an analysis."""
    return _PATTERN.fullmatch(text) is not None
