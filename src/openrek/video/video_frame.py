"""One decoded frame of a video."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from openrek.vision.frame import ArrayFrame

if TYPE_CHECKING:
    import av

SMALL_WIDTH, SMALL_HEIGHT = 128, 72
"""Of the small frames that cuts are searched in and stillness is measured by."""
_LUMA_FORMATS = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21", "gray"})
"""Pixel formats whose first plane is the luma in 8 bits."""

Pixels = NDArray[np.uint8]


class VideoFrame:
    """A frame at its presentation time. Pixels are converted when they are first needed, and only as far as needed.

    Not safe to share between threads; the `ArrayFrame` that `upright` returns is.
    """

    __slots__ = ("_decoded", "_small", "end_ms", "pts", "timestamp_ms")

    def __init__(self, decoded: "av.VideoFrame", pts: int, timestamp_ms: int, end_ms: int) -> None:
        self._decoded = decoded
        self._small: Pixels | None = None
        self.pts = pts
        """Presentation time in the stream's own units, from its own zero."""
        self.timestamp_ms = timestamp_ms
        """Presentation time in milliseconds from the start of the video, rounded down."""
        self.end_ms = end_ms
        """Until when the frame is shown, as its packet declares; `timestamp_ms` if it does not."""

    @property
    def small(self) -> Pixels:
        """(72, 128, 3) YUV of the frame as it is stored, not upright, whatever its size and shape."""
        if self._small is None:
            shrunk = self._decoded.reformat(SMALL_WIDTH, SMALL_HEIGHT, "yuv444p", interpolation="AREA")
            planes = [_plane(shrunk, index) for index in range(3)]
            self._small = np.stack(planes, axis=-1)
        return self._small

    @property
    def luma(self) -> Pixels:
        """(H, W) luma of the frame as it is stored, in the range of the video: LIMITED 16 to 235, FULL 0 to 255."""
        decoded = self._decoded
        if decoded.format.name not in _LUMA_FORMATS:
            decoded = decoded.reformat(format="yuv420p")
        return _plane(decoded, 0)

    def upright(self) -> ArrayFrame:
        """The frame as it is shown: rotated and mirrored as the display matrix describes, in RGB."""
        return ArrayFrame(self._upright(self._decoded))

    def shrunk(self, width: int) -> Pixels:
        """(H, W, 3) RGB of the frame as it is shown, at most so wide."""
        decoded = self._decoded
        shown = decoded.height if is_sideways(decoded) else decoded.width
        scale = min(width / shown, 1)
        across, down = (max(round(side * scale), 1) for side in (decoded.width, decoded.height))
        return self._upright(decoded.reformat(across, down, "rgb24", interpolation="AREA"))

    def _upright(self, decoded: "av.VideoFrame") -> Pixels:
        pixels = np.asarray(decoded.to_ndarray(format="rgb24"), np.uint8)
        return np.ascontiguousarray(_turned(pixels, _matrix(self._decoded)))


def is_sideways(decoded: "av.VideoFrame") -> bool:
    """Whether width and height of the frame are exchanged when it is shown."""
    a, b, _, _ = _matrix(decoded)
    return abs(b) > abs(a)


def _plane(frame: "av.VideoFrame", index: int) -> Pixels:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height]
    return np.ascontiguousarray(rows.reshape(plane.height, plane.line_size)[:, : plane.width])


def _matrix(decoded: "av.VideoFrame") -> tuple[int, int, int, int]:
    """a, b, c, d of the display matrix: (x, y) is shown at (a x + c y, b x + d y); ISO/IEC 14496-12, 8.3.2."""
    data = decoded.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1, 0, 0, 1
    numbers = np.frombuffer(bytes(data), np.int32)  # type: ignore[call-overload]
    return int(numbers[0]), int(numbers[1]), int(numbers[3]), int(numbers[4])


def _turned(pixels: Pixels, matrix: tuple[int, int, int, int]) -> Pixels:
    """Turned by the nearest multiple of 90°, and mirrored if the matrix mirrors."""
    a, b, c, d = matrix
    if abs(b) > abs(a):
        pixels, across, down = pixels.transpose(1, 0, 2), c, b
    else:
        across, down = a, d
    if across < 0:
        pixels = pixels[:, ::-1]
    return pixels[::-1] if down < 0 else pixels
