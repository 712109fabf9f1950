"""What the analysis of a video sees in single frames, and how it becomes the results of a job."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from openrek.rekognition.operation import Request
from openrek.rekognition.services import Services
from openrek.video import Trace
from openrek.vision import FrameAnalysis

Item = dict[str, Any]
"""One element of a result list, as the wire has it."""
Look = Callable[[FrameAnalysis, Request, Services], list[Item]]
"""What is seen in one frame: items without their Timestamp."""


class Sample(NamedTuple):
    """A frame that was analyzed."""

    ms: int
    """Its presentation time, in milliseconds from the start."""
    items: list[Item]
    """What was seen in it."""


CONFIDENCE = "_confidence"
"""Member of an item that it is only sorted by, and that is not among the results."""

Join = Callable[[Iterable[Sample], Request, Services, Trace], Iterator[Item]]
"""The results of all samples of a video, in the order of time."""


def in_order(samples: Iterable[Sample], request: Request, services: Services, trace: Trace) -> Iterator[Item]:
    """Every item with the time of its frame."""
    for sample in samples:
        for item in sample.items:
            yield {"Timestamp": sample.ms, **item}


@dataclass(slots=True)
class _Stretch:
    start: int
    end: int
    item: Item
    confidence: float
    missed: int = 0


def stretches(samples: Iterable[Sample], member: str, without: Mapping[str, Any]) -> Iterator[Item]:
    """AggregateBy SEGMENTS: an item for each stretch of time in which a label is seen, by the time of its start.

    A stretch ends with the last frame before two looks in a row at which the label was not seen. Its confidence is the
    highest in it.

    Args:
        samples: All of a video, in the order of time.
        member: Where an item has its label, which has Name and Confidence.
        without: Members of the label that stand for single frames, with their values in a stretch.
    """
    open_: dict[str, _Stretch] = {}
    ended: list[_Stretch] = []
    for sample in samples:
        seen = {item[member]["Name"]: item for item in sample.items}
        for name, stretch in list(open_.items()):
            if name not in seen:
                stretch.missed += 1
                if stretch.missed >= 2:
                    ended.append(open_.pop(name))
        for name, item in seen.items():
            confidence = item[member]["Confidence"]
            stretch = open_.setdefault(name, _Stretch(sample.ms, sample.ms, item, confidence))
            stretch.end, stretch.missed = sample.ms, 0
            stretch.confidence = max(stretch.confidence, confidence)
    for stretch in sorted([*ended, *open_.values()], key=lambda one: (one.start, -one.confidence)):
        yield {
            **stretch.item,
            "Timestamp": stretch.start,
            member: {**stretch.item[member], **without, "Confidence": stretch.confidence},
            "StartTimestampMillis": stretch.start,
            "EndTimestampMillis": stretch.end,
            "DurationMillis": stretch.end - stretch.start,
        }
