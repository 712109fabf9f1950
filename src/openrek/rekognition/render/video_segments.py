"""Shots and technical cues as GetSegmentDetection has them.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_SegmentDetection.html
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from openrek.rekognition.render.geometry import percent
from openrek.video import Stretch, Trace, shots, technical_cues, timecode

TECHNICAL_CUE, SHOT = "TECHNICAL_CUE", "SHOT"
_MIN_CONFIDENCE = 50.0


def video_segments(
    trace: Trace, frame_rate: float, types: Collection[str], min_confidences: Mapping[str, float] | None = None
) -> list[dict[str, Any]]:
    """The segments of a whole video: all technical cues, then all shots, each by time.

    Args:
        trace: Of the whole video.
        frame_rate: Frames a second, for the timecodes.
        types: Some of "TECHNICAL_CUE" and "SHOT".
        min_confidences: MinSegmentConfidence by type, 50 where there is none.
    """
    minimums = {TECHNICAL_CUE: _MIN_CONFIDENCE, SHOT: _MIN_CONFIDENCE, **(min_confidences or {})}
    segments = [
        *(_cues(trace, frame_rate) if TECHNICAL_CUE in types else ()),
        *(_shots(trace, frame_rate) if SHOT in types else ()),
    ]
    return [segment for segment, confidence in segments if confidence >= minimums[segment["Type"]]]


def _cues(trace: Trace, frame_rate: float) -> Iterator[tuple[dict[str, Any], float]]:
    for cue in technical_cues(trace):
        confidence = percent(cue.confidence)
        member = {"TechnicalCueSegment": {"Type": cue.type, "Confidence": confidence}}
        yield {"Type": TECHNICAL_CUE, **_times(cue.stretch, frame_rate), **member}, confidence


def _shots(trace: Trace, frame_rate: float) -> Iterator[tuple[dict[str, Any], float]]:
    for shot in shots(trace):
        confidence = percent(shot.confidence)
        member = {"ShotSegment": {"Index": shot.index, "Confidence": confidence}}
        yield {"Type": SHOT, **_times(shot.stretch, frame_rate), **member}, confidence


def _times(stretch: Stretch, frame_rate: float) -> dict[str, Any]:
    return {
        "StartTimestampMillis": stretch.start_ms,
        "EndTimestampMillis": stretch.end_ms,
        "DurationMillis": stretch.duration_ms,
        "StartTimecodeSMPTE": timecode(stretch.start_frame, frame_rate),
        "EndTimecodeSMPTE": timecode(stretch.end_frame, frame_rate),
        "DurationSMPTE": timecode(stretch.duration_frames, frame_rate),
        "StartFrameNumber": stretch.start_frame,
        "EndFrameNumber": stretch.end_frame,
        "DurationFrames": stretch.duration_frames,
    }
