"""A poster, a contact sheet and thumbnails for a player's timeline, from the frames of one decode pass."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from openrek.video.differences import Pixels
from openrek.video.video_frame import VideoFrame

THUMBNAIL_WIDTH = 160
POSTER_WIDTH = 960
_MAX_THUMBNAILS = 100
_COLUMNS = 10
_FIRST_STEP_MS = 1000


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small frame."""

    timestamp_ms: int
    pixels: Pixels
    """(H, W, 3) RGB, upright."""


class ContactSheet:
    """Keeps a thumbnail a second; of longer videos one every 2, 4, 8, … seconds, so that there are at most 100."""

    def __init__(self) -> None:
        self.thumbnails: list[Thumbnail] = []
        """In order of time, all of one size."""
        self.poster: Pixels | None = None
        """(H, W, 3) RGB, up to 960 wide: of the frames with thumbnails the one with the most contrast."""
        self._step_ms = _FIRST_STEP_MS
        self._next_ms = 0
        self._contrast = -1.0

    def push(self, frame: VideoFrame) -> None:
        """Takes the next frame of the video."""
        if frame.timestamp_ms < self._next_ms and self.thumbnails:
            return
        self._next_ms = (frame.timestamp_ms // self._step_ms + 1) * self._step_ms
        pixels = frame.shrunk(THUMBNAIL_WIDTH)
        if self.thumbnails and pixels.shape != self.thumbnails[0].pixels.shape:
            return  # the size of the video changed on the way
        self.thumbnails.append(Thumbnail(frame.timestamp_ms, pixels))
        contrast = float(frame.small[..., 0].std())
        if contrast > self._contrast:
            self._contrast, self.poster = contrast, frame.shrunk(POSTER_WIDTH)
        if len(self.thumbnails) > _MAX_THUMBNAILS:
            self.thumbnails = self.thumbnails[::2]
            self._step_ms *= 2
            self._next_ms = (frame.timestamp_ms // self._step_ms + 1) * self._step_ms

    def sheet(self) -> Pixels:
        """(H, W, 3) RGB: the thumbnails in rows of ten.

        Raises:
            ValueError: there are none.
        """
        if not self.thumbnails:
            raise ValueError("no frame was pushed")
        height, width = self.thumbnails[0].pixels.shape[:2]
        columns = min(_COLUMNS, len(self.thumbnails))
        rows = ceil(len(self.thumbnails) / columns)
        sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
        for index, thumbnail in enumerate(self.thumbnails):
            top, left = index // columns * height, index % columns * width
            sheet[top : top + height, left : left + width] = thumbnail.pixels
        return sheet

    def webvtt(self, sheet_name: str, end_ms: int) -> str:
        """The thumbnails by time, for players: https://www.w3.org/TR/webvtt1/, https://www.w3.org/TR/media-frags/

        Args:
            sheet_name: Address of the sheet's file, relative to the WebVTT file's.
            end_ms: Where the video ends.
        """
        height, width = self.thumbnails[0].pixels.shape[:2] if self.thumbnails else (0, 0)
        starts = [thumbnail.timestamp_ms for thumbnail in self.thumbnails]
        ends = [*starts[1:], max(end_ms, starts[-1])] if starts else []
        lines = ["WEBVTT", ""]
        for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
            left, top = index % _COLUMNS * width, index // _COLUMNS * height
            cue = f"{sheet_name}#xywh={left},{top},{width},{height}"
            lines += [f"{_time(start if index else 0)} --> {_time(end)}", cue, ""]
        return "\n".join(lines)


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
