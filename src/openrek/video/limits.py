"""What a video may have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """Checked when a video is opened, and again while it is decoded, because headers may be wrong.

    Bytes and time are Rekognition's: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
    """

    max_bytes: int = 10 * 1024**3
    max_seconds: int = 6 * 3600
    max_side: int = 8192
    """Pixels of the longer side of a frame."""
    max_pixels: int = 36_000_000
    """Pixels of a frame: 8K has 33 million."""
    max_frames: int = 6 * 3600 * 240
    """Frames in all: six hours at 240 a second."""
    max_header_bytes: int = 512 * 1024**2
    """Of `moov`, the index of the file, which FFmpeg reads into memory."""


DEFAULT_LIMITS = VideoLimits()
