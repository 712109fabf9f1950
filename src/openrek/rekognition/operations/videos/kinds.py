"""The table of analyses of videos: what each of them looks for, and how its results are listed.

https://docs.aws.amazon.com/rekognition/latest/dg/api-video.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openrek.rekognition.operation import Request
from openrek.rekognition.operations.images.text import region_corners
from openrek.rekognition.operations.videos.celebrities import look_for_celebrities
from openrek.rekognition.operations.videos.frames import (
    look_for_faces,
    look_for_labels,
    look_for_moderation,
    look_for_text,
)
from openrek.rekognition.operations.videos.people import (
    check_collection,
    follow,
    look_for_faces_of,
    look_for_people,
)
from openrek.rekognition.operations.videos.samples import CONFIDENCE, Item, Join, Look, Sample, in_order, stretches
from openrek.rekognition.operations.videos.segments import segment_metadata, segments
from openrek.rekognition.render.video_metadata import video_metadata
from openrek.rekognition.services import Services
from openrek.video import LOOKS_PER_SECOND, Trace, VideoProbe
from openrek.vision import Engine

BY_TIME = "TIMESTAMP"
SEGMENTS = "SEGMENTS"

SortKey = Callable[[Item], Any]
Check = Callable[[Request, Services], object]
OfTrace = Callable[[Trace, VideoProbe, Request], Iterator[Item]]
Metadata = Callable[[VideoProbe, Trace, Request, Engine], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of analysis, with its operations StartX and GetX."""

    name: str
    """X, for example "LabelDetection"."""
    results: str
    """Member of GetX's response that lists the results."""
    per_second: float
    """Frames that are looked at in a second of the video; the first one after a cut is looked at, too."""
    look: Look | None = None
    """Sees one frame; None for an analysis of the whole stream of frames."""
    needs: tuple[str, ...] = ()
    """What `look` takes from the analysis of the frame, as `FrameAnalysis.start` names it."""
    join: Join = in_order
    """Makes the results from what was seen."""
    sorts: Mapping[str, SortKey] = field(default_factory=dict)
    """Orders beside that of time, by the value of SortBy."""
    label: str = ""
    """Member of an item that is a label, where AggregateBy SEGMENTS joins those of one name."""
    alone: Mapping[str, Any] = field(default_factory=dict)
    """Members of a label that stand for one frame only, with their values where several are joined."""
    version: str = ""
    """Member of GetX's response that names the models."""
    engine_version: Callable[[Engine], str] = lambda engine: engine.version
    of_trace: OfTrace | None = None
    """Makes the results of an analysis that looks at no single frame, but at how they follow each other."""
    own_metadata: Metadata | None = None
    """Makes what every page has beside the results, where it is not VideoMetadata and the version."""
    check: Check = lambda request, services: None
    """Checks what the contract cannot say about the request of StartX."""
    resource: str = "*"
    """See `Operation.resource`, of StartX."""
    differs: str = ""
    """How it differs from Amazon Rekognition's, Markdown."""

    @property
    def orders(self) -> tuple[tuple[str, bool], ...]:
        """Every order in which the results can be listed: (SortBy, whether labels are joined into stretches)."""
        return tuple((sort, joined) for joined in ((False, True) if self.label else (False,)) for sort in self._sorts)

    @property
    def _sorts(self) -> tuple[str, ...]:
        return (BY_TIME, *self.sorts)

    def metadata(self, probe: VideoProbe, trace: Trace, request: Request, engine: Engine) -> dict[str, Any]:
        """What every page has beside the results."""
        if self.own_metadata is not None:
            return self.own_metadata(probe, trace, request, engine)
        version = {self.version: self.engine_version(engine)} if self.version else {}
        return {"VideoMetadata": video_metadata(probe, trace), **version}

    def listed(
        self, order: tuple[str, bool], samples: Iterable[Sample], request: Request, services: Services, trace: Trace
    ) -> Iterator[Item]:
        """The results in an order."""
        sort, joined = order
        items = stretches(samples, self.label, self.alone) if joined else self.join(samples, request, services, trace)
        for item in items if sort == BY_TIME else sorted(items, key=self.sorts[sort]):
            item.pop(CONFIDENCE, None)
            yield item


