"""Boxes between two looks at a video: which box of one is which of the next, and where it is meanwhile."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MIN_OVERLAP = 0.2
"""Intersection over union at which two boxes of one name are taken for the same thing."""
_MAX_GAP = 1.6
"""Looks further apart than so many intervals are not joined: the looks between them saw nothing."""
_SIDES = ("Left", "Top", "Width", "Height")


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box at one time."""

    name: str
    confidence: float
    """0 to 100."""
    box: Mapping[str, float]
    """Left, Top, Width, Height as ratios of the frame."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"name": self.name, "confidence": self.confidence, "box": dict(self.box)}


@dataclass(frozen=True, slots=True)
class BoxedLook:
    """The boxes of a frame that was looked at."""

    ms: int
    boxes: tuple[NamedBox, ...]


def boxes_at(
    looks: Iterable[BoxedLook], times: Iterable[int], interval_ms: float
) -> Iterator[tuple[int, list[NamedBox]]]:
    """The boxes at each of the times.

    Boxes that two neighbouring looks share move in a straight line from one to the other. A box that only one of them
    has is where that look saw it, for the half of the time that is closer to that look.

    Args:
        looks: In order of time, those on either side of the times included.
        times: Ascending, in milliseconds.
        interval_ms: Between two looks.
    """
    waiting = iter(looks)
    before: BoxedLook | None = None
    after = next(waiting, None)
    for time in times:
        while after is not None and after.ms <= time:
            before, after = after, next(waiting, None)
        yield time, _between(before, after, time, interval_ms)


def _between(before: BoxedLook | None, after: BoxedLook | None, time: int, interval_ms: float) -> list[NamedBox]:
    if before is not None and after is not None and after.ms - before.ms <= _MAX_GAP * interval_ms:
        share = (time - before.ms) / (after.ms - before.ms)
        pairs = _pairs(before.boxes, after.boxes)
        found = [_moved(before.boxes[one], after.boxes[other], share) for one, other in pairs.items()]
        alone = before.boxes if share < 0.5 else after.boxes
        joined = set(pairs) if share < 0.5 else set(pairs.values())
        return found + [box for index, box in enumerate(alone) if index not in joined]
    if before is not None and time - before.ms <= interval_ms / 2:
        return list(before.boxes)
    if after is not None and after.ms - time <= interval_ms / 2:
        return list(after.boxes)
    return []


def _pairs(ones: tuple[NamedBox, ...], others: tuple[NamedBox, ...]) -> dict[int, int]:
    """Boxes of one name that overlap, those that overlap most first."""
    overlaps = sorted(
        (
            (-_overlap(one.box, other.box), first, second)
            for first, one in enumerate(ones)
            for second, other in enumerate(others)
            if one.name == other.name
        ),
    )
    pairs: dict[int, int] = {}
    for overlap, first, second in overlaps:
        if -overlap >= _MIN_OVERLAP and first not in pairs and second not in pairs.values():
            pairs[first] = second
    return pairs


def _overlap(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    width = min(one["Left"] + one["Width"], other["Left"] + other["Width"]) - max(one["Left"], other["Left"])
    height = min(one["Top"] + one["Height"], other["Top"] + other["Height"]) - max(one["Top"], other["Top"])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one["Width"] * one["Height"] + other["Width"] * other["Height"] - shared)


def _moved(one: NamedBox, other: NamedBox, share: float) -> NamedBox:
    box = {side: one.box[side] + (other.box[side] - one.box[side]) * share for side in _SIDES}
    return NamedBox(one.name, one.confidence + (other.confidence - one.confidence) * share, box)
