"""Conditions of a request on what is stored: If-Match, If-Modified-Since and their opposites.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from openrek.gateway.s3.errors import S3Error
from openrek.s3 import ObjectInfo


def is_unchanged(headers: Mapping[str, str], info: ObjectInfo) -> bool:
    """Whether the caller has the object already. Of ETag and time the ETag decides.

    Raises:
        S3Error: they want it only as it no longer is.
    """
    modified_at = info.modified_at.replace(microsecond=0)
    wanted, not_since = headers.get("if-match"), _time("if-unmodified-since", headers)
    if wanted is not None:
        if not names(wanted, info.etag):
            raise S3Error(412, "PreconditionFailed", "the object is not the one that If-Match names")
    elif not_since is not None and modified_at > not_since:
        raise S3Error(412, "PreconditionFailed", "the object was modified after If-Unmodified-Since")
    known, since = headers.get("if-none-match"), _time("if-modified-since", headers)
    if known is not None:
        return names(known, info.etag)
    return since is not None and modified_at <= since


def names(condition: str, etag: str) -> bool:
    """Whether a condition's list of ETags, quoted or not, has this one."""
    named = [each.strip().removeprefix("W/").strip('"') for each in condition.split(",")]
    return "*" in named or etag.strip('"') in named


def _time(name: str, headers: Mapping[str, str]) -> datetime | None:
    """The time in a header; None for no header.

    Raises:
        S3Error: it is not a time.
    """
    value = headers.get(name)
    if value is None:
        return None
    try:
        time = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        raise S3Error(400, "InvalidArgument", f"{name}: {value[:40]!r} is not a valid HTTP date.") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
