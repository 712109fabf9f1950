"""Whether a video can be heard at a time."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from openrek import cancellation

if TYPE_CHECKING:
    from av.container import InputContainer

AUDIBLE_RMS = 10 ** (-60 / 20)
"""Of the amplitude, 0 to 1: what is below -60 dBFS counts as silence."""


def audible(container: "InputContainer", start: float, end: float) -> list[tuple[float, float]]:
    """Stretches of (from, to) that can be heard, seconds of the file's own time, within a range of time.

    Of the first audio stream; none if there is none, or if it cannot be decoded.
    """
    import av

    streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if not streams:
        return []
    stream: Any = streams[0]
    try:
        container.seek(int(start / stream.time_base), stream=stream, backward=True)
        return list(_stretches(container, stream, start, end))
    except av.error.FFmpegError:
        return []


def _stretches(container: "InputContainer", stream: Any, start: float, end: float) -> Iterator[tuple[float, float]]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono")
    for frame in container.decode(stream):
        cancellation.check()
        if frame.pts is None or frame.time_base is None:
            continue
        begin = float(frame.pts * frame.time_base)
        until = begin + frame.samples / frame.sample_rate
        if begin >= end:
            return
        if until <= start:
            continue
        samples = [each.to_ndarray() for each in resampler.resample(frame)]
        if any(each.size and float(np.sqrt(np.mean(np.square(each)))) >= AUDIBLE_RMS for each in samples):
            yield begin, until
