"""Frames are looked at as documented, and the findings do not depend on how the video was cut into segments."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest

from openrek import cancellation
from openrek.errors import RequestCancelledError
from openrek.video import Finding, Kind, SegmentFindings, Video, VideoAnalysis, joined, measured
from openrek.vision import Engine, Frame
from tests.videos import Pixels, encode_video, texture


@dataclass
class _FrameAnalysis:
    """In place of the models': what the frame shows."""

    frame: Frame
    started: list[str] = field(default_factory=list)

    def start(self, *results: str) -> None:
        self.started += results

    @property
    def grey(self) -> int:
        return int(self.frame.pixels(10_000).mean())


class _Engine:
    def __init__(self) -> None:
        self.analyses: list[_FrameAnalysis] = []

    def analysis(self, frame: Frame) -> _FrameAnalysis:
        analysis = _FrameAnalysis(frame)
        self.analyses.append(analysis)
        return analysis


def _grey(analysis: Any) -> int:
    return int(analysis.grey)


_KINDS: dict[str, Kind[int]] = {
    "labels": Kind(2.0, _grey, ("labels",)),
    "text": Kind(1.0, _grey, ("text",)),
}


def _changing(count: int) -> list[Pixels]:
    """Frames of which each differs visibly from the one before, and which are no cuts."""
    return [np.full((90, 160, 3), 20 + 5 * abs(number % 80 - 40), np.uint8) for number in range(count)]


def _analyse(
    data: bytes, kinds: dict[str, Kind[int]] | None = None, seconds: float | None = None
) -> tuple[SegmentFindings[int], _Engine]:
    engine = _Engine()
    analysis = VideoAnalysis(cast(Engine, engine), _KINDS if kinds is None else kinds)
    with Video(data) as video:
        if seconds is None:
            return analysis.segment(video), engine
        return joined([analysis.segment(video, segment) for segment in video.segments(seconds)]), engine


def _times(findings: tuple[Finding[int], ...], kind: str) -> list[int]:
    return [finding.timestamp_ms for finding in findings if finding.kind == kind]


def test_each_kind_is_looked_for_at_its_own_rate_and_a_frame_is_analysed_once() -> None:
    found, engine = _analyse(encode_video(_changing(90), rate=30))
    assert _times(found.findings, "labels") == [0, 500, 1000, 1500, 2000, 2500]
    assert _times(found.findings, "text") == [0, 1000, 2000]
    assert found.looked == len(engine.analyses) == 6
    assert [sorted(each.started) for each in engine.analyses][0::2] == [["labels", "text"]] * 3


def test_findings_are_those_of_the_frame_they_name() -> None:
    frames = _changing(60)
    found, _ = _analyse(encode_video(frames, rate=Fraction(24000, 1001), options={"bf": "2", "qp": "1"}))
    for finding in found.findings:
        assert finding.timestamp_ms == finding.frame * 1001 // 24
        assert finding.value == pytest.approx(frames[finding.frame].mean(), abs=3)


def test_the_first_frame_after_a_cut_is_looked_at() -> None:
    frames = [texture(1)] * 20 + [texture(2)] * 9 + [texture(3)] * 21
    found, _ = _analyse(encode_video(frames))
    assert [finding.frame for finding in found.findings if finding.kind == "labels"] == [0, 13, 20, 25, 29, 38]


def test_frames_that_barely_differ_have_the_findings_of_the_last_one_looked_at() -> None:
    found, engine = _analyse(encode_video([texture(1)] * 75))
    assert _times(found.findings, "labels") == [0, 520, 1000, 1520, 2000, 2520]
    assert len(engine.analyses) == found.looked == 1
    assert len({finding.value for finding in found.findings}) == 1


def test_small_changes_that_add_up_are_looked_at() -> None:
    frames = [np.full((90, 160, 3), 60 + number // 5, np.uint8) for number in range(150)]
    found, engine = _analyse(encode_video(frames, options={"qp": "1"}))
    assert 5 <= len(engine.analyses) <= 10
    errors = [abs(finding.value - float(frames[finding.frame].mean())) for finding in found.findings]
    assert max(errors) <= 5


def test_a_small_change_is_looked_at() -> None:
    still = texture(1, 640, 360)
    subtitled = still.copy()
    subtitled[320:340, 300:330] = 255
    subtitled[325:335, 305:325] = 0
    found, engine = _analyse(encode_video([still] * 25 + [subtitled] * 25))
    assert len(engine.analyses) == 2
    assert found.looked == 2


def test_segments_analysed_alone_add_no_look_but_at_their_first_frames() -> None:
    data = encode_video(_changing(150), options={"g": "25", "bf": "2", "x264-params": "scenecut=0"})
    whole, _ = _analyse(data)
    parts, _ = _analyse(data, seconds=1)
    assert parts.findings == whole.findings
    assert parts.trace.cuts.tolist() == whole.trace.cuts.tolist()
    assert parts.trace.timestamps_ms.tolist() == whole.trace.timestamps_ms.tolist()


def test_a_segment_has_the_same_findings_whenever_it_is_analysed() -> None:
    data = encode_video([texture(1)] * 40 + _changing(80), options={"g": "20", "bf": "0"})
    analysis = VideoAnalysis(cast(Engine, _Engine()), _KINDS)
    with Video(data) as video:
        segments = video.segments(1)
        forwards = [analysis.segment(video, segment) for segment in segments]
    for segment, before in reversed(list(zip(segments, forwards, strict=True))):
        with Video(data) as video:
            again = analysis.segment(video, segment)
        assert again.findings == before.findings
        assert again.trace.to_bytes() == before.trace.to_bytes()


def test_duration_count_and_rate_are_those_of_the_decoded_frames() -> None:
    data = encode_video(_changing(90), rate=Fraction(30000, 1001))
    with Video(data) as video:
        trace = VideoAnalysis(cast(Engine, _Engine()), {}).segment(video).trace
        result = measured(video.probe, trace)
    assert (result.frames, result.duration_ms) == (90, 3003)
    assert result.frame_rate == pytest.approx(30000 / 1001)


def test_the_rate_of_a_video_of_variable_rate_is_the_average() -> None:
    times = [0, 9000, 90_000, 99_000, 180_000, 189_000, 270_000, 279_000]
    with Video(encode_video(_changing(8), times=times)) as video:
        trace = VideoAnalysis(cast(Engine, _Engine()), {}).segment(video).trace
        assert 2 <= measured(video.probe, trace).frame_rate <= 3.5


def test_progress_is_reported_by_time() -> None:
    reported: list[int] = []
    with Video(encode_video(_changing(50))) as video:
        VideoAnalysis(cast(Engine, _Engine()), {}).segment(video, on_frame=reported.append)
    assert reported == [40 * number for number in range(50)]


def test_errors_of_the_models_end_the_analysis() -> None:
    def fail(_: Any) -> int:
        raise LookupError("a model is damaged")

    with Video(encode_video(_changing(50))) as video, pytest.raises(LookupError, match="damaged"):
        VideoAnalysis(cast(Engine, _Engine()), {"labels": Kind(2.0, fail)}).segment(video)


def test_cancelled_work_ends() -> None:
    request = cancellation.Cancellation()

    def cancel(_: Any) -> int:
        request.cancel()
        return 0

    analysis = VideoAnalysis(cast(Engine, _Engine()), {"labels": Kind(2.0, cancel)})
    with Video(encode_video(_changing(200))) as video, cancellation.use(request), pytest.raises(RequestCancelledError):
        analysis.segment(video)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="labels"):
        VideoAnalysis(cast(Engine, _Engine()), {"labels": Kind(rate, _grey)})
