"""Hard cuts are found to the frame, and none is invented."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from openrek.video import BlackFrameRule, Trace, Video
from openrek.video.trace import TraceRecorder
from tests.videos import Pixels, encode_video, texture

_WIDTH, _HEIGHT = 320, 160
_A, _B = texture(1, _WIDTH, _HEIGHT), texture(2, _WIDTH, _HEIGHT)
_WIDE = texture(3, 1600, 400)


def _trace(source: bytes | Path, seconds: float | None = None) -> Trace:
    """Of a whole video, at once or joined from segments that were decoded alone."""
    with Video(source) as video:
        segments = [None] if seconds is None else video.segments(seconds)
        traces = []
        for segment in segments:
            recorder = TraceRecorder(BlackFrameRule(), full_range=False)
            for frame in video.frames(segment):
                recorder.push(frame)
            traces.append(recorder.finish())
    return Trace.joined(traces)


def _cuts(source: bytes | Path, seconds: float | None = None) -> list[int]:
    return [int(index) for index in np.flatnonzero(_trace(source, seconds).cuts)]


def _stripes(width: int, across: bool) -> Pixels:
    y, x = np.mgrid[:_HEIGHT, :_WIDTH]
    grey = np.where(((x if across else y) // width) % 2, 255, 0).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _halves() -> Pixels:
    frame = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    frame[:, : _WIDTH // 2, 0] = 255
    frame[:, _WIDTH // 2 :, 2] = 255
    return frame


def _mirrored(frame: Pixels) -> Pixels:
    return np.ascontiguousarray(frame[:, ::-1])


def _gradient(across: bool) -> Pixels:
    y, x = np.mgrid[:_HEIGHT, :_WIDTH]
    grey = 100 + 60 * (x / _WIDTH if across else y / _HEIGHT)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def _shuffled(frame: Pixels) -> Pixels:
    blocks = frame.reshape(_HEIGHT // 10, 10, _WIDTH // 10, 10, 3).swapaxes(1, 2).reshape(-1, 10, 10, 3)
    mixed = blocks[np.random.default_rng(7).permutation(len(blocks))]
    return np.ascontiguousarray(
        mixed.reshape(_HEIGHT // 10, _WIDTH // 10, 10, 10, 3).swapaxes(1, 2).reshape(_HEIGHT, _WIDTH, 3)
    )


_EQUAL_COLOURS = {
    "mirrored": (_A, _mirrored(_A)),
    "upside down": (_A, np.ascontiguousarray(_A[::-1])),
    "shuffled": (_A, _shuffled(_A)),
    "halves exchanged": (_halves(), _mirrored(_halves())),
    "stripes across and down": (_stripes(4, True), _stripes(4, False)),
    "wide stripes across and down": (_stripes(20, True), _stripes(20, False)),
    "black and white exchanged": (_stripes(8, True), 255 - _stripes(8, True)),
    "gradients across and down": (_gradient(True), _gradient(False)),
    "dark": (_A // 12, _mirrored(_A) // 12),
}


@pytest.mark.parametrize(("before", "after"), _EQUAL_COLOURS.values(), ids=_EQUAL_COLOURS.keys())
def test_cuts_between_scenes_of_equal_colours_are_found(before: Pixels, after: Pixels) -> None:
    assert before.mean(axis=(0, 1)) == pytest.approx(after.mean(axis=(0, 1)), abs=1)
    assert _cuts(encode_video([before] * 20 + [after] * 17 + [before] * 9)) == [20, 37]


def test_cuts_between_moving_scenes_of_equal_colours_are_found() -> None:
    def moving(across: bool) -> list[Pixels]:
        y, x = np.mgrid[:_HEIGHT, :_WIDTH]
        greys = [128 + 100 * np.sin(((x if across else y) + 2 * number) / 8) for number in range(20)]
        return [np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2) for grey in greys]

    assert _cuts(encode_video(moving(True) + moving(False) + moving(True))) == [20, 40]


def _pan(step: int, count: int, hold: int = 1) -> list[Pixels]:
    return [np.ascontiguousarray(_WIDE[100:260, n // hold * step : n // hold * step + _WIDTH]) for n in range(count)]


def _dissolve() -> list[Pixels]:
    steps = np.linspace(0, 1, 25)
    return [_A] * 15 + [(_A * (1 - share) + _B * share).astype(np.uint8) for share in steps] + [_B] * 15


def _noise() -> list[Pixels]:
    random = np.random.default_rng(1)
    return [np.clip(_A + random.normal(0, 40, _A.shape), 0, 255).astype(np.uint8) for _ in range(40)]


def _ball() -> list[Pixels]:
    frames = []
    for number in range(60):
        frame = np.full((_HEIGHT, _WIDTH, 3), 60, np.uint8)
        frames.append(cv2.circle(frame, (10 + number // 4 * 20, 80), 30, (255, 200, 0), -1).astype(np.uint8))
    return frames


def _zoom(hold: int) -> list[Pixels]:
    def frame(number: int) -> Pixels:
        crop = _WIDE[number : 400 - number, 2 * number : 800 - 2 * number]
        return cv2.resize(crop, (_WIDTH, _HEIGHT)).astype(np.uint8)

    return [frame(number // hold * hold) for number in range(60)]


_NO_CUTS: dict[str, Callable[[], list[Pixels]]] = {
    "still": lambda: [_A] * 40,
    "pan": lambda: _pan(4, 60),
    "fast pan": lambda: _pan(13, 60),
    "pan at five frames a second": lambda: _pan(20, 60, hold=5),
    "zoom": lambda: _zoom(1),
    "zoom at five frames a second": lambda: _zoom(5),
    "dissolve": _dissolve,
    "fade to black": lambda: [(_A * share).astype(np.uint8) for share in np.linspace(1, 0, 20)],
    "flash of one frame": lambda: [_A] * 20 + [np.full_like(_A, 255)] + [_A] * 20,
    "flash of two frames": lambda: [_A] * 20 + [np.full_like(_A, 255)] * 2 + [_A] * 20,
    "noise": _noise,
    "something large moves in steps": _ball,
}


@pytest.mark.parametrize("frames", _NO_CUTS.values(), ids=_NO_CUTS.keys())
def test_what_moves_or_flashes_is_no_cut(frames: Callable[[], list[Pixels]]) -> None:
    assert _cuts(encode_video(frames())) == []


@pytest.mark.parametrize("length", [3, 4, 7, 12])
def test_short_shots_are_told_apart(length: int) -> None:
    shots = [texture(seed, _WIDTH, _HEIGHT) for seed in range(10)]
    data = encode_video([shot for shot in shots for _ in range(length)])
    assert _cuts(data) == list(range(length, 10 * length, length))


@pytest.mark.parametrize("gop", [7, 25, 250])
def test_cuts_are_the_same_when_segments_are_analysed_alone(gop: int) -> None:
    shots = [texture(seed, _WIDTH, _HEIGHT) for seed in range(8)]
    lengths = [25, 13, 12, 30, 20, 25, 25, 10]
    frames = [shot for shot, length in zip(shots, lengths, strict=True) for _ in range(length)]
    data = encode_video(frames, options={"g": str(gop), "bf": "2", "x264-params": "scenecut=0"})
    expected = np.cumsum(lengths)[:-1].tolist()
    assert _cuts(data) == expected
    assert _cuts(data, 0.5) == expected


def test_flashes_at_the_edge_of_a_segment_are_no_cuts() -> None:
    frames = [_A] * 25 + [np.full_like(_A, 255)] + [_A] * 24
    data = encode_video(frames, options={"g": "26", "bf": "0", "x264-params": "scenecut=0"})
    assert _cuts(data, 0.5) == []


def test_the_cuts_of_the_sample_clip_are_found(shared: Path) -> None:
    clip = shared / "data" / "videos" / "synthetic_cuts_60_105_135_185_215_255.mp4"
    assert _cuts(clip) == _cuts(clip, 1) == [60, 105, 135, 185, 215, 255]


def test_no_cut_is_invented_in_a_clip_of_one_shot(shared: Path) -> None:
    assert _cuts(shared / "data" / "videos" / "one-by-one-person-detection.mp4", 20) == []


def test_a_trace_is_the_same_after_it_was_stored() -> None:
    trace = _trace(encode_video([_A] * 10 + [_B] * 10))
    again = Trace.from_bytes(trace.to_bytes())
    assert again.to_bytes() == trace.to_bytes()
    assert again.cuts.tolist() == trace.cuts.tolist()
    assert (len(again), again.end_ms) == (20, 800)


def test_traces_of_segments_without_frames_join() -> None:
    empty = TraceRecorder(BlackFrameRule(), full_range=False).finish()
    trace = _trace(encode_video([_A] * 5))
    assert Trace.joined([empty, trace, empty]).to_bytes() == trace.to_bytes()
    assert len(Trace.joined([empty, empty])) == 0
