"""Hard cuts, exact to the frame: https://en.wikipedia.org/wiki/Shot_transition_detection

A cut is a frame that differs from the one before far more than those around it do, place by place, even after motion is
made up for. Averages of colours are not compared, so there is a cut between two scenes of the same colours, and none
where something only moves or flashes.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openrek.video.differences import Pixels, difference, unexplained_difference

LOOKAHEAD = 2
"""Frames behind a cut that are needed to be sure of it; so the shortest shot has three frames."""

_AROUND = 12
"""Frames on either side in which something that changes again and again is motion, for example at a low frame rate."""
_MIN_DIFFERENCE = 1.5
"""Of 255: less is noise, even in the darkest scene."""
CLEAR = 2.0
"""A frame that differs so many times as much as its neighbours is a candidate."""
_POSSIBLE = 1.1
"""One that differs less than so many times as much is none; between the two, what motion leaves unexplained decides."""
_MOVING = 1.5
"""So many times as much as of its neighbours must be left unexplained then."""
_MIN_SHARE = 0.2
"""Of the frames' contrast, what motion must leave unexplained where little else changes; enough for any two scenes."""
_MIN_SHARE_AMONG_CHANGES = 0.45
"""The same where much else changes."""
_MIN_ISOLATED_SHARE = 0.5
"""Of the contrast, how much must change where nothing else does, whether motion explains it or not."""

Floats = NDArray[np.float32]


class CutDetector:
    """Finds candidates for cuts in frames as they come. Each is decided when LOOKAHEAD more frames are known."""

    def __init__(self) -> None:
        self.differences: list[float] = []
        """Of each frame from the one before, 0 to 255; 0 for the first one."""
        self.shares: list[tuple[float, float]] = []
        """Of each decided frame: the parts of the contrast that changed and that motion leaves unexplained.

        (0, 0) where there is certainly no cut.
        """
        self._recent: deque[Pixels] = deque(maxlen=2 * LOOKAHEAD + 2)
        self._unexplained: dict[int, float] = {}

    def push(self, small: Pixels) -> None:
        """Takes the next frame, (H, W, 3), small; decides on the one LOOKAHEAD before."""
        self.differences.append(difference(self._recent[-1], small) if self._recent else 0.0)
        self._recent.append(small)
        if (index := len(self.differences) - 1 - LOOKAHEAD) >= 0:
            self.shares.append(self._decide(index))

    def finish(self) -> None:
        """Decides on the last frames."""
        while len(self.shares) < len(self.differences):
            self.shares.append(self._decide(len(self.shares)))

    def _decide(self, index: int) -> tuple[float, float]:
        own, others = self.differences[index], largest_near(self.differences, index)
        if not index or own < _MIN_DIFFERENCE or own < _POSSIBLE * others:
            return 0.0, 0.0
        before, frame = self._small(index - 1), self._small(index)
        changed = _changed_share(before, frame)
        if changed < _MIN_SHARE or (own < CLEAR * others and not self._stands_out(index)):
            return 0.0, 0.0
        return changed, self._left(index) / _contrast(before, frame)

    def _stands_out(self, index: int) -> bool:
        """Whether motion explains far more of the neighbours' difference than of this frame's."""
        first, last = max(index - LOOKAHEAD, 1), min(index + LOOKAHEAD, len(self.differences) - 1)
        near = (each for each in range(first, last + 1) if each != index)
        return self._left(index) >= _MOVING * max(map(self._left, near), default=0.0)

    def _left(self, index: int) -> float:
        """What motion leaves unexplained of a frame, computed once."""
        if index not in self._unexplained:
            self._unexplained[index] = unexplained_difference(self._small(index - 1), self._small(index))
            self._unexplained.pop(index - 2 * LOOKAHEAD - 1, None)
        return self._unexplained[index]

    def _small(self, index: int) -> Pixels:
        return self._recent[index - len(self.differences)]


def changed_shares(before: Pixels, frame: Pixels) -> tuple[float, float]:
    """Of the contrast of two frames, (H, W, 3): the parts that changed and that motion leaves unexplained.

    (0, 0) where too little changed for a cut.
    """
    if difference(before, frame) < _MIN_DIFFERENCE or (changed := _changed_share(before, frame)) < _MIN_SHARE:
        return 0.0, 0.0
    return changed, unexplained_difference(before, frame) / _contrast(before, frame)


def _changed_share(before: Pixels, frame: Pixels) -> float:
    return difference(before, frame) / _contrast(before, frame)


def _contrast(before: Pixels, frame: Pixels) -> float:
    """Of the two frames that which has more of it; never so little that noise would count."""
    contrasts = (float(each.reshape(-1, each.shape[-1]).std(axis=0).mean()) for each in (before, frame))
    return max(*contrasts, _MIN_DIFFERENCE)


def largest_near(differences: Sequence[float] | Floats, index: int, reach: int = LOOKAHEAD) -> float:
    """The largest difference of other frames up to `reach` away; 0 if there are none."""
    before, after = differences[max(index - reach, 0) : index], differences[index + 1 : index + 1 + reach]
    return float(max([*before, *after], default=0.0))


def cut_confidences(differences: Floats, changed: Floats, unexplained: Floats) -> Floats:
    """How sure each frame is the first of a shot, (N,): 0, or 0.5 to 1.

    Args:
        differences: (N,), of each frame from the one before.
        changed: (N,), the part of the contrast that changed; 0 of frames at which there is certainly no cut.
        unexplained: (N,), the part that motion leaves unexplained.
    """
    confidences = np.zeros(len(differences), np.float32)
    for index in np.flatnonzero(changed).tolist():
        own = float(differences[index])
        if index and own >= _POSSIBLE * largest_near(differences, index):
            isolated = own >= 2 * CLEAR * largest_near(differences, index, _AROUND)
            confidences[index] = _confidence(float(changed[index]), float(unexplained[index]), isolated)
    return confidences


def _confidence(changed: float, unexplained: float, isolated: bool) -> float:
    if isolated and changed >= _MIN_ISOLATED_SHARE:
        return 1 - 0.5 * _MIN_ISOLATED_SHARE / changed
    enough = _MIN_SHARE if isolated else _MIN_SHARE_AMONG_CHANGES
    return 1 - 0.5 * enough / unexplained if unexplained >= enough else 0.0
