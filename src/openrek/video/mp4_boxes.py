"""The boxes of an MP4 or MOV file, checked before FFmpeg reads them (ISO/IEC 14496-12).

FFmpeg allocates by what an index declares: 24 bytes for each of 178 million samples that a file of 1 KB can name.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from openrek.errors import VideoFormatError, VideoTooLargeError
from openrek.imaging.file_types import SUPPORTED, format_of, name_of
from openrek.video.limits import VideoLimits
from openrek.video.source import BinaryFile

_FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"sidx", b"moof", b"uuid"})
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_ADVICE = "Supported: MP4 and MOV, best with H.264. Convert it, for example: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4"
_MAX_BOXES = 100_000
_MAX_DEPTH = 8
_HEAD_BYTES = 4096
_HANDLER_DEPTH = 3
"""moov/trak/mdia/hdlr. QuickTime has a second one in minf, for where the data lie."""


class _Box(NamedTuple):
    type: bytes
    start: int
    """Position of its content."""
    end: int
    depth: int


@dataclass(slots=True)
class _Track:
    handler: bytes = b""
    samples: int = 0
    timed_samples: int = 0
    durations: frozenset[int] = frozenset()
    size: tuple[int, int] = (0, 0)
    """Width and height that a video track declares."""

    @property
    def is_plain_audio(self) -> bool:
        """Whether each of its samples lasts one unit, as in PCM: of these FFmpeg keeps chunks, not samples."""
        return self.handler == b"soun" and self.durations == {1}


def is_mp4(head: bytes) -> bool:
    """Whether a file begins as MP4 and MOV do, by its first 8 bytes; HEIC and AVIF images begin so, too."""
    return head[4:8] in _FIRST


def check_boxes(file: BinaryFile, size: int, limits: VideoLimits) -> None:
    """Returns if the file is an MP4 or MOV that is whole and declares no more than is allowed.

    Args:
        file: At any position; left at its start.
        size: Bytes of the file.
        limits: What the file may have.

    Raises:
        VideoFormatError: another format, cut off, or without an index or a video track.
        VideoTooLargeError: more bytes, pixels, seconds or frames than allowed.
    """
    if size > limits.max_bytes:
        raise VideoTooLargeError(f"Video has {size:,} bytes; at most {limits.max_bytes:,} are allowed.")
    if not size:
        raise VideoFormatError("Video is empty: it has 0 bytes.")
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if not is_mp4(head):
        raise VideoFormatError(f"Unsupported video format{_looks_like(head)}. {_ADVICE}")
    tracks = _tracks(file, size, limits)
    file.seek(0)
    if tracks is None:
        raise VideoFormatError(f"Video has no index ('moov' box): it is cut off, or was never finished. {_ADVICE}")
    if all(track.handler != b"vide" for track in tracks):
        raise VideoFormatError("The file has no video track.")
    for track in tracks:
        if track.handler == b"vide":
            check_size(*track.size, limits)
        if not track.is_plain_audio:
            _check_count(max(track.samples, track.timed_samples), limits)


def _tracks(file: BinaryFile, size: int, limits: VideoLimits) -> list[_Track] | None:
    """The tracks; None if the file has no index."""
    tracks: list[_Track] = []
    has_index, in_fragments = False, 0
    for box in _walk(file, 0, size, size, 0):
        if box.type == b"moov":
            has_index = True
            _check_header_bytes(box, limits)
        elif box.type == b"mvhd":
            _check_duration(_read(file, box, 32), limits)
        elif box.type == b"trak":
            tracks.append(_Track())
        elif box.type == b"trun":
            in_fragments += int.from_bytes(_read(file, box, 8)[4:8], "big")
            _check_count(in_fragments, limits)
        elif tracks:
            _note(file, box, tracks[-1], limits)
    return tracks if has_index else None


def _looks_like(head: bytes) -> str:
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return " (looks like Matroska or WebM)"
    if image := format_of(head):
        return f" (looks like {SUPPORTED[image]})"
    named = name_of(head)
    return f" (looks like {named.name})" if named else ""


def _walk(file: BinaryFile, start: int, end: int, size: int, depth: int) -> Iterator[_Box]:
    """Boxes between two positions and those inside them, parents first."""
    boxes = 0
    while start + 8 <= end:
        boxes += 1
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            raise _cut_off(size)
        length, kind = struct.unpack(">I4s", head[:8])
        content = start + 8
        if length == 1 and len(head) == 16:
            length, content = struct.unpack(">Q", head[8:])[0], start + 16
        elif length == 0:
            if kind == b"\0\0\0\0" or depth:
                return  # padding
            length = end - start
        stop = start + length
        if stop < content or boxes > _MAX_BOXES:
            raise VideoFormatError("Video is damaged: its boxes do not fit into each other.")
        if stop > end:
            if depth == 0 and kind not in _FIRST:
                return  # something behind the last box, which players ignore, too
            if depth == 0:
                raise _cut_off(size)
            raise VideoFormatError("Video is damaged: a box is larger than the one around it.")
        yield _Box(kind, content, stop, depth)
        if kind in _PARENTS and depth < _MAX_DEPTH:
            yield from _walk(file, content, stop, size, depth + 1)
        start = stop


def _cut_off(size: int) -> VideoFormatError:
    return VideoFormatError(f"Video is cut off: it ends after {size:,} bytes, in the middle of its data.")


def _note(file: BinaryFile, box: _Box, track: _Track, limits: VideoLimits) -> None:
    """Keeps what a box declares of its track."""
    if box.type == b"hdlr" and box.depth == _HANDLER_DEPTH:
        track.handler = _read(file, box, 12)[8:12]
    elif box.type == b"stsz":
        track.samples = int.from_bytes(_read(file, box, 12)[8:12], "big")
    elif box.type == b"stts":
        track.timed_samples, track.durations = _runs(file, box)
    elif box.type == b"stsd":
        track.size = _pair(">HH", _read(file, box, 44)[40:44])
    elif box.type == b"tkhd":
        start = 88 if _read(file, box, 1) == b"\x01" else 76
        width, height = _pair(">II", _read(file, box, start + 8)[start:])
        check_size(width >> 16, height >> 16, limits)


def _pair(layout: str, data: bytes) -> tuple[int, int]:
    return struct.unpack(layout, data) if len(data) == struct.calcsize(layout) else (0, 0)


def _check_header_bytes(box: _Box, limits: VideoLimits) -> None:
    if box.end - box.start > limits.max_header_bytes:
        raise VideoTooLargeError(
            f"The index of the video has {box.end - box.start:,} bytes; "
            f"at most {limits.max_header_bytes:,} are allowed."
        )


def _check_duration(data: bytes, limits: VideoLimits) -> None:
    long = data[:1] == b"\x01"
    if len(data) < (32 if long else 20):
        return
    scale, duration = struct.unpack(">IQ", data[20:32]) if long else struct.unpack(">II", data[12:20])
    unknown = duration in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    if scale and not unknown:
        check_seconds(duration / scale, limits)


def _runs(file: BinaryFile, box: _Box) -> tuple[int, frozenset[int]]:
    """Samples that a table of (count, duration) names in all, and up to two of the durations."""
    file.seek(box.start + 8)
    left, total = box.end - box.start - 8, 0
    durations: set[int] = set()
    while left >= 8 and (data := file.read(min(left, 1 << 16))):
        left -= len(data)
        for count, duration in struct.iter_unpack(">II", data[: len(data) // 8 * 8]):
            total += count
            if len(durations) < 2:
                durations.add(duration)
    return total, frozenset(durations)


def _check_count(frames: int, limits: VideoLimits) -> None:
    if frames > limits.max_frames:
        raise VideoTooLargeError(f"Video has {frames:,} frames; at most {limits.max_frames:,} are allowed.")


def check_seconds(seconds: float, limits: VideoLimits) -> None:
    """Raises VideoTooLargeError if a video is too long."""
    if seconds > limits.max_seconds:
        raise VideoTooLargeError(
            f"Video is {seconds / 3600:,.1f} hours long; at most {limits.max_seconds / 3600:g} are allowed."
        )


def check_size(width: int, height: int, limits: VideoLimits) -> None:
    """Raises VideoTooLargeError if frames are too large."""
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise VideoTooLargeError(
            f"Frames have {width} × {height} pixels; at most {limits.max_side:,} on a side and {limits.max_pixels:,} "
            "in all are allowed."
        )


def _read(file: BinaryFile, box: _Box, size: int) -> bytes:
    file.seek(box.start)
    return file.read(min(size, box.end - box.start))