_BY_INDEX: Mapping[str, SortKey] = {
    "INDEX": lambda item: (item["Person"]["Index"], -item[CONFIDENCE], item["Timestamp"])
}


def _by_name(member: str) -> Mapping[str, SortKey]:
    return {"NAME": lambda item: (item[member]["Name"], -item[member]["Confidence"], item["Timestamp"])}


def _check_regions(request: Request, services: Services) -> None:
    for region in request.get("Filters", {}).get("RegionsOfInterest", ()):
        region_corners(region)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "LabelDetection",
            results="Labels",
            per_second=LOOKS_PER_SECOND["labels"],
            look=look_for_labels,
            needs=("labels",),
            sorts=_by_name("Label"),
            label="Label",
            alone={"Instances": []},
            version="LabelModelVersion",
            differs="Labels as of DetectLabels.",
        ),
        Kind(
            "FaceDetection",
            results="Faces",
            per_second=LOOKS_PER_SECOND["faces"],
            look=look_for_faces,
            needs=("faces",),
            differs="Faces as of DetectFaces, without FaceOccluded and EyeDirection.",
        ),
        Kind(
            "TextDetection",
            results="TextDetections",
            per_second=LOOKS_PER_SECOND["text"],
            look=look_for_text,
            needs=("text",),
            version="TextModelVersion",
            engine_version=lambda engine: engine.text_version,
            check=_check_regions,
            differs="Text as of DetectText.",
        ),
        Kind(
            "ContentModeration",
            results="ModerationLabels",
            per_second=LOOKS_PER_SECOND["moderation"],
            look=look_for_moderation,
            needs=("moderation",),
            sorts=_by_name("ModerationLabel"),
            label="ModerationLabel",
            version="ModerationModelVersion",
            differs="Labels as of DetectModerationLabels.",
        ),
        Kind(
            "SegmentDetection",
            results="Segments",
            per_second=0,
            of_trace=segments,
            own_metadata=segment_metadata,
            differs="Shots end at hard cuts, exactly to the frame, and at fades to black; dissolves are not found. "
            "Technical cues are BlackFrames, ColorBars and Content: EndCredits, OpeningCredits, StudioLogo and Slate "
            "are content.",
        ),
        Kind(
            "CelebrityRecognition",
            results="Celebrities",
            per_second=LOOKS_PER_SECOND["faces"],
            look=look_for_celebrities,
            needs=("faces", "objects"),
            sorts={"ID": lambda item: (item["Celebrity"]["Id"], -item["Celebrity"]["Confidence"], item["Timestamp"])},
            differs="Recognizes the people you add with `openrek celebrities add NAME PHOTO…`, and nobody else.",
        ),
        Kind(
            "PersonTracking",
            results="Persons",
            per_second=LOOKS_PER_SECOND["people"],
            look=look_for_people,
            needs=("faces", "objects"),
            join=follow,
            sorts=_BY_INDEX,
            differs="A person who is out of sight for more than 2 seconds, or behind a cut, gets a new Index. Face is "
            "there where the face is seen.",
        ),
        Kind(
            "FaceSearch",
            results="Persons",
            per_second=LOOKS_PER_SECOND["faces"],
            look=look_for_faces_of,
            needs=("faces", "objects"),
            join=follow,
            sorts=_BY_INDEX,
            check=check_collection,
            resource="collection/{CollectionId}",
            differs="Persons as of StartPersonTracking. The collection is searched while the video is analyzed, "
            "with at most 80 matches for a face.",
        ),
    )
}
"""By name."""
