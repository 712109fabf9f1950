"""Shots and technical cues."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
import pytest

from openrek.video import BlackFrameRule, Trace, Video, VideoAnalysis, joined, shots, technical_cues
from openrek.video.trace import TraceRecorder
from openrek.vision import Engine
from tests.videos import Pixels, encode_video, texture

_A, _B, _BLACK = texture(1), texture(2), np.zeros((120, 160, 3), np.uint8)


def _trace(data: bytes, rule: BlackFrameRule = BlackFrameRule(), seconds: float = 1.0) -> Trace:  # noqa: B008
    analysis: VideoAnalysis[None] = VideoAnalysis(cast(Engine, None), {}, rule)
    with Video(data) as video:
        return joined([analysis.segment(video, segment) for segment in video.segments(seconds)]).trace


def _cues(data: bytes, rule: BlackFrameRule = BlackFrameRule()) -> list[tuple[str, int, int]]:  # noqa: B008
    cues = technical_cues(_trace(data, rule))
    return [(cue.type, cue.stretch.start_frame, cue.stretch.end_frame) for cue in cues]


def _bars(source: str, count: int) -> list[Pixels]:
    graph = av.filter.Graph()
    bars, sink = graph.add(source, "size=320x240"), graph.add("buffersink")
    bars.link_to(sink)
    graph.configure()
    frame: Any = graph.pull()
    return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)] * count


def test_shots_include_both_ends_and_last_from_their_first_frame_to_their_last() -> None:
    found = shots(_trace(encode_video([_A] * 30 + [_B] * 20, rate=Fraction(30000, 1001))))
    assert [(shot.index, shot.stretch.start_frame, shot.stretch.end_frame) for shot in found] == [
        (0, 0, 29),
        (1, 30, 49),
    ]
    first, second = found[0].stretch, found[1].stretch
    assert (first.start_ms, first.end_ms, first.duration_ms, first.duration_frames) == (0, 967, 967, 29)
    assert (second.start_ms, second.end_ms) == (1001, 1634)
    assert all(0.5 <= shot.confidence <= 1 for shot in found)


def test_a_video_without_cuts_is_one_shot() -> None:
    found = shots(_trace(encode_video([_A] * 30)))
    assert [(shot.stretch.start_frame, shot.stretch.end_frame, shot.confidence) for shot in found] == [(0, 29, 1.0)]


def test_frames_of_a_fade_belong_to_no_shot() -> None:
    out = [(_A * share).astype(np.uint8) for share in np.linspace(1, 0, 11)[1:]]
    back = [(_B * share).astype(np.uint8) for share in np.linspace(0, 1, 11)[:-1]]
    found = shots(_trace(encode_video([_A] * 30 + out + [_BLACK] * 5 + back + [_B] * 30)))
    assert len(found) == 2
    assert (found[0].stretch.start_frame, found[1].stretch.end_frame) == (0, 84)
    assert found[0].stretch.end_frame == pytest.approx(29, abs=1)
    assert found[1].stretch.start_frame == pytest.approx(55, abs=1)


def test_black_between_hard_cuts_is_a_shot_of_its_own() -> None:
    found = shots(_trace(encode_video([_A] * 20 + [_BLACK] * 10 + [_B] * 20)))
    assert [shot.stretch.start_frame for shot in found] == [0, 20, 30]


def test_black_frames_and_content_cover_the_video() -> None:
    data = encode_video([_BLACK] * 12 + [_A] * 30 + [_BLACK] * 8)
    assert _cues(data) == [("BlackFrames", 0, 11), ("Content", 12, 41), ("BlackFrames", 42, 49)]


def _speckled(share: float) -> Pixels:
    """Black but for so much of the frame, which is white, in a column."""
    frame = np.zeros((200, 200, 3), np.uint8)
    frame[:, : round(200 * share)] = 255
    return frame


@pytest.mark.parametrize(
    ("grey", "rule", "is_black"),
    [
        (0, BlackFrameRule(), True),
        (50, BlackFrameRule(), True),  # luma 59 of at most 16 + 0.2 × 219 = 59.8
        (54, BlackFrameRule(), False),
        (54, BlackFrameRule(max_pixel_threshold=0.3), True),
        (0, BlackFrameRule(max_pixel_threshold=0.0), True),
        (4, BlackFrameRule(max_pixel_threshold=0.0), False),
    ],
)
def test_a_pixel_is_black_up_to_a_part_of_the_limited_range(grey: int, rule: BlackFrameRule, is_black: bool) -> None:
    data = encode_video([np.full((120, 160, 3), grey, np.uint8)] * 5, options={"qp": "0"})
    assert [cue[0] for cue in _cues(data, rule)] == ["BlackFrames" if is_black else "Content"]


@pytest.mark.parametrize(
    ("grey", "is_black"),
    [(50, True), (54, False)],  # of at most 0.2 × 255 = 51
)
def test_a_pixel_is_black_up_to_a_part_of_the_full_range(grey: int, is_black: bool) -> None:
    frames = [np.full((120, 160, 3), grey, np.uint8)] * 5
    data = encode_video(frames, codec="mjpeg", pix_fmt="yuvj420p", kind="mov", options={"qmin": "1", "qmax": "1"})
    assert [cue[0] for cue in _cues(data)] == ["BlackFrames" if is_black else "Content"]


@pytest.mark.parametrize(
    ("white", "coverage", "is_black"),
    [
        (0.01, 99.0, True),
        (0.02, 99.0, False),
        (0.02, 98.0, True),
        (0.3, 50.0, True),
        (0.0, 100.0, True),
        (0.01, 100.0, False),
    ],
)
def test_a_frame_is_black_if_enough_of_its_pixels_are(white: float, coverage: float, is_black: bool) -> None:
    data = encode_video([_speckled(white)] * 5, options={"qp": "0"}, pix_fmt="yuv444p")
    cues = _cues(data, BlackFrameRule(min_coverage_percentage=coverage))
    assert [cue[0] for cue in cues] == ["BlackFrames" if is_black else "Content"]


@pytest.mark.parametrize(
    ("sound", "expected"),
    [
        (None, [("BlackFrames", 0, 49), ("Content", 50, 74), ("BlackFrames", 75, 99)]),
        ([0.0, 0.0, 0.5, 0.0], [("BlackFrames", 0, 49), ("Content", 50, 74), ("BlackFrames", 75, 99)]),
        ([0.5, 0.5, 0.5, 0.5], [("Content", 0, 99)]),
        ([0.0, 0.0, 0.0, 0.5], [("BlackFrames", 0, 49), ("Content", 50, 99)]),
    ],
    ids=["no audio", "silence", "sound throughout", "sound at the end"],
)
def test_black_frames_with_sound_are_content(
    sound: Sequence[float] | None, expected: list[tuple[str, int, int]]
) -> None:
    frames = [_BLACK] * 50 + [_A] * 25 + [_BLACK] * 25
    cues = _cues(encode_video(frames, options={"g": "25"}, sound=sound))
    assert [kind for kind, _, _ in cues] == [kind for kind, _, _ in expected]
    # The encoder's window smears the edges of the sound over 50 ms.
    for cue, wanted in zip(cues, expected, strict=True):
        assert cue[1:] == pytest.approx(wanted[1:], abs=2)


def test_a_pause_of_the_sound_does_not_make_black_frames() -> None:
    frames = [_BLACK] * 100
    tone = [0.5, 0.5, 0.5, 0.5]
    trace = _trace(encode_video(frames, sound=tone))
    trace.heard[50:60] = False
    assert [cue.type for cue in technical_cues(trace)] == ["Content"]
    trace.heard[40:80] = False
    assert [cue.type for cue in technical_cues(trace)] == ["Content", "BlackFrames", "Content"]


@pytest.mark.parametrize("source", ["smptebars", "smptehdbars", "pal75bars", "pal100bars"])
def test_colour_bars_are_found(source: str) -> None:
    data = encode_video(_bars(source, 25) + [texture(1, 320, 240)] * 25)
    assert _cues(data) == [("ColorBars", 0, 24), ("Content", 25, 49)]


@pytest.mark.parametrize("source", ["testsrc", "testsrc2", "rgbtestsrc", "yuvtestsrc", "colorspectrum"])
def test_other_test_patterns_are_content(source: str) -> None:
    assert _cues(encode_video(_bars(source, 10))) == [("Content", 0, 9)]


def test_nothing_has_neither_shots_nor_cues() -> None:
    empty = TraceRecorder(BlackFrameRule(), full_range=False).finish()
    assert not shots(empty)
    assert not technical_cues(empty)
