"""Optimal assignment: the Hungarian algorithm with shortest augmenting paths.

R. Jonker, A. Volgenant: A shortest augmenting path algorithm for dense and sparse linear assignment problems, 1987.
"""

import numpy as np
from numpy.typing import NDArray


def assign(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column) of a matrix, (N, M), that are the cheapest in sum: each row and each column at most once, and
    as many pairs as the shorter side is long. By ascending rows. Takes time with the cube of the sides.

    Raises:
        ValueError: a cost is not finite.
    """
    if not np.isfinite(costs).all():
        raise ValueError("costs must be finite")
    rows, columns = costs.shape
    if rows > columns:
        return sorted((row, column) for column, row in assign(costs.T))
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    row_of = np.full(columns, -1)
    for row in range(rows):
        _augment(costs, row, row_price, column_price, row_of)
    return sorted((int(row_of[column]), int(column)) for column in np.flatnonzero(row_of >= 0))


def _augment(
    costs: NDArray[np.float64],
    row: int,
    row_price: NDArray[np.float64],
    column_price: NDArray[np.float64],
    row_of: NDArray[np.int64],
) -> None:
    """Gives a row its column, and other rows other columns where that is cheaper."""
    columns = costs.shape[1]
    shortest = np.full(columns, np.inf)
    before = np.full(columns, -1)
    done = np.zeros(columns, np.bool_)
    current, length, last = row, 0.0, -1
    while True:
        reduced = length + costs[current] - row_price[current] - column_price
        shorter = ~done & (reduced < shortest)
        shortest[shorter] = reduced[shorter]
        before[shorter] = last
        last = int(np.argmin(np.where(done, np.inf, shortest)))
        length = float(shortest[last])
        done[last] = True
        if row_of[last] < 0:
            break
        current = int(row_of[last])
    passed = done & (row_of >= 0)
    row_price[row] += length
    row_price[row_of[passed]] += length - shortest[passed]
    column_price[passed] -= length - shortest[passed]
    while last >= 0:
        previous = int(before[last])
        row_of[last] = row if previous < 0 else row_of[previous]
        last = previous
