"""Hostile and damaged files end in domain errors, within seconds, and nothing but the object is read."""

import io
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from openrek.errors import OperationNotSupportedError, VideoFormatError, VideoTooLargeError
from openrek.video import Video, VideoAnalysis, joined, technical_cues
from openrek.vision import Engine
from tests.images import page
from tests.videos import encode_video, numbered


@pytest.fixture(scope="module")
def clip() -> bytes:
    """Two seconds of H.264."""
    return encode_video(numbered(50))


def _patched(data: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """The file with bytes replaced so far behind the type of a box."""
    place = data.index(box) + 4 + offset
    return data[:place] + value + data[place + len(value) :]


def _moov_first(data: bytes) -> bytes:
    """The same fragmented, so that the index comes before the data."""
    return encode_video(numbered(50), movflags="frag_keyframe+empty_moov")


def _without_box(data: bytes, kind: bytes) -> bytes:
    place = data.index(kind) - 4
    size = int.from_bytes(data[place : place + 4], "big")
    return data[:place] + data[place + size :]


_UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "one byte": lambda _: b"\0",
    "zeros": lambda _: bytes(5000),
    "truncated before the index": lambda clip: clip[: len(clip) // 2],
    "truncated in the index": lambda clip: clip[:-100],
    "truncated fragments": lambda clip: _moov_first(clip)[:-500],
    "no index": lambda clip: _without_box(clip, b"moov"),
    "only a file type": lambda clip: clip[: int.from_bytes(clip[:4], "big")],
    "no video track": lambda clip: clip.replace(b"vide", b"soun"),
    "no data": lambda clip: _without_box(clip, b"mdat"),
    "unknown codec": lambda clip: clip.replace(b"avc1", b"xyz1").replace(b"avcC", b"xyzC"),
    "zero frames": lambda clip: _patched(clip, b"stsz", 8, bytes(4)),
    "garbage frames": lambda clip: _patched(clip, b"mdat", 0, b"\xff" * (len(clip) // 4)),
    "box of no end": lambda clip: clip[:4] + b"ftyp" + b"\0\0\0\1" * 4000,
    "HLS playlist": lambda _: b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat script": lambda _: b"ffconcat version 1.0\nfile /etc/passwd\nfile http://127.0.0.1:9/\n",
    "DASH manifest": lambda _: b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>',
    "SDP": lambda _: b"v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "image": lambda _: page("not a video"),
    "subtitles": lambda _: b"1\n00:00:00,000 --> 00:00:01,000\nhello\n",
    "text": lambda _: b"hello" * 100,
}


@pytest.mark.parametrize("damage", _UNREADABLE.values(), ids=_UNREADABLE.keys())
def test_what_is_no_readable_video_is_rejected(clip: bytes, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(VideoFormatError):
        Video(damage(clip))


_TOO_LARGE: dict[str, Callable[[bytes], bytes]] = {
    "100 hours by the movie header": lambda clip: _patched(clip, b"mvhd", 12, struct.pack(">II", 1000, 360_000_000)),
    "65535 × 65535 by the sample entry": lambda clip: _patched(clip, b"stsd", 40, b"\xff" * 4),
    "65535 × 65535 by the track": lambda clip: _patched(clip, b"tkhd", 76, b"\xff\xff\0\0" * 2),
    "178 million samples": lambda clip: _patched(clip, b"stsz", 4, struct.pack(">II", 1, 178_000_000)),
    "4 billion times": lambda clip: _patched(clip, b"stts", 8, b"\xff" * 4),
    "4 billion samples in a fragment": lambda clip: _patched(_moov_first(clip), b"trun", 4, b"\xff" * 4),
}


@pytest.mark.parametrize("damage", _TOO_LARGE.values(), ids=_TOO_LARGE.keys())
def test_headers_that_declare_too_much_are_rejected_before_memory_is_taken(
    clip: bytes, damage: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(VideoTooLargeError):
        Video(damage(clip))


def test_frames_that_last_for_hours_are_rejected_while_decoding(clip: bytes) -> None:
    # Each frame lasts ten minutes, whatever the headers of the movie and of the track declare.
    lasting = 600 * int.from_bytes(clip[clip.index(b"mdhd") + 16 :][:4], "big")
    longer = _patched(clip.replace(b"edts", b"free"), b"stts", 8, struct.pack(">II", 50, lasting))
    with pytest.raises(VideoTooLargeError, match="hours"), Video(longer) as video:
        list(video.frames())


def test_a_short_declared_duration_is_not_taken_for_the_truth(clip: bytes) -> None:
    shortened = _patched(clip, b"mvhd", 12, struct.pack(">II", 1000, 40))
    with Video(shortened) as video:
        assert len([frame for segment in video.segments(1) for frame in video.frames(segment)]) == 50


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (page("x"), "looks like PNG"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "Matroska or WebM"),
        (b"%PDF-1.7" + bytes(99), "PDF"),
    ],
    ids=["png", "webm", "pdf"],
)
def test_the_message_names_what_the_file_looks_like(data: bytes, name: str) -> None:
    with pytest.raises(VideoFormatError, match=rf"{name}.*Supported: MP4 and MOV"):
        Video(data)


def _open_files() -> set[str]:
    links = Path("/proc/self/fd").iterdir()
    return {str(link.readlink()) for link in links if link.is_symlink()}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_data_in_another_file_is_not_opened(clip: bytes, tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(clip)
    # The entry of `dref` names an external file: flags 0 instead of 1, and an absolute path.
    name = f"file://{secret}".encode() + b"\0"
    place = clip.index(b"url ") - 4
    entry = struct.pack(">I4sI", 12 + len(name), b"url ", 0) + name
    external = clip[:place] + entry + clip[place + 12 :]
    for box in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        spot = external.index(box) - 4
        size = int.from_bytes(external[spot : spot + 4], "big") + len(name)
        external = external[:spot] + size.to_bytes(4, "big") + external[spot + 4 :]
    with Video(external) as video:
        assert len(list(video.frames())) == 50
        assert not [name for name in _open_files() if "secret" in name]


def test_every_truncation_ends_in_a_domain_error_or_in_frames(clip: bytes) -> None:
    fragmented = _moov_first(clip)
    for data in (clip, fragmented):
        for size in range(0, len(data), max(len(data) // 60, 1)):
            try:
                with Video(data[:size]) as video:
                    assert list(video.frames())
            except (VideoFormatError, VideoTooLargeError):
                continue


def test_every_flipped_byte_of_the_index_ends_in_a_domain_error_or_in_frames() -> None:
    clip = encode_video(numbered(12))
    start = clip.index(b"moov")
    for place in range(start, len(clip)):
        data = clip[:place] + bytes([clip[place] ^ 0xFF]) + clip[place + 1 :]
        try:
            with Video(data) as video:
                for segment in video.segments(1)[:3]:
                    list(video.frames(segment))
        except (VideoFormatError, VideoTooLargeError):
            continue


def test_without_pyav_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch, clip: bytes) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(OperationNotSupportedError, match=r"openrek\[video\]"):
        Video(clip)


def test_a_damaged_frame_is_left_out_and_the_rest_is_read(clip: bytes) -> None:
    with av.open(io.BytesIO(clip), format="mov") as container:
        entries = list(container.streams.video[0].index_entries)
    entry = entries[20]
    damaged = clip[: entry.pos + 4] + b"\xff" * (entry.size - 4) + clip[entry.pos + entry.size :]
    with Video(damaged) as video:
        assert 25 <= len(list(video.frames())) <= 50


def test_frames_larger_than_the_header_declares_are_rejected() -> None:
    wide = encode_video([np.zeros((64, 8200, 3), np.uint8)] * 2)
    with pytest.raises(VideoTooLargeError, match="8200 × 64"):
        Video(_patched(wide, b"stsd", 40, struct.pack(">HH", 160, 64)).replace(struct.pack(">I", 8200 << 16), bytes(4)))


@pytest.mark.parametrize("seed", range(3))
def test_mutated_videos_end_in_domain_errors_or_are_analyzed(seed: int) -> None:
    random = np.random.default_rng(seed)
    originals = [
        encode_video(numbered(20), options={"bf": "2", "g": "10"}),
        encode_video(numbered(20), movflags="frag_keyframe+empty_moov", sound=[0.5]),
        encode_video(numbered(20), codec="mpeg4", options={"bf": "1"}),
    ]
    analysis: VideoAnalysis[None] = VideoAnalysis(cast(Engine, None), {})
    analyzed = 0
    for number in range(60):
        data = bytearray(originals[number % len(originals)])
        for _ in range(int(random.integers(1, 6))):
            place = int(random.integers(data.find(b"moov") if random.random() < 0.7 else 0, len(data)))
            data[place : place + int(random.integers(1, 5))] = random.bytes(int(random.integers(0, 5)))
        try:
            with Video(bytes(data)) as video:
                trace = joined(analysis.segment(video, segment) for segment in video.segments(0.3)).trace
        except (VideoFormatError, VideoTooLargeError):
            continue
        analyzed += 1
        assert len(technical_cues(trace)) >= bool(len(trace))
        assert all(trace.timestamps_ms[1:] >= trace.timestamps_ms[:-1])
    assert analyzed > 5
