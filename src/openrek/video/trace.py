"""What each frame of a video shows of cuts, black frames and colour bars: a few numbers a frame, of one decode pass."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from openrek.video.cuts import CLEAR, LOOKAHEAD, CutDetector, changed_shares, cut_confidences, largest_near
from openrek.video.differences import Pixels, difference
from openrek.video.technical_patterns import BlackFrameRule, is_black, is_colour_bars
from openrek.video.video_frame import SMALL_HEIGHT, SMALL_WIDTH, VideoFrame

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_COLUMNS = ("timestamps_ms", "differences", "changed", "unexplained", "luma", "black", "bars", "heard")
_ARRAYS = (*_COLUMNS, "edges")


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Of N frames that follow each other: of a segment, or of a whole video once the segments' are joined."""

    timestamps_ms: Ints
    """(N,): presentation times, rounded down."""
    differences: Floats
    """(N,): mean difference from the frame before, 0 to 255; 0 of the first one."""
    changed: Floats
    """(N,): the part of the contrast that changed; 0 of frames at which there is certainly no cut."""
    unexplained: Floats
    """(N,): the part of the contrast that changed and that motion does not explain."""
    luma: Floats
    """(N,): mean of the frame, 0 to 255."""
    black: Flags
    """(N,)"""
    bars: Flags
    """(N,): colour bars."""
    heard: Flags
    """(N,): of black frames, whether there is sound."""
    edges: Pixels
    """(2, H, W, 3): the first and the last frame, small; (0, H, W, 3) if there are no frames."""
    end_ms: int
    """Where the last frame ends; 0 if there are no frames."""

    def __len__(self) -> int:
        return len(self.timestamps_ms)

    @property
    def cuts(self) -> Floats:
        """(N,): how sure each frame is the first one after a cut, 0.5 to 1; 0 if it is not."""
        return cut_confidences(self.differences, self.changed, self.unexplained)

    @classmethod
    def joined(cls, traces: Iterable["Trace"]) -> "Trace":
        """The trace of the whole video from those of its segments, in order; at least one. None is kept meanwhile."""
        columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _COLUMNS}
        edges: list[Pixels] = []
        end_ms, joints, frames = 0, [], 0
        for trace in traces:
            for name in _COLUMNS:
                columns[name].append(getattr(trace, name))
            if not len(trace):
                continue
            if edges:
                joints.append((frames, difference(edges[1], trace.edges[0]), changed_shares(edges[1], trace.edges[0])))
            edges = [edges[0] if edges else trace.edges[0], trace.edges[1]]
            end_ms, frames = trace.end_ms, frames + len(trace)
        whole = {name: np.concatenate(arrays) for name, arrays in columns.items()}
        for start, own, shares in joints:
            whole["differences"][start] = own
            whole["changed"][start], whole["unexplained"][start] = shares
        for index in _near([start for start, _, _ in joints], frames):
            # Its neighbours were not all known when it was decided, or are not known well enough to make up for motion.
            if whole["differences"][index] < CLEAR * largest_near(whole["differences"], index):
                whole["changed"][index] = whole["unexplained"][index] = 0
        return cls(**whole, edges=_stacked(edges), end_ms=end_ms)

    def to_bytes(self) -> bytes:
        """A compressed file of the trace; the same trace is always the same bytes."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, end_ms=self.end_ms, **{name: getattr(self, name) for name in _ARRAYS})
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The trace in what `to_bytes` returned."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in _ARRAYS}, end_ms=int(arrays["end_ms"]))


class TraceRecorder:
    """Records the trace of a segment as its frames come, and finds its cuts meanwhile."""

    def __init__(self, rule: BlackFrameRule, full_range: bool) -> None:
        """
        Args:
            rule: When a frame is black.
            full_range: Whether luma goes from 0 to 255, not from 16 to 235.
        """
        self._rule, self._full_range = rule, full_range
        self._cuts = CutDetector()
        self._times: list[int] = []
        self._luma: list[float] = []
        self._black: list[bool] = []
        self._bars: list[bool] = []
        self._edges: list[Pixels] = []
        self._end_ms = 0

    def push(self, frame: VideoFrame) -> None:
        """Takes the next frame."""
        small = frame.small
        self._cuts.push(small)
        self._end_ms = max(frame.end_ms, frame.timestamp_ms)
        if self._end_ms == frame.timestamp_ms and self._times:
            self._end_ms += frame.timestamp_ms - self._times[-1]  # no duration is declared: as long as the one before
        self._times.append(frame.timestamp_ms)
        self._luma.append(float(small[..., 0].mean()))
        self._black.append(is_black(frame, self._rule, self._full_range))
        self._bars.append(is_colour_bars(small))
        self._edges = [self._edges[0] if self._edges else small, small]

    @property
    def decided(self) -> int:
        """How many frames it is decided of whether they may be the first after a cut."""
        return len(self._cuts.shares)

    def may_follow_cut(self, index: int) -> bool:
        """Whether a frame it is decided of may be the first after a cut."""
        return any(self._cuts.shares[index])

    def finish(self) -> Trace:
        """The trace of all frames; `heard` is False throughout."""
        self._cuts.finish()
        shares = np.array(self._cuts.shares, np.float32).reshape(-1, 2)
        return Trace(
            np.array(self._times, np.int64),
            np.array(self._cuts.differences, np.float32),
            shares[:, 0].copy(),
            shares[:, 1].copy(),
            np.array(self._luma, np.float32),
            np.array(self._black, np.bool_),
            np.array(self._bars, np.bool_),
            np.zeros(len(self._times), np.bool_),
            _stacked(self._edges),
            self._end_ms,
        )


def _stacked(edges: list[Pixels]) -> Pixels:
    return np.stack(edges) if edges else np.zeros((0, SMALL_HEIGHT, SMALL_WIDTH, 3), np.uint8)


def _near(joints: Iterable[int], frames: int) -> list[int]:
    """Indices of frames whose neighbours lie on both sides of a joint."""
    near = {joint + step for joint in joints for step in range(-LOOKAHEAD, LOOKAHEAD + 1)}
    return sorted(index for index in near if 0 < index < frames)
