"""VideoMetadata and AudioMetadata.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_VideoMetadata.html
"""

from typing import Any

from openrek.video import Trace, VideoProbe, measured


def video_metadata(probe: VideoProbe, trace: Trace) -> dict[str, Any]:
    """VideoMetadata: duration and rate are those of the frames that were decoded, not what headers declare."""
    found = measured(probe, trace)
    return {
        "Codec": probe.codec,
        "DurationMillis": found.duration_ms,
        "Format": probe.format,
        "FrameRate": found.frame_rate,
        "FrameHeight": probe.height,
        "FrameWidth": probe.width,
        "ColorRange": probe.color_range,
    }


def audio_metadata(probe: VideoProbe) -> list[dict[str, Any]]:
    """AudioMetadata of each audio stream."""
    return [
        {
            "Codec": stream.codec,
            "DurationMillis": stream.duration_ms,
            "SampleRate": stream.sample_rate,
            "NumberOfChannels": stream.channels,
        }
        for stream in probe.audio
    ]
