"""Videos: files in; frames, samples, shots and tracks out. Arrays only; nothing of HTTP, AWS or storage."""

from openrek.video.decode import SEGMENT_SECONDS, Video
from openrek.video.limits import VideoLimits
from openrek.video.probe import AudioProbe, VideoProbe
from openrek.video.segments import Segment
from openrek.video.source import RangeReader, Source
from openrek.video.video_frame import VideoFrame

__all__ = [
    "SEGMENT_SECONDS",
    "AudioProbe",
    "RangeReader",
    "Segment",
    "Source",
    "Video",
    "VideoFrame",
    "VideoLimits",
    "VideoProbe",
]
