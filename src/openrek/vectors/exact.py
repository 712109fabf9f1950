"""Exact search: one flat array of half floats, compared as a whole.

faiss's scalar quantizer in 16-bit floating point, with the inner product as the measure:
https://github.com/facebookresearch/faiss/wiki/Faiss-indexes
"""

from typing import Any

import numpy as np

from openrek.vectors.index import Floats, Neighbours, Numbers
from openrek.vectors.read_write_lock import ReadWriteLock

_HALF_BYTES = 2


class ExactIndex:
    """Unit vectors by number, kept as half floats. Searches run side by side; a change waits for them, and they for it.

    A removed vector is overwritten with zeros at once.

    Args:
        length: Of the vectors.
    """

    def __init__(self, length: int) -> None:
        import faiss  # here, because it takes a fifth of a second, and the function on AWS goes without

        self._faiss = faiss
        self._length = length
        self._index = faiss.IndexScalarQuantizer(length, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self._numbers = np.zeros(0, np.int64)
        """By row; rows beyond the index's are spare."""
        self._highest = -1
        """No number was ever higher."""
        self._lock = ReadWriteLock()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def nbytes(self) -> int:
        """See `VectorIndex.nbytes`."""
        return len(self) * (self._length * _HALF_BYTES + self._numbers.itemsize)

    def put(self, numbers: Numbers, vectors: Floats) -> None:
        """See `VectorIndex.put`."""
        if not len(numbers):
            return
        if vectors.shape != (len(numbers), self._length):
            raise ValueError(f"the vectors are {vectors.shape}, not ({len(numbers)}, {self._length})")
        halves = np.ascontiguousarray(vectors, "<f2")
        with self._lock.write():
            if int(numbers.min()) <= self._highest:  # most changes are additions, whose numbers are above all others
                numbers, halves = self._replace(numbers, halves)
            self._append(numbers, halves)

    def remove(self, numbers: Numbers) -> None:
        """See `VectorIndex.remove`."""
        if not len(numbers):
            return
        with self._lock.write():
            rows = self._rows_of(numbers)
            codes = self._codes()
            last = len(self)
            for row in rows[::-1]:
                last -= 1  # the last row fills the gap
                codes[row] = codes[last]
                self._numbers[row] = self._numbers[last]
                codes[last] = 0
            del codes  # the array it shows is about to change
            self._index.codes.resize(last * self._length * _HALF_BYTES)
            self._index.ntotal = last

    def search(self, query: Floats, limit: int) -> Neighbours:
        """See `VectorIndex.search`."""
        if query.shape != (self._length,):
            raise ValueError(f"the query is {query.shape}, not ({self._length},)")
        single = np.ascontiguousarray(query, np.float32)[None]
        with self._lock.read():
            count = min(limit, len(self))
            if count < 1:
                return Neighbours(np.zeros(0, np.int64), np.zeros(0, np.float32))
            self._faiss.omp_set_num_threads(1)  # of this thread; many searches keep the cores busy without more threads
            cosines, rows = self._index.search(single, count)
            numbers = self._numbers[rows[0]]
        order = np.lexsort((numbers, -cosines[0]))
        return Neighbours(numbers[order], cosines[0][order])

    def _replace(self, numbers: Numbers, halves: Floats) -> tuple[Numbers, Floats]:
        """Replace the vectors whose numbers are known, and return the others."""
        rows = self._rows_of(numbers)
        place = {int(number): index for index, number in enumerate(numbers)}
        known = [place[int(number)] for number in self._numbers[rows]]
        self._codes()[rows] = halves[known].view(np.uint8)
        new = np.ones(len(numbers), bool)
        new[known] = False
        return numbers[new], halves[new]

    def _append(self, numbers: Numbers, halves: Floats) -> None:
        if not len(numbers):
            return
        count = len(self)
        if (needed := count + len(numbers)) > len(self._numbers):
            grown = np.zeros(max(needed, 2 * len(self._numbers)), np.int64)
            grown[:count] = self._numbers[:count]
            self._numbers = grown
        self._numbers[count:needed] = numbers
        self._highest = max(self._highest, int(numbers.max()))
        # A code of this index is the vector in half floats, byte for byte.
        self._index.add_sa_codes(np.ascontiguousarray(halves).view(np.uint8))

    def _rows_of(self, numbers: Numbers) -> "np.ndarray[Any, np.dtype[np.intp]]":
        return np.flatnonzero(np.isin(self._numbers[: len(self)], numbers))

    def _codes(self) -> "np.ndarray[Any, np.dtype[np.uint8]]":
        """(N, bytes a vector): the index's own memory, valid until its size changes."""
        codes = self._index.codes
        flat = self._faiss.rev_swig_ptr(codes.data(), codes.size()) if codes.size() else np.zeros(0, np.uint8)
        return np.asarray(flat).reshape(-1, self._length * _HALF_BYTES)
