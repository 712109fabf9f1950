"""Analyses from one object store to another: whole ones, again and again without harm."""

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import orjson

from openrek.errors import ObjectNotReadableError
from openrek.s3 import ObjectInfo, ObjectStore

_PREFIX = "analyses/"
_RESULT = "result.json"
# What S3 gives an object that was put in one request and is encrypted with S3's own keys.
_MD5 = re.compile(r"[0-9a-f]{32}")
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket somewhere."""

    objects: ObjectStore
    bucket: str
    to_be_made: bool = False
    """Whether there is no such bucket yet, and a dry run only reckons with it."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was done, or with `dry_run` would be, for one analysis."""

    identifier: str
    outcome: Literal["copied", "same", "incomplete"]
    """`incomplete` ones have no result at the source: nothing shows them, and they are not copied."""
    size_bytes: int = 0
    """Bytes copied."""


def identifiers(location: Location) -> list[str]:
    """Names of the analyses, complete or not.

    Raises:
        ObjectNotReadableError: there is no such bucket.
    """
    return location.objects.folders(location.bucket, _PREFIX)


def copy_analyses(
    source: Location, destination: Location, names: list[str], *, dry_run: bool = False
) -> Iterator[Copied]:
    """Copies what the destination lacks, several analyses at once; yields each when it is done.

    An analysis's result comes last, so that whatever breaks off leaves no half analysis that anybody sees. The bucket
    that the result names becomes the destination's. Nothing is removed anywhere.
    """

    def copied(name: str) -> Copied:
        return _copy(source, destination, name, dry_run=dry_run)

    with ThreadPoolExecutor(_AT_ONCE, "sync") as executor:
        yield from executor.map(copied, names)


def _copy(source: Location, destination: Location, name: str, *, dry_run: bool) -> Copied:
    prefix = f"{_PREFIX}{name}/"
    keys = source.objects.keys(source.bucket, prefix)
    result_key = prefix + _RESULT
    if result_key not in keys:
        return Copied(name, "incomplete")
    result = _moved(source.objects.get(source.bucket, result_key).data, source.bucket, destination.bucket)
    copied = 0
    for key in keys:
        if key != result_key and not _is_there(source, destination, key):
            data = source.objects.get(source.bucket, key).data
            copied += len(data)
            if not dry_run:
                destination.objects.put(destination.bucket, key, data)
    there = _head(destination, result_key)
    if copied or there is None or not _matches(destination, there, result):
        copied += len(result)
        if not dry_run:
            destination.objects.put(destination.bucket, result_key, result)
    return Copied(name, "copied" if copied else "same", copied)


def _moved(result: bytes, source: str, destination: str) -> bytes:
    """The result with its objects in the other bucket; the same bytes where that changes nothing."""
    if source == destination:
        return result
    fields = orjson.loads(result)
    for location in fields["objects"].values():
        location["bucket"] = destination
    return orjson.dumps(fields, option=orjson.OPT_INDENT_2)


def _is_there(source: Location, destination: Location, key: str) -> bool:
    there = _head(destination, key)
    if there is None:
        return False
    here = source.objects.head(source.bucket, key)
    if here.size_bytes != there.size_bytes:
        return False
    sums = [_MD5.fullmatch(info.etag) is not None for info in (here, there)]
    if all(sums):
        return here.etag == there.etag
    if sums[1]:
        return _md5(source.objects.get(source.bucket, key).data) == there.etag
    return not sums[0] or _md5(destination.objects.get(destination.bucket, key).data) == here.etag


def _matches(location: Location, there: ObjectInfo, data: bytes) -> bool:
    if there.size_bytes != len(data):
        return False
    if _MD5.fullmatch(there.etag):
        return there.etag == _md5(data)
    return location.objects.get(location.bucket, there.key).data == data


def _head(location: Location, key: str) -> ObjectInfo | None:
    if location.to_be_made:
        return None
    try:
        return location.objects.head(location.bucket, key)
    except ObjectNotReadableError as error:
        if "there is no object" in error.message:
            return None
        raise


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
