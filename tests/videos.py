"""Videos the tests make, with PyAV."""

import io
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
UNITS = 90_000
"""Of the videos' time base: so many a second."""


def encode_video(
    frames: Iterable[Pixels],
    *,
    rate: Fraction | int = 25,
    times: Sequence[int] | None = None,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    rotation: int = 0,
    kind: str = "mp4",
    movflags: str = "",
    pix_fmt: str = "yuv420p",
    sound: Sequence[float] | None = None,
) -> bytes:
    """A video file of (H, W, 3) RGB frames.

    Args:
        frames: All of one size.
        rate: Frames a second, if there are no times.
        times: Presentation time of each frame, in 1/90000 s.
        codec: FFmpeg's name of the encoder.
        options: The encoder's, as {"g": "25", "bf": "2"}.
        rotation: Degrees by which a player turns the video, counter-clockwise.
        kind: FFmpeg's name of the container.
        movflags: Of the container, as "frag_keyframe+empty_moov".
        pix_fmt: Of the encoded frames.
        sound: Amplitude, 0 to 1, of each second of a 440 Hz tone; None for no audio stream.
    """
    buffer = io.BytesIO()
    unit = Fraction(1, UNITS)
    with av.open(buffer, "w", format=kind, options={"movflags": movflags} if movflags else {}) as container:
        stream: Any = None
        for number, pixels in enumerate(frames):
            if stream is None:
                stream = container.add_stream(codec, rate=Fraction(rate), options=dict(options or {}))
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = pix_fmt
                # MPEG-4 Part 2 has at most 65,535 units a second.
                stream.time_base = stream.codec_context.time_base = unit if codec != "mpeg4" else unit * 2
                if rotation:
                    stream.set_display_rotation(rotation)
                if sound is not None:
                    _add_sound(container, sound)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = round(number / Fraction(rate) / unit) if times is None else times[number]
            frame.time_base = unit
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def _add_sound(container: Any, amplitudes: Sequence[float]) -> None:
    rate = 48_000
    stream = container.add_stream("aac", rate=rate, layout="mono")
    wave = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    samples = np.concatenate([wave * amplitude for amplitude in amplitudes]).astype(np.float32)
    for start in range(0, len(samples), 1024):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate = rate
        frame.pts = start
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def numbered(count: int, width: int = 160, height: int = 120) -> list[Pixels]:
    """Frames that show their number: a grey of its own on the left, a white block that moves, a red corner."""
    frames = []
    for number in range(count):
        pixels = np.full((height, width, 3), 40 + number * 150 // max(count, 1), np.uint8)
        left = number * (width - 20) // max(count, 1)
        pixels[height // 2 : height // 2 + 20, left : left + 20] = 255
        pixels[: height // 4, : width // 4] = (220, 20, 20)
        frames.append(pixels)
    return frames


def texture(seed: int, width: int = 160, height: int = 120) -> Pixels:
    """Blocks of random colours: a scene, different for each seed."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)
    return np.repeat(np.repeat(blocks, 10, axis=0), 10, axis=1)
