"""Videos of all kinds are decoded at their presentation times, whole or segment by segment."""

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from openrek import cancellation
from openrek.errors import ObjectNotFoundError, RequestCancelledError, VideoTooLargeError
from openrek.video import RangeReader, Video, VideoLimits
from tests.videos import encode_video, numbered

_B_FRAMES = {"bf": "2", "g": "25", "x264-params": "scenecut=0"}
_VARIABLE = [0, 3000, 3600, 12_000, 12_090, 30_000, 90_000, 93_003, 200_000, 200_001]


def _times(data: bytes) -> list[int]:
    with Video(data) as video:
        return [frame.timestamp_ms for frame in video.frames()]


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(25, [0, 40, 80, 120]), (Fraction(30000, 1001), [0, 33, 66, 100]), (Fraction(24000, 1001), [0, 41, 83, 125])],
    ids=["25", "29.97", "23.976"],
)
def test_timestamps_are_rounded_down_to_milliseconds(rate: Fraction | int, expected: list[int]) -> None:
    assert _times(encode_video(numbered(4), rate=rate)) == expected


def test_variable_frame_rates_keep_their_times() -> None:
    data = encode_video(numbered(len(_VARIABLE)), times=_VARIABLE)
    assert _times(data) == [pts * 1000 // 90_000 for pts in _VARIABLE]


@pytest.mark.parametrize(
    "movflags", ["", "frag_keyframe+empty_moov+default_base_moof"], ids=["edit list", "no edit list"]
)
def test_the_first_frame_is_the_start_wherever_the_stream_begins(movflags: str) -> None:
    times = [450_000 + 3600 * number for number in range(50)]
    data = encode_video(numbered(50), times=times, options=_B_FRAMES, movflags=movflags)
    assert _times(data) == [40 * number for number in range(50)]


def test_an_edit_list_that_delays_the_video_behind_its_sound_counts() -> None:
    times = [90_000 + 3600 * number for number in range(25)]
    data = encode_video(numbered(25), times=times, options=_B_FRAMES, sound=[0.5, 0.5])
    assert _times(data) == [1000 + 40 * number for number in range(25)]


def test_an_edit_list_that_cuts_the_beginning_counts() -> None:
    data = encode_video(numbered(50), options={"g": "50", "bf": "0"})
    # The media time of the only edit, in units of the track: from 1 s on.
    place = data.index(b"elst") + 4 + 4 + 4 + 4
    trimmed = data[:place] + (90_000).to_bytes(4, "big") + data[place + 4 :]
    with Video(trimmed) as video:
        frames = [(frame.timestamp_ms, int(frame.luma[110, 80])) for frame in video.frames()]
    with Video(data) as video:
        whole = [(frame.timestamp_ms, int(frame.luma[110, 80])) for frame in video.frames()]
    assert frames == [(time - 1000, grey) for time, grey in whole if time >= 1000]


def test_frames_with_b_frames_come_in_the_order_of_presentation() -> None:
    with Video(encode_video(numbered(60), options=_B_FRAMES)) as video:
        greys = [int(frame.luma[110, 80]) for frame in video.frames()]
    assert greys == sorted(greys)
    assert len(greys) == 60


@pytest.mark.parametrize(
    ("codec", "options", "kind", "movflags"),
    [
        ("libx264", _B_FRAMES, "mp4", ""),
        ("libx264", {"bf": "0", "g": "1"}, "mov", ""),
        ("libx264", {"bf": "3", "g": "250", "x264-params": "scenecut=0"}, "mp4", ""),
        ("libx264", {"bf": "3", "g": "25", "x264-params": "open-gop=1:scenecut=0"}, "mp4", ""),
        ("libx264", _B_FRAMES, "mp4", "frag_keyframe+empty_moov+default_base_moof"),
        ("mpeg4", {"bf": "2", "g": "12"}, "mp4", ""),
        ("mjpeg", {}, "mov", ""),
    ],
    ids=["b-frames", "intra", "one keyframe", "open gop", "fragmented", "mpeg4", "mjpeg"],
)
def test_segments_decoded_alone_are_the_whole(codec: str, options: dict[str, str], kind: str, movflags: str) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    data = encode_video(numbered(120), codec=codec, options=options, kind=kind, movflags=movflags, pix_fmt=pix_fmt)
    with Video(data) as video:
        whole = [(frame.pts, frame.luma.tobytes()) for frame in video.frames()]
        segments = video.segments(0.5)
    assert len(segments) >= 4
    parts: list[tuple[int, bytes]] = []
    for segment in reversed(segments):
        with Video(data) as video:
            parts[:0] = [(frame.pts, frame.luma.tobytes()) for frame in video.frames(segment)]
    assert [pts for pts, _ in parts] == [pts for pts, _ in whole]
    assert parts == whole


def test_segments_of_a_video_of_variable_frame_rate_are_the_whole() -> None:
    times = list(np.cumsum(np.random.default_rng(3).integers(1, 20_000, 200)).tolist())
    data = encode_video(numbered(200), times=times, options={"bf": "2", "g": "30"})
    with Video(data) as video:
        whole = [frame.timestamp_ms for frame in video.frames()]
        parts = [frame.timestamp_ms for segment in video.segments(1) for frame in video.frames(segment)]
    assert parts == whole
    assert len(whole) == 200


@pytest.mark.parametrize(
    ("rotation", "corner"),
    [(0, (0, 0)), (90, (-1, 0)), (180, (-1, -1)), (270, (0, -1))],
    ids=["upright", "left", "upside down", "right"],
)
def test_frames_are_turned_as_a_player_turns_them(rotation: int, corner: tuple[int, int]) -> None:
    data = encode_video(numbered(3, 160, 96), rotation=rotation)
    with Video(data) as video:
        frame = next(video.frames()).upright()
        size = (96, 160) if rotation in (90, 270) else (160, 96)
        assert (frame.width, frame.height) == (video.probe.width, video.probe.height) == size
    red = frame.pixels(10_000)[corner]
    assert red[0] > 150
    assert red[1] < 90


def test_the_probe_states_what_metadata_needs() -> None:
    with Video(encode_video(numbered(50), rate=Fraction(30000, 1001), sound=[0.5, 0.0])) as video:
        probe = video.probe
    assert (probe.codec, probe.format, probe.color_range) == ("h264", "QuickTime / MOV", "LIMITED")
    assert float(probe.frame_rate) == pytest.approx(29.97, abs=0.01)
    assert [(audio.codec, audio.sample_rate, audio.channels) for audio in probe.audio] == [("aac", 48_000, 1)]
    assert probe.audio[0].duration_ms == pytest.approx(2000, abs=50)


def test_full_range_is_recognised() -> None:
    with Video(encode_video(numbered(3), codec="mjpeg", pix_fmt="yuvj420p", kind="mov")) as video:
        assert video.probe.color_range == "FULL"


def test_an_object_is_read_by_range() -> None:
    data = encode_video(numbered(30))
    reads: list[tuple[int, int]] = []

    def read(start: int, end: int) -> bytes:
        reads.append((start, end))
        return data[start:end]

    with Video(RangeReader(read, len(data))) as video:
        assert len(list(video.frames())) == 30
    assert all(0 <= start < end <= len(data) for start, end in reads)
    assert _times(data) == [40 * number for number in range(30)]


def test_errors_of_the_store_pass_through() -> None:
    data = encode_video(numbered(30))

    def read(start: int, end: int) -> bytes:
        raise ObjectNotFoundError("The object is gone.")

    with pytest.raises(ObjectNotFoundError, match="gone"):
        Video(RangeReader(read, len(data)))


def test_a_range_reader_is_a_file() -> None:
    data = bytes(range(256)) * 9000
    reader = RangeReader(lambda start, end: data[start:end], len(data))
    assert reader.read() == data
    assert reader.read(5) == b""
    reader.seek(-3, io.SEEK_END)
    assert reader.read(10) == data[-3:]
    reader.seek((1 << 20) - 2)
    assert reader.read(4) == data[(1 << 20) - 2 : (1 << 20) + 2]
    assert reader.seek(-1, io.SEEK_CUR) == (1 << 20) + 1


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "http:example.m3u8"
    path.write_bytes(encode_video(numbered(5)))
    with Video(path) as video:
        assert len(list(video.frames())) == 5


def test_limits_hold_while_frames_are_decoded() -> None:
    # The header declares no duration: a fragmented file is longer than any header of it said.
    data = encode_video(numbered(100), options=_B_FRAMES, movflags="frag_keyframe+empty_moov")
    with Video(data, VideoLimits(max_seconds=2)) as video, pytest.raises(VideoTooLargeError, match="hours"):
        list(video.frames())
    with pytest.raises(VideoTooLargeError, match=r"100 frames; at most 50|at most 50"):
        Video(encode_video(numbered(100)), VideoLimits(max_frames=50))


def test_cancelled_work_ends_within_a_segment() -> None:
    request = cancellation.Cancellation()
    with Video(encode_video(numbered(100))) as video, cancellation.use(request):
        frames = video.frames()
        next(frames)
        request.cancel()
        with pytest.raises(RequestCancelledError):
            list(frames)
