"""The change feed of a collection's vectors, which copies in memory follow.

A row of a face or a user has the sequence number of its latest change; a removal leaves only the number that the vector
had in an index. Sequence numbers of a collection are given out under a lock that lasts until the commit, so they
become visible in ascending order.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from openrek.db import collections, faces, snapshot, users, vector_removals

Kind = Literal["face", "user"]
_KEPT_MS = 24 * 3600 * 1000
_SEQUENCE = {"face": faces.c.number, "user": users.c.sequence}


@dataclass(frozen=True, slots=True, eq=False)
class VectorChanges:
    """Changes of vectors up to a sequence number. No number is in both arrays."""

    sequence: int
    """All changes up to this one are in effect; read on from here."""
    last: int
    """The collection's sequence number when these were read."""
    is_last: bool
    """Whether there was nothing more to read."""
    is_reset: bool
    """Whether removals may be missing: only the vectors of these and the following changes exist, others are gone."""
    numbers: NDArray[np.int64]
    """(N,): of added and changed vectors, ascending in the order of change."""
    vectors: NDArray[np.float16]
    """(N, D); (0, 0) for none."""
    removed: NDArray[np.int64]
    """(M,): numbers of vectors that are gone. Some may never have been read."""


def read_changes(
    database: Engine, kind: Kind, incarnation: int, after: int, limit: int, since: int | None = None
) -> VectorChanges:
    """What happened to a collection's vectors after a sequence number. A collection that is deleted has no changes.

    Args:
        database: The state database.
        kind: Vectors of faces, or of users.
        incarnation: Of the collection.
        after: The sequence number up to which changes are known; 0 for none.
        limit: At most about so many vectors.
        since: Where a reading from 0 takes several steps, `last` of its first step: removals before that one are
            not needed. Otherwise as `after`.
    """
    table, sequence = (faces if kind == "face" else users), _SEQUENCE[kind]
    with snapshot(database) as connection:
        bounds = connection.execute(
            select(collections.c.sequence, collections.c.horizon).where(collections.c.incarnation == incarnation)
        ).first()
        last, horizon = bounds if bounds is not None else (after, 0)
        is_reset = after > 0 and (after if since is None else since) < horizon
        if is_reset:
            after = 0
        rows = connection.execute(
            select(sequence, table.c.number, table.c.vector)
            .where(table.c.collection == incarnation, sequence > after, sequence <= last)
            .order_by(sequence)
            .limit(limit)
        ).all()
        reached = last if len(rows) < limit else rows[-1][0]
        removed = connection.execute(
            select(vector_removals.c.number)
            .where(
                vector_removals.c.collection == incarnation,
                vector_removals.c.kind == kind,
                vector_removals.c.sequence > after,
                vector_removals.c.sequence <= reached,
            )
            .order_by(vector_removals.c.sequence)
        ).all()
    present = [row for row in rows if row[2] is not None]
    gone = [row[1] for row in rows if row[2] is None] + [row[0] for row in removed]
    return VectorChanges(
        reached,
        last,
        len(rows) < limit,
        is_reset,
        np.array([row[1] for row in present], np.int64),
        np.frombuffer(b"".join([row[2] for row in present]), "<f2").reshape(len(present), -1)
        if present
        else np.zeros((0, 0), np.float16),
        np.array(gone, np.int64),
    )


def record_removals(connection: Connection, incarnation: int, first: int, kind: Kind, numbers: Sequence[int]) -> None:
    """Record that vectors are gone, and forget removals of more than a day ago.

    Args:
        connection: In the transaction that removes them.
        incarnation: Of the collection.
        first: Sequence number of the first removal; the others follow.
        kind: Vectors of faces, or of users.
        numbers: Theirs.
    """
    now = time.time_ns() // 1_000_000
    connection.execute(
        insert(vector_removals),
        [
            {"collection": incarnation, "sequence": first + index, "kind": kind, "number": number, "removed_ms": now}
            for index, number in enumerate(numbers)
        ],
    )
    own = vector_removals.c.collection == incarnation
    oldest = select(vector_removals.c.removed_ms).where(own).order_by(vector_removals.c.sequence).limit(1)
    if connection.execute(oldest).scalar_one() < now - _KEPT_MS:
        old = select(func.max(vector_removals.c.sequence)).where(own, vector_removals.c.removed_ms < now - _KEPT_MS)
        horizon = connection.execute(old).scalar_one()
        connection.execute(update(collections).where(collections.c.incarnation == incarnation).values(horizon=horizon))
        connection.execute(delete(vector_removals).where(own, vector_removals.c.sequence <= horizon))
