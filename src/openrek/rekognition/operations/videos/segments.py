"""Segments of StartSegmentDetection: shots and technical cues, exact to the frame.

https://docs.aws.amazon.com/rekognition/latest/dg/segments.html
"""

from collections.abc import Iterator
from typing import Any

from openrek.rekognition.operation import Request
from openrek.rekognition.operations.videos.samples import Item
from openrek.rekognition.render.video_metadata import audio_metadata, video_metadata
from openrek.rekognition.render.video_segments import SHOT, TECHNICAL_CUE, video_segments
from openrek.video import BlackFrameRule, Trace, VideoProbe, measured
from openrek.vision import Engine

_FILTERS = {TECHNICAL_CUE: "TechnicalCueFilter", SHOT: "ShotFilter"}
"""Member of Filters for each type, in the order of the types."""


def black_frame_rule(request: Request) -> BlackFrameRule:
    """When a frame of the job's video is black."""
    given = request.get("Filters", {}).get("TechnicalCueFilter", {}).get("BlackFrame", {})
    default = BlackFrameRule()
    return BlackFrameRule(
        given.get("MaxPixelThreshold", default.max_pixel_threshold),
        given.get("MinCoveragePercentage", default.min_coverage_percentage),
    )


def segments(trace: Trace, probe: VideoProbe, request: Request) -> Iterator[Item]:
    """Segments of the requested types, technical cues first, each type in the order of time."""
    filters = request.get("Filters", {})
    min_confidences = {
        type_: filters[member]["MinSegmentConfidence"]
        for type_, member in _FILTERS.items()
        if "MinSegmentConfidence" in filters.get(member, {})
    }
    rate = measured(probe, trace).frame_rate
    yield from video_segments(trace, rate, request["SegmentTypes"], min_confidences)


def segment_metadata(probe: VideoProbe, trace: Trace, request: Request, engine: Engine) -> dict[str, Any]:
    """What every page of GetSegmentDetection has: lists, where other operations have one structure."""
    return {
        "VideoMetadata": [video_metadata(probe, trace)],
        "AudioMetadata": audio_metadata(probe),
        "SelectedSegmentTypes": [
            {"Type": name, "ModelVersion": engine.version} for name in _FILTERS if name in request["SegmentTypes"]
        ],
    }
