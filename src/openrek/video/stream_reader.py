"""FFmpeg through PyAV: one file, its video stream, frames from any place on. https://pyav.basswood-io.com/docs/stable/"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

from openrek import cancellation
from openrek.errors import OperationNotSupportedError, VideoFormatError
from openrek.video.limits import VideoLimits
from openrek.video.source import BinaryFile

if TYPE_CHECKING:
    import av

_BUFFER_BYTES = 1 << 16
_FORMAT = "mov"
"""FFmpeg's reader of MP4 and MOV. Left to guess, FFmpeg also opens playlists, concat scripts and single images."""


class StreamReader:
    """The first video stream of an open MP4 or MOV file whose boxes were checked. Not safe to share between threads."""

    def __init__(self, file: BinaryFile, size: int, limits: VideoLimits) -> None:
        """
        Raises:
            VideoFormatError: FFmpeg does not read it, or it has no video.
            OperationNotSupportedError: PyAV is not installed.
        """
        self._av = av = _import_av()
        self._size = size
        # For the container and, by FFmpeg's look at the first packets, for the decoder, too.
        options = {"enable_drefs": "0", "use_absolute_path": "0", "max_pixels": str(limits.max_pixels)}
        with _as_video_errors(av):
            self.container = av.open(
                file,
                format=_FORMAT,
                options=options,
                buffer_size=_BUFFER_BYTES,
                metadata_errors="replace",
                io_open=_reject_other_files,
            )
        try:
            self.stream = stream = self._video_stream()
            stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
            # The cores are for the models; one of them decodes 400 frames of 720p a second.
            stream.codec_context.thread_count = 1
            self.time_base: Fraction = stream.time_base or Fraction(1, 1000)
            self._check_index()
        except BaseException:
            self.container.close()
            raise

    def frames(self, start_pts: int | None) -> "Iterator[av.VideoFrame]":
        """Decoded frames by presentation time, from the last keyframe at or before `start_pts` on.

        Raises:
            VideoFormatError: the file is damaged.
        """
        target = start_pts
        step = max(int(1 / self.time_base), 1)
        while True:
            frames = self._from(target)
            first = next(frames, None)
            if first is None or target is None or start_pts is None or pts_of(first) <= start_pts:
                break
            # An index may name keyframes by the time they are decoded, not shown: then a seek lands too late.
            target, step = (target - step, step * 4) if target >= self.earliest else (None, step)
        if first is not None:
            yield first
            yield from frames

    @property
    def earliest(self) -> int:
        """A time before which no frame is shown, or 0 if the stream does not say."""
        return min(self.stream.start_time or 0, 0)

    def keyframes(self, until_pts: int) -> list[int]:
        """Presentation times of keyframes, ascending: exact, or by the delay of the first one.

        Raises:
            VideoFormatError: the file is damaged.
        """
        index = self.stream.index_entries
        if self.stream.frames and len(index) == self.stream.frames:
            # The index has decoding times. Frames are shown later by a delay that is the same for all keyframes of
            # usual encoders; where it is not, `frames` seeks once more.
            first = next((entry.timestamp for entry in index if entry.is_keyframe), 0)
            delay = 0 if self.stream.start_time is None else self.stream.start_time - first
            times = {entry.timestamp + delay for entry in index if entry.is_keyframe}
        else:
            times = {packet.pts for packet in self._packets(None) if packet.is_keyframe and packet.pts is not None}
        return sorted(time for time in times if time <= until_pts)

    @property
    def last_pts(self) -> int:
        """About when the last frame is shown, as far as the index declares."""
        index = self.stream.index_entries
        declared = (self.stream.start_time or 0) + (self.stream.duration or 0)
        return max(declared, index[len(index) - 1].timestamp if len(index) else 0)

    def close(self) -> None:
        """Ends reading."""
        self.container.close()

    def _video_stream(self) -> "av.VideoStream":
        attached = self._av.stream.Disposition.attached_pic  # the cover of an audio file
        streams = [stream for stream in self.container.streams.video if not stream.disposition & attached]
        if not streams:
            raise VideoFormatError("The file has no video track.")
        stream: av.VideoStream = streams[0]
        if stream.codec_context is None:
            raise VideoFormatError("The codec of the video is not supported. Convert the video to H.264.")
        return stream

    def _check_index(self) -> None:
        end = max((entry.pos + entry.size for entry in self.stream.index_entries), default=0)
        if end > self._size:
            raise VideoFormatError(f"Video is cut off: it has {self._size:,} bytes; its index names {end:,}.")

    def _from(self, pts: int | None) -> "Iterator[av.VideoFrame]":
        av = self._av
        for packet in self._packets(pts):
            try:
                frames = self.stream.codec_context.decode(packet)
            except av.error.InvalidDataError:
                continue  # players go on behind a damaged frame, too
            except av.error.FFmpegError as error:
                raise _video_error(error) from error
            for frame in frames:
                if frame.pts is not None or frame.dts is not None:
                    yield frame

    def _packets(self, pts: int | None) -> "Iterator[av.Packet[Any]]":
        """Packets in the order of decoding, and the empty one that flushes the decoder."""
        with _as_video_errors(self._av):
            self.container.seek(self.earliest if pts is None else pts, stream=self.stream, backward=True)
        packets = self.container.demux(self.stream)
        while True:
            cancellation.check()
            with _as_video_errors(self._av):
                packet = next(packets, None)
            if packet is None:
                return
            yield packet


def pts_of(frame: "av.VideoFrame") -> int:
    """Presentation time of a frame in the units of its stream."""
    return int(frame.pts if frame.pts is not None else frame.dts or 0)


def _import_av() -> Any:
    try:
        import av
    except ImportError:
        raise OperationNotSupportedError(
            "Videos need PyAV, which is not installed. Install it: pip install 'openrek[video]'"
        ) from None
    av.logging.set_level(None)
    return av


def _reject_other_files(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """Called where a video names another file or address."""
    raise PermissionError("a video may not open other files")


@contextmanager
def _as_video_errors(av: Any) -> Iterator[None]:
    """FFmpeg's errors as domain errors; those of the file itself pass."""
    try:
        yield
    except av.error.FFmpegError as error:
        raise _video_error(error) from error


def _video_error(error: Exception) -> VideoFormatError:
    reason = getattr(error, "strerror", None) or str(error)
    return VideoFormatError(f"Video is damaged or not supported: {reason}. Convert it to MP4 with H.264.")
