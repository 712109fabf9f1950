"""Results of jobs, as objects of the system's own bucket: lists in pieces of 1000, each order written once."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from openrek.s3 import ObjectStore

PIECE = 1000
"""Results of one object."""


@dataclass(frozen=True, slots=True)
class Written:
    """A list that was written."""

    count: int
    """Of its results."""
    starts: list[int]
    """Timestamp of the first result of each piece."""


def job_prefix(job: str) -> str:
    """Where everything of a job lies."""
    return f"jobs/{job}/"


def write_results(
    objects: ObjectStore, bucket: str, job: str, kind: str, order: tuple[str, bool], items: Iterable[dict[str, Any]]
) -> Written:
    """Write a list. Writing the same list again changes nothing."""
    count, starts = 0, []
    iterator = iter(items)
    for number in range(1 << 31):
        piece = list(islice(iterator, PIECE))
        if not piece:
            break
        objects.put(bucket, _key(job, kind, order, number), orjson.dumps(piece, option=orjson.OPT_SERIALIZE_NUMPY))
        count += len(piece)
        starts.append(piece[0].get("Timestamp", 0))
    return Written(count, starts)


def read_results(
    objects: ObjectStore, bucket: str, job: str, kind: str, order: tuple[str, bool], start: int, count: int
) -> list[dict[str, Any]]:
    """At most `count` results of a list from a position on."""
    found: list[dict[str, Any]] = []
    for number in range(start // PIECE, (start + count - 1) // PIECE + 1):
        found += orjson.loads(objects.get(bucket, _key(job, kind, order, number)).data)
    skipped = start % PIECE
    return found[skipped : skipped + count]


def _key(job: str, kind: str, order: tuple[str, bool], number: int) -> str:
    sort, joined = order
    return f"{job_prefix(job)}results/{kind}/{sort.lower()}{'-joined' if joined else ''}/{number:06}.json"
