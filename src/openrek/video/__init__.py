"""Videos: files in; frames, samples, shots and tracks out. Arrays only; nothing of HTTP, AWS or storage."""

from openrek.video.analysis import Finding, Kind, SegmentFindings, VideoAnalysis, joined
from openrek.video.contact_sheet import ContactSheet
from openrek.video.decode import SEGMENT_SECONDS, Video
from openrek.video.limits import VideoLimits
from openrek.video.probe import AudioProbe, MeasuredVideo, VideoProbe, measured
from openrek.video.sampling import LOOKS_PER_SECOND
from openrek.video.segment_analysis import Shot, Stretch, TechnicalCue, shots, technical_cues
from openrek.video.segments import Segment
from openrek.video.source import BinaryFile, RangeReader, Source
from openrek.video.technical_patterns import BlackFrameRule
from openrek.video.timecode import timecode
from openrek.video.trace import Trace
from openrek.video.tracking import People, TrackingOptions, interpolated, track
from openrek.video.video_frame import VideoFrame

__all__ = [
    "LOOKS_PER_SECOND",
    "SEGMENT_SECONDS",
    "AudioProbe",
    "BinaryFile",
    "BlackFrameRule",
    "ContactSheet",
    "Finding",
    "Kind",
    "MeasuredVideo",
    "People",
    "RangeReader",
    "Segment",
    "SegmentFindings",
    "Shot",
    "Source",
    "Stretch",
    "TechnicalCue",
    "Trace",
    "TrackingOptions",
    "Video",
    "VideoAnalysis",
    "VideoFrame",
    "VideoLimits",
    "VideoProbe",
    "interpolated",
    "joined",
    "measured",
    "shots",
    "technical_cues",
    "timecode",
    "track",
]
