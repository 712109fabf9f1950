"""What the analysis found in one segment of a video, kept between the steps."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openrek.rekognition import Services
from openrek.rekognition.operation import Request
from openrek.rekognition.operations.videos.kinds import Kind
from openrek.rekognition.operations.videos.samples import Sample
from openrek.video import Segment, Video, VideoFrame, VideoProbe


@dataclass(frozen=True, slots=True)
class Stream:
    """What was decoded, of a segment or of the whole video."""

    frames: int
    end_ms: int
    """When the last frame ends."""

    def metadata(self, probe: VideoProbe) -> dict[str, Any]:
        """VideoMetadata: what was decoded, not what headers declare."""
        return {
            "Codec": probe.codec,
            "DurationMillis": self.end_ms,
            "Format": probe.format,
            "FrameRate": 1000 * self.frames / self.end_ms if self.end_ms else float(probe.frame_rate),
            "FrameHeight": probe.height,
            "FrameWidth": probe.width,
            "ColorRange": probe.color_range,
        }


@dataclass(slots=True)
class Findings:
    """Of one segment."""

    decoded: Stream
    seen: dict[str, list[Sample]] = field(default_factory=dict)
    """Samples by the name of the kind of analysis."""

    @classmethod
    def of_segment(
        cls,
        video: Video,
        segment: Segment,
        kinds: Sequence[Kind],
        request: Request,
        services: Services,
        check: Callable[[], None],
    ) -> "Findings":
        """Decode a segment once and look at its frames, for all kinds of analysis.

        Args:
            video: Open.
            segment: Of it.
            kinds: What to look for.
            request: Of the job.
            services: The engine.
            check: Called before each look; raises to end the work.
        """
        frames, end_ms, before = 0, 0, -1
        seen: dict[str, list[Sample]] = {kind.name: [] for kind in kinds}
        for frame in video.frames(segment):
            if before < 0:
                before = -1 if segment.start_pts is None else frame.timestamp_ms - max(frame.duration_ms, 1)
            due = [kind for kind in kinds if kind.look is not None and _is_due(kind, before, frame.timestamp_ms)]
            if due:
                check()
                for name, sample in _looked_at(frame, due, request, services):
                    seen[name].append(sample)
            before = frame.timestamp_ms
            frames, end_ms = frames + 1, frame.timestamp_ms + frame.duration_ms
        return cls(Stream(frames, end_ms), seen)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "frames": self.decoded.frames,
            "end_ms": self.decoded.end_ms,
            "seen": {name: [list(sample) for sample in samples] for name, samples in self.seen.items()},
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Findings":
        """What `as_dict` wrote."""
        seen = {name: [Sample(ms, items) for ms, items in samples] for name, samples in content["seen"].items()}
        return cls(Stream(content["frames"], content["end_ms"]), seen)

    @staticmethod
    def stream(parts: "Iterable[Findings]") -> Stream:
        """Of the whole video."""
        frames, end_ms = 0, 0
        for part in parts:
            frames, end_ms = frames + part.decoded.frames, max(end_ms, part.decoded.end_ms)
        return Stream(frames, end_ms)

    @staticmethod
    def samples(parts: "Iterable[Findings]", kind: str) -> Iterator[Sample]:
        """All samples of one kind, in the order of time."""
        for part in parts:
            yield from part.seen.get(kind, ())


def _is_due(kind: Kind, before_ms: int, ms: int) -> bool:
    """Whether a frame is the first one of its tick."""
    return before_ms < 0 or int(ms * kind.per_second) // 1000 != int(before_ms * kind.per_second) // 1000


def _looked_at(
    frame: VideoFrame, kinds: Sequence[Kind], request: Request, services: Services
) -> Iterator[tuple[str, Sample]]:
    analysis = services.engine.analysis(frame.upright())
    analysis.start(*{need for kind in kinds for need in kind.needs})
    for kind in kinds:
        assert kind.look is not None
        yield kind.name, Sample(frame.timestamp_ms, kind.look(analysis, request, services))
