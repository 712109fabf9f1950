"""An open video: facts, segments and frames."""

from collections.abc import Generator
from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Self

from openrek.errors import VideoFormatError, VideoTooLargeError
from openrek.video.limits import DEFAULT_LIMITS, VideoLimits
from openrek.video.mp4_boxes import check_boxes, check_seconds, check_size
from openrek.video.probe import AudioProbe, VideoProbe
from openrek.video.segments import Segment, plan
from openrek.video.sound import audible
from openrek.video.source import Source, open_source, size_of
from openrek.video.stream_reader import StreamReader, pts_of
from openrek.video.video_frame import VideoFrame, is_sideways

if TYPE_CHECKING:
    import av

SEGMENT_SECONDS = 5.0
"""Of a segment, about: analysing it takes less than 10 s on two cores."""

_FULL_RANGE = 2
"""FFmpeg's AVCOL_RANGE_JPEG."""


class Video:
    """An open video. Frames come in the order of presentation; memory does not grow with the length.

    Reads MP4 and MOV, and in them what FFmpeg decodes: H.264, HEVC, AV1, VP9, MPEG-4 Part 2, MJPEG, ProRes and more.
    Nothing but the source is read: no file or address that a video names. Not safe to share between threads, and one
    iteration at a time; whoever decodes several segments at once opens the video several times.
    """

    def __init__(self, source: Source, limits: VideoLimits = DEFAULT_LIMITS) -> None:
        """Opens the video, and decodes its first frame.

        Args:
            source: A file, its bytes, or a seekable binary file such as a `RangeReader`, which is left open.
            limits: What the video may have.

        Raises:
            VideoFormatError: not a video that is read, without frames, cut off or damaged.
            VideoTooLargeError: more than `limits` allow.
            OperationNotSupportedError: PyAV is not installed.
            OSError: the file cannot be read.
        """
        self._limits = limits
        self._file, self._owned = open_source(source)
        self._reader: StreamReader | None = None
        try:
            size = size_of(self._file)
            check_boxes(self._file, size, limits)
            self._reader = StreamReader(self._file, size, limits)
            first = next(self._reader.frames(None), None)
            if first is None:
                raise VideoFormatError("Video has no frame that can be decoded.")
            check_size(first.width, first.height, limits)
            self._first_pts = pts_of(first)
            self._start_pts = min(self._first_pts, self._audio_start())
            self.probe = self._probe(first)
        except BaseException:
            self.close()
            raise

    def segments(self, seconds: float = SEGMENT_SECONDS) -> tuple[Segment, ...]:
        """The whole video in segments of about that length, each of which `frames` decodes alone.

        Reads the index, or the whole file if it has no index of all its frames, as fragmented files have none.

        Raises:
            VideoFormatError: the file is damaged.
            RequestCancelledError: the work was cancelled meanwhile.
        """
        reader = self._open_reader()
        until = self._start_pts + int((self._limits.max_seconds + seconds) / reader.time_base)
        keyframes = [max(pts, self._first_pts) for pts in reader.keyframes(until)] or [self._first_pts]
        return tuple(plan(keyframes, min(reader.last_pts, until), max(int(seconds / reader.time_base), 1)))

    def frames(self, segment: Segment | None = None) -> Generator[VideoFrame]:
        """The frames of a segment, or of the whole video; those damaged beyond decoding are left out.

        Raises:
            VideoFormatError: the file is damaged.
            VideoTooLargeError: more time, frames or pixels than allowed.
            RequestCancelledError: the work was cancelled meanwhile.
            OSError: the file cannot be read.
        """
        reader = self._open_reader()
        start, end = (segment.start_pts, segment.end_pts) if segment else (None, None)
        last: int | None = None
        for count, decoded in enumerate(reader.frames(start)):
            pts = pts_of(decoded)
            if count >= self._limits.max_frames:
                raise VideoTooLargeError(f"Video has more than {self._limits.max_frames:,} frames.")
            check_size(decoded.width, decoded.height, self._limits)
            check_seconds(self.timestamp_ms(pts) / 1000, self._limits)
            if end is not None and pts >= end:
                return
            if (last is None or pts > last) and (start is None or pts >= start):
                last = pts
                ends = self.timestamp_ms(pts + (decoded.duration or 0))
                yield VideoFrame(decoded, pts, self.timestamp_ms(pts), ends)

    def timestamp_ms(self, pts: int) -> int:
        """Milliseconds from the start of the video, rounded down. It starts with its first frame, or with its audio if
        that begins before."""
        return int(1000 * (pts - self._start_pts) * self._open_reader().time_base)

    def audible(self, start_ms: int, end_ms: int) -> list[tuple[float, float]]:
        """Stretches, (from, to) in milliseconds, in which the first audio stream is louder than -60 dBFS.

        Those that overlap the given range of time. Not while `frames` is iterated.
        """
        reader = self._open_reader()
        origin = float(self._start_pts * reader.time_base)
        heard = audible(reader.container, start_ms / 1000 + origin, end_ms / 1000 + origin)
        return [(1000 * (begin - origin), 1000 * (end - origin)) for begin, end in heard]

    def close(self) -> None:
        """Ends reading; the file is closed if it was opened here."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._owned:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_reader(self) -> StreamReader:
        if self._reader is None:
            raise ValueError("the video is closed")
        return self._reader

    def _audio_start(self) -> int:
        """When the first audio stream begins, not before 0, in units of the video stream."""
        reader = self._open_reader()
        starts = [
            int(max(stream.start_time or 0, 0) * stream.time_base / reader.time_base)
            for stream in reader.container.streams.audio
            if stream.time_base
        ]
        return min(starts, default=self._first_pts)

    def _probe(self, first: "av.VideoFrame") -> VideoProbe:
        reader = self._open_reader()
        stream, container = reader.stream, reader.container
        width, height = (first.height, first.width) if is_sideways(first) else (first.width, first.height)
        full = first.color_range == _FULL_RANGE or first.format.name.startswith(("yuvj", "rgb", "gbr", "pal8"))
        return VideoProbe(
            codec=stream.codec_context.codec.canonical_name,
            format=container.format.long_name,
            width=width,
            height=height,
            frame_rate=stream.average_rate or stream.guessed_rate or Fraction(0),
            declared_duration_ms=int((container.duration or 0) / 1000),
            color_range="FULL" if full else "LIMITED",
            audio=tuple(_audio_probe(each) for each in container.streams.audio if each.codec_context is not None),
        )


def _audio_probe(stream: "av.AudioStream") -> AudioProbe:
    context = stream.codec_context
    duration = int(1000 * (stream.duration or 0) * (stream.time_base or 0))
    return AudioProbe(context.codec.canonical_name, max(duration, 0), context.sample_rate, context.channels)
