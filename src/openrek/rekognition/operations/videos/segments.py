"""Segments of StartSegmentDetection: shots and technical cues, exact to the frame.

https://docs.aws.amazon.com/rekognition/latest/dg/segments.html
"""

from collections.abc import Iterator
from typing import Any

from openrek.rekognition.operation import Request
from openrek.rekognition.operations.videos.samples import Item
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.render.video_metadata import audio_metadata, video_metadata
from openrek.video import BlackFrameRule, Stretch, Trace, VideoProbe, measured, shots, technical_cues, timecode
from openrek.vision import Engine

_CUE, _SHOT = "TECHNICAL_CUE", "SHOT"
_ORDER = (_CUE, _SHOT)
_MIN_CONFIDENCE = 50.0


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
    rate = measured(probe, trace).frame_rate
    wanted, filters = request["SegmentTypes"], request.get("Filters", {})
    if _CUE in wanted:
        minimum = filters.get("TechnicalCueFilter", {}).get("MinSegmentConfidence", _MIN_CONFIDENCE)
        for cue in technical_cues(trace):
            if (confidence := percent(cue.confidence)) >= minimum:
                found = {"TechnicalCueSegment": {"Type": cue.type, "Confidence": confidence}}
                yield {"Type": _CUE, **_place(cue.stretch, rate), **found}
    if _SHOT in wanted:
        minimum = filters.get("ShotFilter", {}).get("MinSegmentConfidence", _MIN_CONFIDENCE)
        for shot in shots(trace):
            if (confidence := percent(shot.confidence)) >= minimum:
                found = {"ShotSegment": {"Index": shot.index, "Confidence": confidence}}
                yield {"Type": _SHOT, **_place(shot.stretch, rate), **found}


def segment_metadata(probe: VideoProbe, trace: Trace, request: Request, engine: Engine) -> dict[str, Any]:
    """What every page of GetSegmentDetection has: lists, where other operations have one structure."""
    return {
        "VideoMetadata": [video_metadata(probe, trace)],
        "AudioMetadata": audio_metadata(probe),
        "SelectedSegmentTypes": [
            {"Type": name, "ModelVersion": engine.version} for name in _ORDER if name in request["SegmentTypes"]
        ],
    }


def _place(stretch: Stretch, rate: float) -> dict[str, Any]:
    return {
        "StartTimestampMillis": stretch.start_ms,
        "EndTimestampMillis": stretch.end_ms,
        "DurationMillis": stretch.duration_ms,
        "StartTimecodeSMPTE": timecode(stretch.start_frame, rate),
        "EndTimecodeSMPTE": timecode(stretch.end_frame, rate),
        "DurationSMPTE": timecode(stretch.duration_frames, rate),
        "StartFrameNumber": stretch.start_frame,
        "EndFrameNumber": stretch.end_frame,
        "DurationFrames": stretch.duration_frames,
    }
