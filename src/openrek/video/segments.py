"""A video cut into segments, each of which can be decoded alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames from one presentation time to another, in the stream's own units. Segments neither overlap nor leave gaps.

    A few integers, so that it can be kept in the arguments of a step of a workflow.
    """

    index: int
    """From 0."""
    start_pts: int | None
    """The first frame's; None: from the first frame of the video on."""
    end_pts: int | None
    """Behind the last frame; None: to the end of the video."""


def plan(keyframes: Iterable[int], end_pts: int, length: int) -> Iterator[Segment]:
    """Segments of about `length` that begin at keyframes, where there are enough of them.

    Between two keyframes that are far from each other a segment begins anywhere: the frames before it are decoded again
    and dropped. Such segments grow with their distance from the keyframe, lest a video with one keyframe take time
    that grows with the square of its length.

    Args:
        keyframes: Their presentation times, ascending; at least one.
        end_pts: About where the last frame ends.
        length: Of a segment; positive.
    """
    ordered = list(keyframes)
    starts = [ordered[0]]
    for keyframe, following in pairwise([*ordered, max(end_pts, ordered[-1])]):
        if keyframe - starts[-1] >= length:
            starts.append(keyframe)
        while following - starts[-1] >= 2 * (piece := max(length, (starts[-1] - keyframe) // 2)):
            starts.append(starts[-1] + piece)
    bounds = [None, *starts[1:], None]
    for index, (start, end) in enumerate(pairwise(bounds)):
        yield Segment(index, start, end)
