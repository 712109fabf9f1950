"""What is known of a video before it is decoded."""

from dataclasses import dataclass
from fractions import Fraction


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
