"""Which bucket names and keys exist at all.

Rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and …/object-keys.html.
"""

import re

from openrek.errors import ObjectNotReadableError

_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_MAX_KEY_BYTES = 1024


def check_bucket(bucket: str) -> str:
    """The bucket's name, if S3 allows it.

    Raises:
        ObjectNotReadableError: it is not a valid bucket name; the message states the rule.
    """
    if not _BUCKET.fullmatch(bucket):
        raise ObjectNotReadableError(
            f"{bucket[:80]!r} is not a bucket name: 3 to 63 characters of a-z, 0-9, '.' and '-', "
            "beginning and ending with a letter or digit"
        )
    return bucket


def check_key(key: str) -> str:
    """The object's key, if S3 allows it.

    Raises:
        ObjectNotReadableError: it is not a valid key; the message states the rule.
    """
    try:
        size = len(key.encode())
    except UnicodeEncodeError:  # half a character, as only a program in this process can hand over
        size = 0
    if not 1 <= size <= _MAX_KEY_BYTES:
        raise ObjectNotReadableError(f"an object key has 1 to {_MAX_KEY_BYTES} bytes of UTF-8")
    return key
