"""The interface of an index of vectors."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The vectors nearest to a query, nearest first. Among equal cosines, the lower number comes first."""

    numbers: Numbers
    """(N,)"""
    cosines: NDArray[np.float32]
    """(N,): of the angle to the query, -1 to 1."""


class VectorIndex(Protocol):
    """Unit vectors by number. Safe to share between threads."""

    def __len__(self) -> int:
        """How many vectors there are."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the vectors and their numbers take."""

    def put(self, numbers: Numbers, vectors: Floats) -> None:
        """Add vectors, and replace those whose numbers are known.

        Args:
            numbers: (N,), each once.
            vectors: (N, D), of length 1.

        Raises:
            ValueError: The vectors have another length than those of the index.
        """

    def remove(self, numbers: Numbers) -> None:
        """Remove vectors, from memory too. Unknown numbers are ignored."""

    def search(self, query: Floats, limit: int) -> Neighbours:
        """The vectors nearest to a query.

        Args:
            query: (D,), of length 1.
            limit: At most so many.

        Raises:
            ValueError: The query has another length than the vectors.
        """
