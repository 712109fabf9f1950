"""Names of analyses, and numbers of rows that are never used again."""

import hashlib
import re
import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that reads as another
_TIME_BITS = 50
_RANDOM_BITS = 80
_LENGTH = (_TIME_BITS + _RANDOM_BITS) // 5
_DAY_MICROSECONDS = 86_400_000_000
_PATTERN = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def new_identifier() -> str:
    """A fresh name: 26 letters and digits, unguessable, and ascending from the newest to the oldest.

    Object stores list keys in ascending order only. Counting time downwards makes that order newest first, so a page
    of history is one listing, here and on S3. Microseconds keep the order of images that arrive together.
    """
    return _identifier(time.time_ns() // 1_000, secrets.randbits(_RANDOM_BITS))


def identifier_of(moment: datetime, *what: str) -> str:
    """The name of what happened at a moment: the same for the same, ordered as `new_identifier` does.

    An event that is delivered twice names one analysis.
    """
    digest = hashlib.sha256("\0".join(what).encode()).digest()
    return _identifier(int(moment.timestamp() * 1e6), int.from_bytes(digest[: _RANDOM_BITS // 8]))


def moment_of(identifier: str) -> datetime:
    """When the name was made, or what it names happened, UTC. Encoded modulo 35 years; the latest match."""
    number = 0
    for character in identifier[: _TIME_BITS // 5]:
        number = number << 5 | _ALPHABET.index(character)
    microseconds = (1 << _TIME_BITS) - 1 - number
    latest = time.time_ns() // 1_000 + _DAY_MICROSECONDS  # another machine's clock may be ahead
    turns = (latest - microseconds) >> _TIME_BITS
    return datetime.fromtimestamp((microseconds + (turns << _TIME_BITS)) / 1e6, UTC)


def _identifier(microseconds: int, rest: int) -> str:
    descending = (1 << _TIME_BITS) - 1 - microseconds % (1 << _TIME_BITS)
    number = descending << _RANDOM_BITS | rest
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_identifier(text: str) -> bool:
    """Whether the text can be the name of an analysis."""
    return _PATTERN.fullmatch(text) is not None


_NUMBER_RANDOM_BITS = 12


def new_number() -> int:
    """A fresh number of 63 bits: the microsecond, then 12 random bits. Later ones are larger, and none comes again."""
    return time.time_ns() // 1_000 << _NUMBER_RANDOM_BITS | secrets.randbits(_NUMBER_RANDOM_BITS)
