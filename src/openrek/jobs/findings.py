"""What the analysis found in one segment of a video, kept between the steps."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openrek.rekognition import Services
from openrek.rekognition.operation import Request
from openrek.rekognition.operations.videos.kinds import Kind
from openrek.rekognition.operations.videos.samples import Item, Sample
from openrek.video import BlackFrameRule, SegmentFindings, Trace, VideoAnalysis
from openrek.video import Kind as LookedFor
from openrek.vision import FrameAnalysis


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Of one segment."""

    seen: dict[str, list[Sample]]
    """Samples by the name of the kind of analysis, in the order of time."""
    trace: Trace
    """Of all frames."""

    @classmethod
    def of(cls, segment: SegmentFindings[list[Item]], kinds: Sequence[Kind]) -> "Findings":
        """What was found for these kinds."""
        seen: dict[str, list[Sample]] = {kind.name: [] for kind in kinds}
        for finding in segment.findings:
            seen[finding.kind].append(Sample(finding.timestamp_ms, finding.value))
        return cls(seen, segment.trace)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        seen = {name: [list(sample) for sample in samples] for name, samples in self.seen.items()}
        return {"seen": seen, "trace": base64.b64encode(self.trace.to_bytes()).decode()}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Findings":
        """What `as_dict` wrote."""
        seen = {name: [Sample(ms, items) for ms, items in samples] for name, samples in content["seen"].items()}
        return cls(seen, Trace.from_bytes(base64.b64decode(content["trace"])))


def samples_of(parts: Iterable[Findings], kind: str) -> Iterator[Sample]:
    """All samples of one kind, in the order of time."""
    for part in parts:
        yield from part.seen.get(kind, ())


def analysis_for(
    kinds: Sequence[Kind], request: Request, services: Services, rule: BlackFrameRule, at_once: int
) -> VideoAnalysis[list[Item]]:
    """The analysis that looks for these kinds in one pass."""
    looked_for = {kind.name: _looked_for(kind, request, services) for kind in kinds if kind.look is not None}
    return VideoAnalysis(services.engine, looked_for, rule, at_once)


def _looked_for(kind: Kind, request: Request, services: Services) -> LookedFor[list[Item]]:
    look = kind.look
    assert look is not None

    def read(analysis: FrameAnalysis) -> list[Item]:
        return look(analysis, request, services)

    return LookedFor(kind.per_second, read, kind.needs)
