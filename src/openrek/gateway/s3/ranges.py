"""Ranges of objects: which bytes a Range or the number of a part names."""

import re
from collections.abc import Mapping

from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.numbers import whole_number
from openrek.s3 import ObjectInfo

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")


def requested(headers: Mapping[str, str], query: Mapping[str, str], info: ObjectInfo) -> tuple[int, int] | None:
    """First and last byte that a Range or a part's number names; None for all of them.

    Several ranges, or another unit than bytes, are answered with the whole object, as in S3.

    Raises:
        S3Error: there are no such bytes, or no such part.
    """
    header = headers.get("range")
    if "partNumber" not in query:
        is_one = header is not None and header.startswith("bytes=") and "," not in header
        return _range(header or "", info.size_bytes) if is_one else None
    number = whole_number(query["partNumber"], "partNumber", 1, 10_000)
    if header is not None:
        raise S3Error(400, "InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
    sizes = [part.size_bytes for part in info.facts.parts] or [info.size_bytes]
    if number > len(sizes):
        raise S3Error(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
    first = sum(sizes[: number - 1])
    return (first, first + sizes[number - 1] - 1) if info.size_bytes else None


def _range(raw: str, size: int) -> tuple[int, int]:
    """First and last byte.

    Raises:
        S3Error: the range is not one of bytes, or lies behind the end.
    """
    positions = _RANGE.fullmatch(raw)
    if positions is None or positions.groups() == ("", ""):
        raise S3Error(416, "InvalidRange", f"Range is {raw[:40]!r}; it must be bytes=FIRST-LAST, FIRST- or -LENGTH.")
    start, end = (_position(text) for text in positions.groups())
    if start is None:
        first, last = max(0, size - (end or 0)), size - 1
    else:
        first, last = start, size - 1 if end is None else min(end, size - 1)
    if first > last:
        raise S3Error(416, "InvalidRange", f"The requested range {raw[:60]} is not satisfiable: {size:,} bytes.")
    return first, last


def _position(digits: str) -> int | None:
    """A position, of whatever length; no object reaches those that are cut."""
    return min(int(digits[-5000:].lstrip("0")[:19] or "0"), 10**18) if digits else None
