"""Which frames of a video the models look at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from openrek.video.differences import Pixels, largest_difference
from openrek.video.trace import TraceRecorder
from openrek.video.video_frame import VideoFrame

LOOKS_PER_SECOND: Mapping[str, float] = {
    "labels": 2.0,
    "faces": 2.0,
    "moderation": 1.0,
    "text": 1.0,
    "people": 5.0,
}
"""How often frames are looked at, by what is looked for. Those of labels, faces, moderation and text follow the times
in Amazon's published responses; people are followed from look to look and move far in half a second."""

STILL_DIFFERENCE = 3
"""Of 255: a frame of which no value of the small frame differs more from the last one looked at has its findings."""


@dataclass(frozen=True, slots=True)
class Look:
    """A frame that is looked at, and what for."""

    frame: VideoFrame
    index: int
    """Of the frame in its segment, from 0."""
    new: frozenset[str]
    """What models must look for in this frame."""
    same: frozenset[str]
    """What has the findings of the last frame looked at for that, which this one barely differs from."""


@dataclass(slots=True)
class _Last:
    """The last frame that was looked at for something, and the slot of time it was looked at in."""

    slot: int = -1
    small: Pixels | None = None


@dataclass(slots=True)
class Sampler:
    """Chooses frames of one segment: for each kind the first frame of each slot of time (half a second at two looks a
    second), the first frame of the segment, and the first frame after each cut.

    Slots are counted from the start of the video, so segments can be analysed in any order, and always alike.
    """

    rates: Mapping[str, float]
    """Looks a second, by kind; each must be positive."""
    recorder: TraceRecorder
    """Takes every frame; decides which may follow a cut."""
    _last: dict[str, _Last] = field(default_factory=dict)

    def looks(self, frames: Iterable[VideoFrame]) -> Iterator[Look]:
        """The frames to look at, in order; as few frames behind them are decoded as are needed to be sure of a cut."""
        undecided: list[VideoFrame] = []
        index = 0
        for frame in frames:
            self.recorder.push(frame)
            undecided.append(frame)
            while undecided and index < self.recorder.decided:
                yield from self._look(undecided.pop(0), index, self.recorder.may_follow_cut(index))
                index += 1
        for frame in undecided:
            yield from self._look(frame, index, after_cut=False)
            index += 1

    def _look(self, frame: VideoFrame, index: int, after_cut: bool) -> Iterator[Look]:
        new, same = set(), set()
        for kind, rate in self.rates.items():
            last = self._last.setdefault(kind, _Last())
            slot = int(frame.timestamp_ms * rate / 1000 + 1e-9)
            if slot == last.slot and not after_cut:
                continue
            last.slot = slot
            if last.small is not None and largest_difference(last.small, frame.small) <= STILL_DIFFERENCE:
                same.add(kind)
            else:
                last.small = frame.small
                new.add(kind)
        if new or same:
            yield Look(frame, index, frozenset(new), frozenset(same))
