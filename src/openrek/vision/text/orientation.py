"""Which way lines are read: along the image or turned, decided by what reads better."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import Reading

TRUSTED = 0.75
"""Lines of one axis that read this well together are read the right way round."""
SURE = 0.9
"""A standing line that reads this well is."""
LYING, DOWN, OVER, UP = range(4)
"""Quarter turns clockwise of a line as it is read: as lines lie, from the top down, upside down, from below up."""

_LONG = 1.5
_SAMPLE = 3
_BETTER = 0.1
_MIN_BETTER = 0.6
# Characters in a stretch of a line as long as it is high, at the least; CJK has one, Latin two.
_DENSITY = 0.8

Floats = NDArray[np.float32]


def standing(quads: Floats) -> NDArray[np.bool_]:
    """(N,): which of (N, 4, 2) lines, corners from the top left in the image, run along its height.

    Those about as high as wide, a letter or two, run as most of the image's text does.
    """
    widths, heights = _sides(quads)
    upright = heights >= _LONG * widths
    lying = widths >= _LONG * heights
    sideways = heights[upright].sum() > widths[lying].sum()
    return np.asarray(~lying if sideways else upright)


def turned(quad: Floats, quarters: int) -> Floats:
    """(4, 2): the corners from the line's own top left, if it is turned by so many quarters clockwise."""
    return np.ascontiguousarray(np.roll(quad, -quarters, axis=0))


def stubby(quad: Floats) -> bool:
    """Whether a line is so short that it may be a single letter."""
    widths, heights = _sides(quad[None])
    return float(max(widths[0], heights[0]) / max(1, min(widths[0], heights[0]))) < 2 * _LONG


def longest(quads: Floats) -> list[int]:
    """Indices of the few most informative lines, by the length of their text; none of a letter or two."""
    lengths = _lengths(quads)
    return [index for index in np.argsort(-lengths, kind="stable")[:_SAMPLE].tolist() if lengths[index] >= _LONG]


def score(reading: Reading, quad: Floats) -> float:
    """How well a line reads, 0 to 1: how sure, and how much of the line's length has become characters.

    A line upside down is often read surely where letters look alike that way round, with gaps in between.
    """
    count = sum(not character.isspace() for character in reading.text)
    return reading.confidence * min(1.0, count / (_DENSITY * float(_lengths(quad[None])[0])))


def together(scores: Sequence[float], quads: Floats) -> float:
    """The scores' mean, by the lines' lengths."""
    return float(np.average(scores, weights=np.maximum(_lengths(quads), 0.5)))


def reversed_is_better(as_is: float, other: float) -> bool:
    """Whether lines are to be read the other way round, by how the same ones read together either way."""
    return other > max(_MIN_BETTER, as_is + _BETTER)


def _sides(quads: Floats) -> tuple[Floats, Floats]:
    """Widths and heights, (N,) each, by the longer of two opposite sides."""
    sides = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=2)
    return np.maximum(sides[:, 0], sides[:, 2]), np.maximum(sides[:, 1], sides[:, 3])


def _lengths(quads: Floats) -> Floats:
    """(N,): longer over shorter side."""
    widths, heights = _sides(quads)
    return np.asarray(np.maximum(widths, heights) / np.maximum(1, np.minimum(widths, heights)), np.float32)
