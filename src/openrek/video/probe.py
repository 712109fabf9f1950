"""What is known of a video before it is decoded."""

from dataclasses import dataclass
from fractions import Fraction

from openrek.video.trace import Trace

_RATE_ERROR = 0.02


@dataclass(frozen=True, slots=True)
class AudioProbe:
    """An audio stream, as its header declares."""

    codec: str
    """FFmpeg's name, as "aac"."""
    duration_ms: int
    sample_rate: int
    """Samples a second."""
    channels: int


@dataclass(frozen=True, slots=True)
class VideoProbe:
    """A video whose first frame was decoded. Durations and rates are those its header declares, true or not."""

    codec: str
    """FFmpeg's name, as "h264"."""
    format: str
    """Always "QuickTime / MOV", for MP4, too."""
    width: int
    """Of the upright frame, in pixels."""
    height: int
    """Of the upright frame, in pixels."""
    frame_rate: Fraction
    """Frames a second on average; 0 if unknown."""
    declared_duration_ms: int
    """0 if unknown. Good for a progress bar, and for nothing else."""
    color_range: str
    """"LIMITED" (luma 16 to 235) or "FULL" (0 to 255)."""
    audio: tuple[AudioProbe, ...]


@dataclass(frozen=True, slots=True)
class MeasuredVideo:
    """What was decoded of a video."""

    duration_ms: int
    """From the start of the video to the end of its last frame."""
    frames: int
    frame_rate: float
    """Frames a second: the declared one if the frames come at about that, else as many as came."""


def measured(probe: VideoProbe, trace: Trace) -> MeasuredVideo:
    """The true duration, count and rate of frames, by the trace of the whole video."""
    frames = len(trace)
    declared = float(probe.frame_rate)
    span = trace.end_ms - int(trace.timestamps_ms[0]) if frames else 0
    rate = 1000 * frames / span if span > 0 else declared
    return MeasuredVideo(trace.end_ms, frames, declared if abs(rate - declared) <= _RATE_ERROR * declared else rate)
