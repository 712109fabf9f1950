"""The order in which lines are read."""

import numpy as np
from numpy.typing import NDArray

_SAME_ROW = 0.5
_COLUMN_LINES = 3
"""So many lines make a column."""
_LINE_OF_COLUMN = 6.0
"""A column's lines are this many times as long as high; those of a table seldom are."""
_GUTTER = 0.7
"""Width of the space between columns, in heights of a line."""
_LEVEL = np.deg2rad(3)
"""Lines that are turned by less than this are level: they may be so by chance, and rows need not slant with them."""
_ACROSS = 0.25
"""Of the lines, at most these may run across both columns: headings."""

Floats = NDArray[np.float32]


def reading_order(quads: Floats) -> NDArray[np.intp]:
    """Places of (N, 4, 2) lines, corners as read, in the order of reading.

    From the top to the bottom and from the left to the right as the text itself is turned, and one column after the
    other where lines stand in columns.
    """
    if not len(quads):
        return np.zeros(0, np.intp)
    level = quads @ _turn(quads)
    low, high = level.min(axis=1), level.max(axis=1)
    return np.array(_Page(low, high).columns(list(range(len(quads)))), np.intp)


def _turn(quads: Floats) -> Floats:
    """(2, 2), to multiply from the right: makes level what most of the text's length runs along."""
    along = (quads[:, 1] - quads[:, 0]) + (quads[:, 2] - quads[:, 3])
    angles = np.arctan2(along[:, 1], along[:, 0])
    quarters = np.round(angles / (np.pi / 2)).astype(int) % 4
    lengths = np.linalg.norm(along, axis=1)
    dominant = int(np.argmax([lengths[quarters == quarter].sum() for quarter in range(4)]))
    x, y = along[quarters == dominant].sum(axis=0, dtype=np.float64)
    angle = float(np.arctan2(y, x))
    level = dominant * np.pi / 2
    slant = (angle - level + np.pi) % (2 * np.pi) - np.pi
    turn = level if abs(slant) < _LEVEL else angle
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)


class _Page:
    """Lines as upright boxes."""

    def __init__(self, low: Floats, high: Floats) -> None:
        self._left, self._right = low[:, 0], high[:, 0]
        self._middles = (low + high) / 2
        self._widths, self._heights = high[:, 0] - low[:, 0], np.maximum(high[:, 1] - low[:, 1], 1)

    def columns(self, indices: list[int]) -> list[int]:
        """The lines in order: above each one that runs across the columns, the left column, then the right one."""
        gutter = self._gutter(indices)
        if gutter is None:
            return self._rows(indices)
        across = sorted(
            (index for index in indices if self._left[index] < gutter < self._right[index]),
            key=lambda index: float(self._middles[index, 1]),
        )
        order: list[int] = []
        rest = [index for index in indices if index not in across]
        for heading in (*across, None):
            above = [index for index in rest if heading is None or self._middles[index, 1] < self._middles[heading, 1]]
            rest = [index for index in rest if index not in above]
            order += self.columns([index for index in above if self._right[index] <= gutter])
            order += self.columns([index for index in above if self._left[index] >= gutter])
            order += [] if heading is None else [heading]
        return order

    def _gutter(self, indices: list[int]) -> float | None:
        """Where two columns part, if they do: what fewest lines run across, and the widest such space."""
        if len(indices) < 2 * _COLUMN_LINES:
            return None
        height = float(np.median(self._heights[indices]))
        best: tuple[int, float] | None = None
        found = None
        for edge in np.unique(self._right[indices]).tolist():
            gutter = edge + height * _GUTTER / 2
            left = [index for index in indices if self._right[index] <= gutter]
            right = [index for index in indices if self._left[index] >= gutter]
            across = len(indices) - len(left) - len(right)
            if across > _ACROSS * len(indices) or not (self._is_column(left) and self._is_column(right)):
                continue
            end = float(self._right[left].max())
            space = float(self._left[right].min()) - end
            narrow = space < _GUTTER * height or not self._side_by_side(left, right)
            if not narrow and (best is None or (across, -space) < best):
                best, found = (across, -space), end + space / 2
        return found

    def _is_column(self, indices: list[int]) -> bool:
        return (
            len(indices) >= _COLUMN_LINES
            and float(np.median(self._widths[indices] / self._heights[indices])) >= _LINE_OF_COLUMN
        )

    def _side_by_side(self, left: list[int], right: list[int]) -> bool:
        """Whether one stands beside the other rather than above it."""
        tops = [float(self._middles[side, 1].min()) for side in (left, right)]
        ends = [float(self._middles[side, 1].max()) for side in (left, right)]
        shorter = min(end - top for top, end in zip(tops, ends, strict=True))
        return min(ends) - max(tops) >= shorter / 2

    def _rows(self, indices: list[int]) -> list[int]:
        """From the top to the bottom, those side by side from the left to the right."""
        order: list[int] = []
        row: list[int] = []
        for index in sorted(indices, key=lambda index: float(self._middles[index, 1])):
            if row and self._middles[index, 1] - self._middles[row[0], 1] > _SAME_ROW * min(
                self._heights[row[0]], self._heights[index]
            ):
                order += sorted(row, key=lambda member: float(self._middles[member, 0]))
                row = []
            row.append(index)
        return order + sorted(row, key=lambda member: float(self._middles[member, 0]))
