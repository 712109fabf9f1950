"""What the models see in a video: one decode pass for everything that is looked for."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from openrek import cancellation
from openrek.video.decode import Video
from openrek.video.sampling import Look, Sampler
from openrek.video.segments import Segment
from openrek.video.technical_patterns import BlackFrameRule
from openrek.video.trace import Trace, TraceRecorder
from openrek.video.video_frame import VideoFrame
from openrek.vision import Engine, FrameAnalysis

T = TypeVar("T")
OnFrame = Callable[[int], None]
"""Called with the presentation time of each decoded frame, in milliseconds."""
Watch = Callable[[VideoFrame], object]
"""Called with each decoded frame, for what else is made of them: a contact sheet, for example."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """Something to look for in frames."""

    looks_per_second: float
    """See `openrek.video.sampling.LOOKS_PER_SECOND`."""
    read: Callable[[FrameAnalysis], T]
    """Takes what is wanted from the analysis of a frame. Called in another thread."""
    starts: tuple[str, ...] = ()
    """Results that `read` needs, begun at once; see FrameAnalysis.start."""


@dataclass(frozen=True, slots=True)
class Finding(Generic[T]):
    """What was read from one frame for one kind."""

    timestamp_ms: int
    """Presentation time of the frame, rounded down."""
    frame: int
    """Number of the frame, from 0: within its segment, or within the video once the segments are joined."""
    kind: str
    value: T


@dataclass(frozen=True, slots=True, eq=False)
class SegmentFindings(Generic[T]):
    """The findings of a segment, in order of time, and the trace of all its frames."""

    findings: tuple[Finding[T], ...]
    trace: Trace
    looked: int
    """Frames that models looked at; the others with findings barely differ from one of these."""


class VideoAnalysis(Generic[T]):
    """Analyses videos segment by segment. A segment's findings depend on nothing but the video, the segment and the
    kinds, so that it does not matter where, when and in which order segments are analysed, or how often.

    Safe to share between threads, except for the videos.
    """

    def __init__(
        self,
        engine: Engine,
        kinds: Mapping[str, Kind[T]],
        rule: BlackFrameRule = BlackFrameRule(),  # noqa: B008 - frozen
        at_once: int = 3,
    ) -> None:
        """
        Args:
            engine: The models.
            kinds: What to look for, by name. None for cuts, black frames and colour bars alone, which are always found.
            rule: When a frame is black.
            at_once: Frames that are analysed at a time while further ones are decoded: one more than cores keeps all of
                them busy.

        Raises:
            ValueError: a kind has no positive number of looks a second.
        """
        if wrong := [name for name, kind in kinds.items() if not kind.looks_per_second > 0]:
            raise ValueError(f"looks_per_second of {wrong} must be positive")
        self._engine = engine
        self._kinds = kinds
        self._rule = rule
        self._at_once = at_once

    def segment(
        self,
        video: Video,
        segment: Segment | None = None,
        on_frame: OnFrame | None = None,
        watch: Watch | None = None,
    ) -> SegmentFindings[T]:
        """Everything of one segment, or of the whole video.

        Args:
            video: An open video.
            segment: One of its segments; None for the whole video.
            on_frame: Called with the time of each frame.
            watch: Called with each frame, after `on_frame`.

        Raises:
            VideoFormatError: the file is damaged.
            VideoTooLargeError: more time, frames or pixels than allowed.
            RequestCancelledError: the work was cancelled meanwhile.
            OSError: the file cannot be read.
        """
        full_range = video.probe.color_range == "FULL"
        recorder = TraceRecorder(self._rule, full_range)
        sampler = Sampler({name: kind.looks_per_second for name, kind in self._kinds.items()}, recorder)
        with closing(video.frames(segment)) as frames:
            looks = sampler.looks(_reported(frames, on_frame, watch))
            findings, looked = self._read(looks)
        trace = _with_sound(recorder.finish(), video)
        return SegmentFindings(tuple(findings), trace, looked)

    def _read(self, looks: Iterator[Look]) -> tuple[list[Finding[T]], int]:
        findings: list[Finding[T]] = []
        latest: dict[str, T] = {}
        looked = 0
        waiting: deque[tuple[Look, Future[dict[str, T]]]] = deque()
        executor = ThreadPoolExecutor(self._at_once, "look")

        def collect() -> None:
            look, future = waiting.popleft()
            latest.update(future.result())
            for kind in self._kinds:
                if kind in look.new or kind in look.same:
                    findings.append(Finding(look.frame.timestamp_ms, look.index, kind, latest[kind]))

        try:
            for look in looks:
                looked += bool(look.new)
                waiting.append((look, executor.submit(self._analyse, look, cancellation.current())))
                while len(waiting) > self._at_once:
                    collect()
            while waiting:
                collect()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
        return findings, looked

    def _analyse(self, look: Look, current: "cancellation.Cancellation | None") -> dict[str, T]:
        if not look.new:
            return {}
        with cancellation.use(current):
            cancellation.check()
            analysis = self._engine.analysis(look.frame.upright())
            kinds = {name: kind for name, kind in self._kinds.items() if name in look.new}
            analysis.start(*dict.fromkeys(result for kind in kinds.values() for result in kind.starts))
            return {name: kind.read(analysis) for name, kind in kinds.items()}


def joined(segments: Iterable[SegmentFindings[T]]) -> SegmentFindings[T]:
    """The findings of the whole video from those of its segments, in order; at least one. They may come as they are
    made: none is kept."""
    findings: list[Finding[T]] = []
    looked = frames = 0

    def traces() -> Iterator[Trace]:
        nonlocal looked, frames
        for segment in segments:
            findings.extend(replace(finding, frame=finding.frame + frames) for finding in segment.findings)
            frames += len(segment.trace)
            looked += segment.looked
            yield segment.trace

    trace = Trace.joined(traces())
    return SegmentFindings(tuple(findings), trace, looked)


def _reported(frames: Iterable[VideoFrame], on_frame: OnFrame | None, watch: Watch | None) -> Iterator[VideoFrame]:
    for frame in frames:
        if on_frame is not None:
            on_frame(frame.timestamp_ms)
        if watch is not None:
            watch(frame)
        yield frame


def _with_sound(trace: Trace, video: Video) -> Trace:
    """The trace with `heard` of its black frames."""
    black = np.flatnonzero(trace.black)
    if not len(black) or not video.probe.audio:
        return trace
    start, end = int(trace.timestamps_ms[black[0]]), int(trace.timestamps_ms[black[-1]])
    ends = np.append(trace.timestamps_ms[1:], trace.end_ms)
    heard = np.zeros(len(trace), np.bool_)
    for begin, until in video.audible(start, int(ends[black[-1]]) if len(ends) else end):
        heard |= (trace.timestamps_ms < until) & (ends > begin)
    return replace(trace, heard=heard & trace.black)
