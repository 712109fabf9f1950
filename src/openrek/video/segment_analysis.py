"""Shots and technical cues of a whole video, by its trace."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from openrek.video.trace import Trace

BLACK_FRAMES, COLOR_BARS, CONTENT = "BlackFrames", "ColorBars", "Content"

_SILENCE_MS = 1000
"""Silence that is shorter is a pause of the sound around it."""
_FADING = 0.3
"""Of 255: in a fade, each frame is so much darker, or brighter, than the one before."""
_MAX_FADE_FRAMES = 150
"""What brightens for longer is a scene."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames that follow each other, both ends included, as Amazon counts them: the duration is end minus start."""

    start_frame: int
    end_frame: int
    start_ms: int
    """Of the first frame, rounded down."""
    end_ms: int
    """Of the last frame, rounded down: when it begins to be shown."""

    @property
    def duration_frames(self) -> int:
        """One less than there are frames."""
        return self.end_frame - self.start_frame

    @property
    def duration_ms(self) -> int:
        """From the first frame to the last."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames from one transition to the next."""

    index: int
    """From 0."""
    stretch: Stretch
    confidence: float
    """0.5 to 1: of the less certain of the cuts at its ends."""


@dataclass(frozen=True, slots=True)
class TechnicalCue:
    """Black frames, colour bars, or the content between them."""

    type: str
    """"BlackFrames", "ColorBars" or "Content"."""
    stretch: Stretch
    confidence: float
    """0.5 to 1."""


def shots(trace: Trace) -> tuple[Shot, ...]:
    """The shots, in order of time.

    They end at hard cuts, exactly. The frames of a fade to black and from it belong to none, nor do the black frames
    between. Other gradual transitions, as dissolves, are not found: the shot goes on.
    """
    if not len(trace):
        return ()
    cuts = trace.cuts
    between = _fades(trace, cuts)
    starts = (cuts > 0) | np.append(False, between[:-1] & ~between[1:])
    group = np.cumsum(starts)
    result: list[Shot] = []
    for _, frames in groupby(np.flatnonzero(~between).tolist(), key=lambda frame: int(group[frame])):
        first, *rest = frames
        last = rest[-1] if rest else first
        ends = [float(cuts[frame]) for frame in (first, last + 1) if frame < len(cuts) and cuts[frame]]
        result.append(Shot(len(result), _stretch(trace, first, last), min(ends, default=1.0)))
    return tuple(result)


def technical_cues(trace: Trace) -> tuple[TechnicalCue, ...]:
    """Black frames without sound, colour bars, and everything else as content: every frame belongs to one cue.

    Credits, slates and studio logos count as content.
    """
    black = trace.black & ~_heard(trace)
    types = np.where(black, 1, np.where(trace.bars & ~trace.black, 2, 0))
    names = (CONTENT, BLACK_FRAMES, COLOR_BARS)
    return tuple(
        TechnicalCue(names[int(types[first])], _stretch(trace, first, last), 1.0) for first, last in _runs(types)
    )


def _stretch(trace: Trace, first: int, last: int) -> Stretch:
    return Stretch(first, last, int(trace.timestamps_ms[first]), int(trace.timestamps_ms[last]))


def _runs(values: "NDArray[np.bool_] | NDArray[np.int64]") -> Iterator[tuple[int, int]]:
    """First and last index of each run of equal values."""
    if not len(values):
        return
    starts = np.append(0, np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()
    yield from zip(starts, [start - 1 for start in [*starts[1:], len(values)]], strict=True)


def _heard(trace: Trace) -> Flags:
    """Black frames with sound, pauses of the sound among them included."""
    heard = trace.heard & trace.black
    result = heard.copy()
    for first, last in _runs(heard):
        # A pause has black frames with sound on both sides.
        if heard[first] or first == 0 or last + 1 == len(heard) or not trace.black[first : last + 1].all():
            continue
        if heard[first - 1] and heard[last + 1] and _lasts(trace, first, last) < _SILENCE_MS:
            result[first : last + 1] = True
    return result


def _lasts(trace: Trace, first: int, last: int) -> int:
    """Milliseconds from the start of one frame to the end of another."""
    until = trace.timestamps_ms[last + 1] if last + 1 < len(trace) else trace.end_ms
    return int(until - trace.timestamps_ms[first])


def _fades(trace: Trace, cuts: NDArray[np.float32]) -> Flags:
    """Frames of fades to black and from black, and the black ones between, of which at least one end is a fade."""
    fades = np.zeros(len(trace), np.bool_)
    for first, last in _runs(trace.black):
        if not trace.black[first]:
            continue
        before = _fade_length(trace.luma[: first + 1][::-1], cuts[: first + 1][::-1])
        after = _fade_length(trace.luma[last:], np.append(cuts[last + 1 :], 0))
        if before or after:
            fades[first - before : last + 1 + after] = True
    return fades


def _fade_length(luma: NDArray[np.float32], cuts: NDArray[np.float32]) -> int:
    """Frames behind the first one, which is black, that get brighter one after the other up to a scene; else 0."""
    length = 0
    while length + 1 < len(luma) and not cuts[length] and luma[length + 1] > luma[length] + _FADING:
        length += 1
        if length > _MAX_FADE_FRAMES:
            return 0
    return length if length + 1 < len(luma) and not cuts[length] else 0
