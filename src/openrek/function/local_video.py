"""A video analyzed in this process, without a job: everything that is looked for, from one decode pass."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openrek.function.findings import milliseconds
from openrek.rekognition import Services
from openrek.rekognition.operations.videos.kinds import KINDS
from openrek.rekognition.operations.videos.samples import Item, Sample
from openrek.rekognition.render.video_metadata import audio_metadata, video_metadata
from openrek.rekognition.render.video_segments import SHOT, TECHNICAL_CUE, video_segments
from openrek.video import Kind, SegmentFindings, Video, VideoAnalysis, joined
from openrek.video.analysis import Watch
from openrek.vision import FrameAnalysis

OnProgress = Callable[[int, int], None]
"""Called with how much of the video is analyzed and how long it is as its header declares, in milliseconds."""

PARTS: Mapping[str, str] = {
    "labels": "LabelDetection",
    "faces": "FaceDetection",
    "text": "TextDetection",
    "moderation": "ContentModeration",
}
"""The kind of analysis whose results are a part of the findings, by the part."""


@dataclass(frozen=True, slots=True)
class VideoFindings:
    """What was found in a video, in Rekognition's shapes."""

    video: dict[str, Any]
    """VideoMetadata."""
    audio: list[dict[str, Any]]
    """AudioMetadata."""
    labels: list[Item]
    faces: list[Item]
    text: list[Item]
    moderation: list[Item]
    segments: list[dict[str, Any]]
    """Technical cues, then shots."""
    models: dict[str, str]
    """Versions of the models."""
    timings_ms: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """The findings as JSON."""
        return {
            "video": self.video,
            "audio": self.audio,
            "labels": self.labels,
            "faces": self.faces,
            "text": self.text,
            "moderation": self.moderation,
            "segments": self.segments,
            "models": self.models,
            "timings_ms": self.timings_ms,
        }


def analyze_video(
    video: Video, services: Services, at_once: int, on_progress: OnProgress | None = None, watch: Watch | None = None
) -> VideoFindings:
    """Labels, faces, text, moderation and segments of a video.

    Args:
        video: Just opened.
        services: The engine.
        at_once: Frames that are analyzed at a time.
        on_progress: Called with each decoded frame.
        watch: Called with each decoded frame itself.

    Raises:
        VideoFormatError: the file is damaged.
        VideoTooLargeError: more time, frames or pixels than allowed.
    """
    started = time.perf_counter()
    declared = video.probe.declared_duration_ms
    analysis = VideoAnalysis(services.engine, _looked_for(services), at_once=at_once)
    on_frame = None if on_progress is None else lambda ms: on_progress(ms, declared)
    found = joined(analysis.segment(video, segment, on_frame, watch) for segment in video.segments())
    if on_progress is not None:
        on_progress(found.trace.end_ms, found.trace.end_ms)
    metadata = video_metadata(video.probe, found.trace)
    parts = {part: _results(found, part, services) for part in PARTS}
    kinds = [KINDS[name] for name in PARTS.values()]
    return VideoFindings(
        video=metadata,
        audio=audio_metadata(video.probe),
        **parts,
        segments=video_segments(found.trace, metadata["FrameRate"], (TECHNICAL_CUE, SHOT)),
        models={kind.version: kind.engine_version(services.engine) for kind in kinds if kind.version},
        timings_ms={"recognition": milliseconds(started)},
    )


def _looked_for(services: Services) -> dict[str, Kind[list[Item]]]:
    def kind(name: str) -> Kind[list[Item]]:
        known = KINDS[name]
        look = known.look
        assert look is not None

        def read(analysis: FrameAnalysis) -> list[Item]:
            return look(analysis, {}, services)

        return Kind(known.per_second, read, known.needs)

    return {part: kind(name) for part, name in PARTS.items()}


def _results(found: SegmentFindings[list[Item]], part: str, services: Services) -> list[Item]:
    samples = [Sample(each.timestamp_ms, each.value) for each in found.findings if each.kind == part]
    return list(KINDS[PARTS[part]].join(samples, {}, services, found.trace))
