"""Where an image is worth a closer look for small text, and how a look is divided into runs of bounded size."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

CANDIDATE = 0.07
"""Probability from which the first look hints at text: far lower than it takes to call something a line."""
LARGE = 64
"""Pixels of a line's height from which no closer look is needed."""
_MARGIN = 20
# Two regions are looked at in one run if that costs at most so many pixels more: a run has costs of its own.
_SPARED = 3000
_CLOSER = 1.15
_BUDGET = 2_000_000
_RUN_PIXELS = 640_000
_STRIP_MARGIN = 48

Floats = NDArray[np.float32]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image that is worth a closer look."""

    box: Box
    """left, top, right, bottom in pixels of the first look."""
    factor: float
    """How many times closer; above 1."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of a look, along its longer side."""

    first: int
    last: int
    """From here on it counts as text."""
    start: int
    end: int
    """From here up to there it is looked at: text that the part's ends would cut is seen whole."""


def regions(probability: Floats, quads: Floats, max_scale: float) -> tuple[Floats, list[Region]]:
    """The lines that were seen well enough, (M, 4, 2), and the parts of the image that hint at smaller text.

    Args:
        probability: (H, W) of the first look.
        quads: (N, 4, 2): lines that it saw, in its pixels.
        max_scale: How many times closer a look can be, at most.
    """
    heights = line_heights(quads)
    well = heights * _CLOSER >= LARGE
    mask = (probability > CANDIDATE).astype(np.uint8)
    for quad in quads[well]:
        cv2.fillConvexPoly(mask, quad.round().astype(np.int32), 0)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = _joined([_within(_wider(x, y, w, h), *probability.shape) for x, y, w, h, _ in stats[1:count].tolist()])
    middles = quads.mean(axis=1)
    found = []
    for box in boxes:
        here = ((middles >= box[:2]) & (middles < box[2:])).all(axis=1) & ~well
        found.append(
            Region(box, float(np.clip(LARGE / heights[here].min(), 1, max_scale)) if here.any() else max_scale)
        )
    closer = _affordable(found)
    missed = [box for box in boxes if all(region.box != box for region in closer)]
    for box in missed:
        well |= ((middles >= box[:2]) & (middles < box[2:])).all(axis=1)
    return quads[well], closer


def line_heights(quads: Floats) -> Floats:
    """(N,): the shorter sides of (N, 4, 2) rectangles."""
    sides = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=2)
    return np.asarray(np.maximum(sides[:, :2].min(axis=1), 1), np.float32)


def without_repeats(looks: Sequence[Floats]) -> Floats:
    """The lines of all looks, (N, 4, 2) each, without what another look saw in full: the same line, or cut.

    Lines of one look may lie in one another: small print within a curved heading's rectangle.
    """
    quads = np.concatenate(looks)
    look = np.repeat(np.arange(len(looks)), [len(found) for found in looks])
    areas = np.array([cv2.contourArea(quad) for quad in quads])
    low, high = quads.min(axis=1), quads.max(axis=1)
    kept: list[int] = []
    for index in np.argsort(-areas, kind="stable").tolist():
        rivals = [
            other
            for other in kept
            if look[other] != look[index] and (low[other] < high[index]).all() and (low[index] < high[other]).all()
        ]
        if all(cv2.intersectConvexConvex(quads[index], quads[other])[0] < areas[index] / 2 for other in rivals):
            kept.append(index)
    return quads[sorted(kept)]


def strips(height: int, width: int) -> list[Strip]:
    """Parts of a look along its longer side, to be run side by side; one for all of it where that is small."""
    length = max(height, width)
    count = -(-height * width // _RUN_PIXELS)
    edges = [round(length * index / count) for index in range(count + 1)]
    return [
        Strip(first, last, max(0, first - _STRIP_MARGIN), min(length, last + _STRIP_MARGIN))
        for first, last in pairwise(edges)
    ]


def _affordable(found: list[Region]) -> list[Region]:
    """All of them less close, where they would cost too much together; none that is then hardly closer."""
    cost = sum(_area(region.box) * region.factor**2 for region in found)
    less = min(1.0, (_BUDGET / cost) ** 0.5) if cost else 1.0
    return [Region(one.box, one.factor * less) for one in found if one.factor * less >= _CLOSER]


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """The boxes, those that overlap or nearly do as one."""
    joined: list[Box] = []
    for box in boxes:
        whole = box
        while (index := next((n for n, other in enumerate(joined) if _cheaper_as_one(whole, other)), None)) is not None:
            whole = _around(whole, joined.pop(index))
        joined.append(whole)
    return joined


def _cheaper_as_one(one: Box, other: Box) -> bool:
    return _area(_around(one, other)) <= _area(one) + _area(other) + _SPARED


def _around(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _wider(left: int, top: int, width: int, height: int) -> Box:
    return left - _MARGIN, top - _MARGIN, left + width + _MARGIN, top + height + _MARGIN


def _within(box: Box, height: int, width: int) -> Box:
    return max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
