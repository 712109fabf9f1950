from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openrek.state.vector_changes import VectorChanges
from openrek.vectors import VectorReplica

LENGTH = 16


def unit(seed: int) -> NDArray[np.float16]:
    values = np.random.default_rng(seed).standard_normal(LENGTH)
    return (values / np.linalg.norm(values)).astype(np.float16)


@dataclass
class Rows:
    """A database of one kind of vectors, whose batches are as small as they can be."""

    batch: int = 2
    sequence: int = 0
    horizon: int = 0
    present: dict[int, tuple[int, NDArray[np.float16]]] = field(default_factory=dict)
    removals: dict[int, int] = field(default_factory=dict)
    reads: int = 0

    def put(self, number: int, seed: int) -> int:
        self.sequence += 1
        self.present[number] = (self.sequence, unit(seed))
        return self.sequence

    def remove(self, number: int) -> int:
        self.sequence += 1
        del self.present[number]
        self.removals[self.sequence] = number
        return self.sequence

    def forget_removals(self) -> None:
        self.removals.clear()
        self.horizon = self.sequence

    def __call__(self, collection: int, after: int, limit: int, since: int) -> VectorChanges:
        self.reads += 1
        assert self.reads < 100, "reading never ends"
        is_reset = after > 0 and since < self.horizon
        after = 0 if is_reset else after
        later = sorted((at, number) for number, (at, _) in self.present.items() if at > after)
        rows = later[: self.batch]
        is_last = len(rows) < self.batch
        reached = self.sequence if is_last else rows[-1][0]
        removed = [number for at, number in self.removals.items() if after < at <= reached]
        vectors = [self.present[number][1] for _, number in rows]
        return VectorChanges(
            reached,
            self.sequence,
            is_last,
            is_reset,
            np.array([number for _, number in rows], np.int64),
            np.array(vectors, np.float16).reshape(len(rows), LENGTH),
            np.array(removed, np.int64),
        )


def nearest(replica: VectorReplica, rows: Rows, seed: int, sequence: int | None = None) -> list[int]:
    result = replica.search(1, rows.sequence if sequence is None else sequence, unit(seed).astype(np.float32), 3)
    return [int(number) for number, cosine in zip(result.numbers, result.cosines, strict=True) if cosine > 0.99]


def test_a_search_sees_every_change_before_it() -> None:
    rows = Rows()
    replica = VectorReplica(rows)
    assert nearest(replica, rows, 1) == []
    for number in range(7):
        rows.put(number, number)
    assert [nearest(replica, rows, number) for number in range(7)] == [[number] for number in range(7)]
    rows.remove(3)
    rows.put(5, 55)
    assert nearest(replica, rows, 3) == []
    assert nearest(replica, rows, 5) == []
    assert nearest(replica, rows, 55) == [5]


def test_rows_are_read_only_when_something_changed() -> None:
    rows = Rows()
    replica = VectorReplica(rows)
    rows.put(1, 1)
    nearest(replica, rows, 1)
    reads = rows.reads
    for _ in range(5):
        assert nearest(replica, rows, 1) == [1]
    assert rows.reads == reads


def test_a_copy_that_lags_behind_forgotten_removals_is_read_anew() -> None:
    rows = Rows()
    replica = VectorReplica(rows)
    for number in range(5):
        rows.put(number, number)
    assert nearest(replica, rows, 4) == [4]
    rows.remove(4)
    rows.forget_removals()
    rows.put(9, 9)
    assert nearest(replica, rows, 4) == []
    assert nearest(replica, rows, 9) == [9]
    assert nearest(replica, rows, 0) == [0]


def test_deleted_collections_leave_no_copy() -> None:
    rows = Rows()
    replica = VectorReplica(rows)
    rows.put(1, 1)
    assert nearest(replica, rows, 1) == [1]
    replica.follow({})
    reads = rows.reads
    assert nearest(replica, rows, 1) == [1]  # read anew: nothing of it was kept
    assert rows.reads > reads
    replica.forget(1)
    reads = rows.reads
    nearest(replica, rows, 1)
    assert rows.reads > reads


def test_following_removes_vectors_without_a_search() -> None:
    rows = Rows()
    replica = VectorReplica(rows)
    rows.put(1, 1)
    rows.put(2, 2)
    nearest(replica, rows, 1)
    rows.remove(1)
    replica.follow({1: rows.sequence})
    reads = rows.reads
    assert nearest(replica, rows, 1) == []
    assert rows.reads == reads


def test_a_collection_whose_removals_are_forgotten_is_read_in_several_steps() -> None:
    rows = Rows()
    for number in range(9):
        rows.put(number, number)
    rows.remove(8)
    rows.forget_removals()
    replica = VectorReplica(rows)
    assert [nearest(replica, rows, number) for number in range(9)] == [[number] for number in range(8)] + [[]]
