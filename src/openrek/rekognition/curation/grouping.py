"""Groups of faces that are probably one person each.

Average-linkage clustering over the strongest pairs only: each face is compared with all others, but keeps its few
nearest neighbours, and two groups are merged, strongest pair first, if their faces are alike enough on average. So one
pair of similar faces does not join two people. (Mean vectors of large groups would: they all approach the mean face.)
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_NEIGHBOURS = 16
_BLOCK = 512


def group_faces(vectors: Floats, min_cosine: float) -> list[NDArray[np.intp]]:
    """Groups of two or more faces, the largest first, then in the order of their first faces.

    Time grows with the square of the number of faces, memory with the number.

    Args:
        vectors: (N, D), of length 1.
        min_cosine: Two groups are merged if the mean cosine of their pairs of faces is at least this.

    Returns:
        Positions of faces, group by group: the face nearest to the group's mean first.
    """
    ones, others, cosines = _pairs(vectors, min_cosine)
    groups = _Groups(vectors, min_cosine)
    for pair in np.argsort(-cosines, kind="stable"):
        groups.merge(int(ones[pair]), int(others[pair]))
    found = [np.array(members, np.intp) for members in groups.members if members is not None and len(members) > 1]
    found.sort(key=lambda members: (-len(members), members.min()))
    return [_by_likeness(vectors, members) for members in found]


def _pairs(vectors: Floats, min_cosine: float) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Each face with its nearest neighbours, where these are near enough."""
    count = len(vectors)
    kept = min(_NEIGHBOURS, count - 1)
    ones, others, cosines = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)], [np.zeros(0, np.float32)]
    for first in range(0, count if kept > 0 else 0, _BLOCK):
        block = vectors[first : first + _BLOCK] @ vectors.T
        rows = np.arange(len(block))
        block[rows, first + rows] = -2.0  # itself
        nearest = np.argpartition(-block, kept - 1, axis=1)[:, :kept]
        values = np.take_along_axis(block, nearest, axis=1)
        near, column = np.nonzero(values >= min_cosine)
        ones.append(near + first)
        others.append(nearest[near, column])
        cosines.append(values[near, column])
    return np.concatenate(ones), np.concatenate(others), np.concatenate(cosines)


class _Groups:
    """Disjoint groups with the sums of their vectors."""

    def __init__(self, vectors: Floats, min_cosine: float) -> None:
        self._min_cosine = min_cosine
        self._group = np.arange(len(vectors))
        self._sums = vectors.astype(np.float64)
        self.members: list[list[int] | None] = [[index] for index in range(len(vectors))]

    def merge(self, one: int, other: int) -> None:
        """Merge the groups of two faces, if they differ and are alike enough."""
        into, gone = int(self._group[one]), int(self._group[other])
        if into == gone:
            return
        kept, moved = self.members[into], self.members[gone]
        assert kept is not None
        assert moved is not None
        sums = self._sums[into], self._sums[gone]
        if sums[0] @ sums[1] < self._min_cosine * len(kept) * len(moved):
            return
        if len(kept) < len(moved):
            into, gone, kept, moved = gone, into, moved, kept
        self._group[moved] = into
        self._sums[into] = sums[0] + sums[1]
        kept += moved
        self.members[gone] = None


def _by_likeness(vectors: Floats, members: NDArray[np.intp]) -> NDArray[np.intp]:
    own = vectors[members]
    return members[np.argsort(-(own @ own.mean(axis=0)), kind="stable")]
