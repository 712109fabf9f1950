"""Frames: what the engine looks at, an image file or a decoded frame of a video."""

import threading
from abc import abstractmethod
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from openrek.imaging.decode import LARGE_PIXELS, SCALES
from openrek.imaging.header import DEFAULT_LIMITS, ImageHeader, Limits, read_header
from openrek.imaging.pixels import read_pixels, shrink_pixels

WORKING_SIDE = 960
"""Pixels of reach that serve every task of the default pack, so that an image is decoded once."""
WIDEST = 2.5
"""An image is long if its longer side is more than this many times the shorter one."""
MAX_DECODED = 36_000_000
"""Pixels that a frame has at most at any scale: no model of the default pack sees more."""

_DETAIL_SIDE = 2560
"""Pixels of reach that faces and objects are searched in at most."""

Pixels = NDArray[np.uint8]


class Frame(Protocol):
    """An upright image of which pixels can be had at several scales. Safe to share between threads."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Of the upright image, in pixels."""

    @property
    @abstractmethod
    def height(self) -> int:
        """Of the upright image, in pixels."""

    @abstractmethod
    def pixels(self, long_side: int = WORKING_SIDE) -> Pixels:
        """The upright image as (H, W, 3) RGB, read-only.

        At the smallest of the scales 1/8, 1/4, 1/2 and 1 that has at least `long_side` pixels of reach, and at most
        MOST_DECODED pixels in all. Each scale is computed once.

        Raises:
            ImageFormatError: the image is truncated or damaged.
        """


class EncodedFrame(Frame):
    """An image file whose header was read; decoded on demand, once for each scale."""

    __slots__ = ("_decoded", "_lock", "header")

    def __init__(self, header: ImageHeader) -> None:
        self.header = header
        self._decoded: dict[int, Pixels] = {}
        self._lock = threading.Lock()

    @classmethod
    def open(cls, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Self:
        """Reads the header.

        Raises:
            ImageTooLargeError: more bytes or pixels than allowed.
            InvalidParameterError: fewer pixels than needed.
            ImageFormatError: not an image, or of an unsupported format.
        """
        return cls(read_header(data, limits))

    @property
    def width(self) -> int:
        """See Frame.width."""
        return self.header.width

    @property
    def height(self) -> int:
        """See Frame.height."""
        return self.header.height

    def pixels(self, long_side: int = WORKING_SIDE) -> Pixels:
        """See Frame.pixels."""
        scale = scale_for(self.width, self.height, long_side)
        with self._lock:
            pixels = self._decoded.get(scale)
            if pixels is None:
                pixels = self._decoded[scale] = self._read(scale)
        return pixels

    def _read(self, scale: int) -> Pixels:
        """Pixels at a scale that is not there yet."""
        if self.header.format == "JPEG" or self.width * self.height < LARGE_PIXELS:
            return read_pixels(self.header, scale)
        # Only a JPEG is cheaper to decode at a smaller scale. A large image of another format takes up to 1.4 s, so it
        # is decoded once, for the most that is usually needed of it.
        finest = min(scale, scale_for(self.width, self.height, _DETAIL_SIDE))
        if finest not in self._decoded:
            self._decoded[finest] = read_pixels(self.header, finest)
        return self._decoded[finest] if finest == scale else shrink_pixels(self._decoded[finest], scale // finest)


class ArrayFrame(Frame):
    """A decoded image, as a video's frames are."""

    __slots__ = ("_lock", "_scaled")

    def __init__(self, pixels: Pixels) -> None:
        """
        Args:
            pixels: (H, W, 3) RGB of the upright image. Not copied: it must not change afterwards.

        Raises:
            ValueError: another shape or type, or no pixels.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise ValueError(f"pixels are {pixels.dtype} of shape {pixels.shape}; they must be uint8 of (H, W, 3)")
        whole = pixels.view()
        whole.setflags(write=False)
        self._scaled = {1: whole}
        self._lock = threading.Lock()

    @property
    def width(self) -> int:
        """See Frame.width."""
        return int(self._scaled[1].shape[1])

    @property
    def height(self) -> int:
        """See Frame.height."""
        return int(self._scaled[1].shape[0])

    def pixels(self, long_side: int = WORKING_SIDE) -> Pixels:
        """See Frame.pixels."""
        scale = scale_for(self.width, self.height, long_side)
        with self._lock:
            pixels = self._scaled.get(scale)
            if pixels is None:
                pixels = self._scaled[scale] = shrink_pixels(self._scaled[1], scale)
        return pixels


def scale_for(width: int, height: int, long_side: int) -> int:
    """How many times smaller an image is decoded for so many pixels of reach; see Frame.pixels."""
    whole = reach(width, height)
    scale = next((scale for scale in SCALES if whole // scale >= long_side), 1)
    while width * height > MAX_DECODED * scale**2:
        scale *= 2
    return scale


def reach(width: int, height: int) -> int:
    """The longer side; of a long image at most WIDEST times its shorter one, lest a panorama shrink to a line."""
    return int(min(max(width, height), WIDEST * min(width, height)))
