"""Lines of text of any size: a look at the whole image, and closer ones where that hints at small text."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.dbnet import STRIDE, DbNet, line_quads
from openrek.vision.frame import Frame, reach
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.text.regions import Region, Strip, regions, strips, without_repeats

_ONE_LOOK = 920
"""Pixels of reach up to which an image is looked at once, as it is."""
_FIRST = 768
_FIRST_MAX = 1152
_FIRST_SHARE = 0.6

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """A look at a whole image, under way."""

    pixels: Pixels
    """(H, W, 3) RGB: the image at the scale that was decoded."""
    small: Pixels
    """(h, w, 3) RGB: what the detector is run on."""
    probability: Callable[[], Floats]
    """Waits for the probability of text at each of these, (h, w)."""
    full: int
    """Pixels of reach that the image has at most."""
    first: int | None
    """Those of this look, where closer ones may follow."""


class TextDetector:
    """Finds lines with one detector at two scales; nothing is ever enlarged.

    A look costs in proportion to its pixels, and most of an image shows no text: a small first look, and closer ones
    at what it hints at, find as many words as one large look does, for half the cost.
    """

    def __init__(self, detector: DbNet, pool: InferencePool) -> None:
        self._detector, self._pool = detector, pool

    def start(self, pixels: Pixels, frame: Frame | None = None) -> FirstLook:
        """Begins what `find` does first: a look at the whole image."""
        full = _reach(pixels) if frame is None else reach(frame.width, frame.height)
        if full <= _ONE_LOOK:
            return FirstLook(pixels, pixels, self._start(pixels), full, None)
        first = int(min(max(_FIRST, _FIRST_SHARE * full), _FIRST_MAX))
        if frame is not None and _reach(pixels) < first:
            pixels = frame.pixels(first)
        small = _resized(pixels, first / _reach(pixels))
        return FirstLook(pixels, small, self._start(small), full, first)

    def find(
        self, pixels: Pixels, frame: Frame | None = None, started: FirstLook | None = None
    ) -> tuple[Pixels, Floats]:
        """The pixels that show the lines best, (h, w, 3), and the lines' corners in these, (N, 4, 2).

        Args:
            pixels: (H, W, 3) RGB.
            frame: The frame that these are of, if it may have more of them.
            started: What `start` returned for these; it is called here if left out.
        """
        look = started or self.start(pixels, frame)
        pixels, small, first = look.pixels, look.small, look.first
        probability = look.probability()
        if first is None:
            return pixels, line_quads(probability)
        quads, closer = regions(probability, line_quads(probability), look.full / first)
        needed = round(first * max((region.factor for region in closer), default=1.0))
        if frame is not None and _reach(pixels) < needed:
            pixels = frame.pixels(needed)
        scale = np.array([pixels.shape[1] / small.shape[1], pixels.shape[0] / small.shape[0]])
        parts = [_part(pixels, region, scale) for region in closer]
        looks = [self._start(part) for part, _, _ in parts]
        found = [np.asarray(quads * scale, np.float32)]
        for closer_look, (_, corner, shrunk) in zip(looks, parts, strict=True):
            found.append(np.asarray(line_quads(closer_look()) * shrunk + corner, np.float32))
        return pixels, without_repeats(found)

    def _start(self, pixels: Pixels) -> Callable[[], Floats]:
        """Starts a look; what it gives waits for the probabilities, (H, W)."""
        height, width = pixels.shape[:2]
        across = width >= height
        runs: list[tuple[Strip, Future[Floats]]] = []
        for strip in strips(height, width):
            part = pixels[:, strip.start : strip.end] if across else pixels[strip.start : strip.end]
            runs.append((strip, self._pool.submit(self._detector.look, part)))

        def gather() -> Floats:
            seen = []
            for strip, run in runs:
                inner = slice(strip.first - strip.start, strip.last - strip.start)
                seen.append(run.result()[:, inner] if across else run.result()[inner])
            return np.concatenate(seen, axis=1 if across else 0)

        return gather


def _reach(pixels: Pixels) -> int:
    return reach(pixels.shape[1], pixels.shape[0])


def _part(pixels: Pixels, region: Region, scale: NDArray[np.float64]) -> tuple[Pixels, Floats, NDArray[np.float64]]:
    """What the region is looked at in, its upper left corner in the pixels, and the pixels in one of its own.

    Whole steps of the network's stride, filled with what lies around the region.
    """
    whole = np.array(pixels.shape[1::-1])
    low, high = np.array(region.box[:2]), np.array(region.box[2:])
    closeness = np.minimum(region.factor / scale, 1)
    wanted = -(-np.ceil((high - low) * region.factor) // STRIDE) * STRIDE
    size = np.minimum(np.round(wanted / closeness), whole)
    corner = np.clip(np.round((low + high) / 2 * scale - size / 2), 0, whole - size)
    (left, top), (right, bottom) = corner.astype(int), (corner + size).astype(int)
    part = pixels[top:bottom, left:right]
    resized = _resized(part, float(closeness.min()))
    return resized, corner.astype(np.float32), size / resized.shape[1::-1]


def _resized(pixels: Pixels, factor: float) -> Pixels:
    """Never enlarged."""
    if factor >= 1:
        return pixels
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return np.asarray(cv2.resize(pixels, size), np.uint8)
