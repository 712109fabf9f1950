"""Which bucket names and keys exist at all.

Rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and …/object-keys.html.
"""

import re

from openrek.errors import InvalidS3ObjectException

_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_KEY_BYTES = 1024
# File systems take 255 bytes a name; a write under way has some characters more.
_MAX_PART_BYTES = 240


def check_bucket(bucket: str) -> str:
    """The bucket's name, if S3 allows it.

    Raises:
        InvalidS3ObjectException: it is no bucket name; the message states the rule.
    """
    if not _BUCKET.fullmatch(bucket):
        raise InvalidS3ObjectException(
            f"{bucket[:80]!r} is not a bucket name: 3 to 63 characters of a-z, 0-9, '.' and '-', "
            "beginning and ending with a letter or digit"
        )
    return bucket


def check_key(key: str) -> str:
    """The object's key, if it can be stored.

    Keys are kept as paths, so the few that S3 allows and a path cannot express (empty, '.' or '..' segments)
    are refused rather than changed.

    Raises:
        InvalidS3ObjectException: it is no key we can keep; the message states the rule.
    """
    try:
        size = len(key.encode())
    except UnicodeEncodeError:  # half a character, as only a program in this process can hand over
        size = 0
    if not 1 <= size <= _MAX_KEY_BYTES:
        raise InvalidS3ObjectException(f"an object key has 1 to {_MAX_KEY_BYTES} bytes of UTF-8")
    if any(len(segment.encode()) > _MAX_PART_BYTES for segment in key.split("/")):
        raise InvalidS3ObjectException(f"each part of a key between slashes has at most {_MAX_PART_BYTES} bytes here")
    if _CONTROL.search(key):
        raise InvalidS3ObjectException(f"{key[:80]!r} cannot be an object key here: no control characters")
    if any(segment in ("", ".", "..") for segment in key.split("/")) or "\\" in key:
        raise InvalidS3ObjectException(
            f"{key[:80]!r} cannot be an object key here: no empty, '.' or '..' part between slashes, no backslash"
        )
    return key
