"""Copies of collections' vectors in memory, which follow the rows of the database."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openrek.vectors.exact import ExactIndex
from openrek.vectors.index import Floats, Neighbours, Numbers, VectorIndex

_BATCH = 100_000
"""Vectors read at once: 26 MB of those with 128 dimensions."""


class Changes(Protocol):
    """Changes of a collection's vectors up to a sequence number. No number is in both arrays."""

    @property
    def sequence(self) -> int:
        """All changes up to this one are included; the next are read from here."""

    @property
    def last(self) -> int:
        """The collection's sequence number when these were read."""

    @property
    def is_last(self) -> bool:
        """Whether there were no more to read."""

    @property
    def is_reset(self) -> bool:
        """Whether removals may be missing, so that all vectors follow anew."""

    @property
    def numbers(self) -> Numbers:
        """(N,): of added and changed vectors."""

    @property
    def vectors(self) -> NDArray[np.float16]:
        """(N, D), of length 1."""

    @property
    def removed(self) -> Numbers:
        """(M,): numbers of vectors that no longer exist."""


class ChangeFeed(Protocol):
    """Reads what changed."""

    def __call__(self, collection: int, after: int, limit: int, since: int, /) -> Changes:
        """Changes after a sequence number, 0 for all, with at most about `limit` vectors.

        `since` is `last` of the first step of a reading from 0, until it is through; otherwise the same as `after`.
        Removals that are not needed since then may be missing.
        """


class VectorReplica:
    """The vectors of collections, each read when it is first searched and brought up to date before each search.

    A collection is known by a number that no other collection ever has. Safe to share between threads.

    Args:
        read: The change feed of one kind of vectors.
        new_index: Makes an empty index for vectors of a length.
    """

    def __init__(self, read: ChangeFeed, new_index: Callable[[int], VectorIndex] = ExactIndex) -> None:
        self._read = read
        self._new_index = new_index
        self._copies: dict[int, _Copy] = {}
        self._lock = threading.Lock()

    def search(self, collection: int, sequence: int, query: Floats, limit: int) -> Neighbours:
        """The vectors of a collection that are nearest to a query.

        Args:
            collection: Its number.
            sequence: Of its latest change. All changes up to this one are taken into account, perhaps later ones, too.
            query: (D,), of length 1.
            limit: At most so many.
        """
        index = self._copy(collection).up_to(sequence)
        if index is None:
            return Neighbours(np.zeros(0, np.int64), np.zeros(0, np.float32))
        return index.search(query, limit)

    def follow(self, sequences: Mapping[int, int]) -> None:
        """Bring the copies up to date, and drop those of collections that no longer exist: what was deleted elsewhere
        must not stay in this process's memory until somebody searches.

        Args:
            sequences: Sequence number of the latest change of every collection that exists.
        """
        with self._lock:
            gone = [self._copies.pop(number) for number in list(self._copies) if number not in sequences]
            copies = dict(self._copies)
        for copy in gone:
            copy.clear()
        for number, copy in copies.items():
            copy.up_to(sequences[number])

    def forget(self, collection: int) -> None:
        """Drop the copy of a collection that was deleted."""
        with self._lock:
            copy = self._copies.pop(collection, None)
        if copy is not None:
            copy.clear()

    def _copy(self, collection: int) -> "_Copy":
        with self._lock:
            if (copy := self._copies.get(collection)) is None:
                copy = self._copies[collection] = _Copy(collection, self._read, self._new_index)
            return copy


class _Copy:
    def __init__(self, collection: int, read: ChangeFeed, new_index: Callable[[int], VectorIndex]) -> None:
        self._collection = collection
        self._read = read
        self._new_index = new_index
        self._index: VectorIndex | None = None
        self._rebuilt: VectorIndex | None = None
        """Takes the index's place once it is complete."""
        self._is_rebuilding = False
        self._sequence = 0
        self._catching_up = threading.Lock()

    def up_to(self, sequence: int) -> VectorIndex | None:
        """The index with all changes up to a sequence number; None as long as there were no vectors."""
        if self._sequence < sequence:
            with self._catching_up:  # who waited for another finds the work done
                after = since = self._sequence
                while after < sequence:
                    changes = self._read(self._collection, after, _BATCH, since)
                    if changes.is_reset or not after:
                        since = changes.last
                    self._apply(changes)
                    after = changes.sequence
                    since = max(since, after)
                    if changes.is_last:
                        break
                if self._is_rebuilding:
                    self._index, self._rebuilt, self._is_rebuilding = self._rebuilt, None, False
                self._sequence = after
        return self._index

    def clear(self) -> None:
        """Remove all vectors."""
        with self._catching_up:
            self._index = None

    def _apply(self, changes: Changes) -> None:
        if changes.is_reset:
            self._is_rebuilding, self._rebuilt = True, None
        index = self._rebuilt if self._is_rebuilding else self._index
        if index is None and len(changes.numbers):
            index = self._new_index(changes.vectors.shape[1])
            if self._is_rebuilding:
                self._rebuilt = index
            else:
                self._index = index
        if index is not None:
            index.remove(changes.removed)
            index.put(changes.numbers, changes.vectors)
