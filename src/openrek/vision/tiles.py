"""Tiles: a large image in overlapping parts, so that what is small in it is not lost in shrinking it for a model.

Akyon, Altinuc, Temizel: Slicing aided hyper inference (2022), https://arxiv.org/abs/2202.06934
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import areas, intersections
from openrek.vision.frame import WIDEST, Frame
from openrek.vision.results import Detections

TILED_FROM = 1600
"""Pixels on the longer side from which an image is looked at in tiles, too."""
DETAIL_SIDE = 2000
"""Pixels on the longer side that the tiles are cut from, at the least, where the image has them."""
SIDE = 832
"""Pixels that a tile has on a side at the least: twice what the sharper of the detectors is fed with."""
OVERLAP = 0.25
"""Of a tile's side: what is smaller than that lies whole in some tile."""
MAX_ALONG = 4
"""Tiles on a side, so that no image costs more than sixteen."""
LONG_SIDE = 1.5
"""How many times as long as the image's shorter side a tile of a long image is, at the most."""
# A box this near to a tile's inner edge, as a share of its side, is of a thing that the edge may cut.
_EDGE = 0.01
# So much of a box within that of a larger thing of its class, seen in the whole image, is a part of that thing.
_PART = 0.7
_CONFIDENT = 0.2
# A tile in which the whole image shows no small thing even this surely is not looked at: sky, or a close-up.
_CANDIDATE = 0.05
_SMALL = 0.15


Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of an image, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of (H, W, 3)."""
        return pixels[self.top : self.bottom, self.left : self.right]

    def uncut(self, xyxy: Floats, width: int, height: int) -> NDArray[np.intp]:
        """Places of the (N, 4) boxes in the tile that no edge within the (height, width) image may cut."""
        edge = _EDGE * (self.right - self.left)
        cut = np.zeros(len(xyxy), np.bool_)
        inner = (self.left > 0, self.top > 0, self.right < width, self.bottom < height)
        ends = (self.right - self.left, self.bottom - self.top)
        for side, is_inner in enumerate(inner):
            if is_inner:
                away = xyxy[:, side] if side < 2 else ends[side - 2] - xyxy[:, side]
                cut |= away < edge
        return np.flatnonzero(~cut)

    def whole_things(self, found: Detections, width: int, height: int) -> Detections:
        """What was found in the tile, in pixels of the (height, width) image, without what an edge may cut."""
        kept = found.take(self.uncut(found.xyxy, width, height))
        offset = np.array([self.left, self.top] * 2, np.float32)
        return Detections(kept.xyxy + offset, kept.confidence.copy(), kept.class_id.copy())


def detail(image: Frame) -> NDArray[np.uint8] | None:
    """The pixels to tile, (H, W, 3) RGB; None where the image is not so large or long that this finds more."""
    large = max(image.width, image.height) >= TILED_FROM
    return image.pixels(DETAIL_SIDE) if large or is_long(image.width, image.height) else None


def is_long(width: int, height: int) -> bool:
    """Whether a model, which is fed with squares, sees little of the image as a whole: a panorama, a banner."""
    return max(width, height) > WIDEST * min(width, height)


def tiles(width: int, height: int, minimum: int = SIDE) -> list[Tile]:
    """Squares that cover the image, evenly spread, row by row; within it where it is narrower than one.

    Args:
        width: Of the image.
        height: Of the image.
        minimum: Pixels on a tile's side, where the image is not a long one of few.
    """
    if not is_long(width, height):
        return _grid(width, height, max(minimum, ceil(max(width, height) / (MAX_ALONG - (MAX_ALONG - 1) * OVERLAP))))
    side = min(minimum, ceil(LONG_SIDE * min(width, height)))
    while len(found := _grid(width, height, side)) > MAX_ALONG**2:
        side = ceil(side * 1.05)
    return found


def _grid(width: int, height: int, side: int) -> list[Tile]:
    return [
        Tile(left, top, min(left + side, width), min(top + side, height))
        for top in _starts(height, side)
        for left in _starts(width, side)
    ]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = 1 + ceil((length - side) / (side * (1 - OVERLAP)))
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def worthwhile(parts: Sequence[Tile], candidates: Detections, width: int, height: int) -> list[Tile]:
    """Those of the tiles of a (height, width) image that hold the middle of some small thing.

    Args:
        parts: Tiles.
        candidates: What the whole image shows, in its pixels, however unsurely.
        width: Of the image.
        height: Of the image.
    """
    sides = (candidates.xyxy[:, 2:] - candidates.xyxy[:, :2]).max(axis=1, initial=0)
    small = (sides < _SMALL * max(width, height)) & (candidates.confidence >= _CANDIDATE)
    middles = (candidates.xyxy[small, :2] + candidates.xyxy[small, 2:]) / 2
    return [
        tile
        for tile in parts
        if ((middles >= (tile.left, tile.top)) & (middles < (tile.right, tile.bottom))).all(axis=1).any()
    ]


def without_parts(found: Detections, whole: Detections) -> Detections:
    """What was found in tiles, without parts of larger things that the whole image shows: a wheel's car, twice."""
    sizes = areas(found.xyxy)
    part = np.zeros(len(found), np.bool_)
    for box, confidence, kind in zip(whole.xyxy, whole.confidence, whole.class_id, strict=True):
        if confidence >= _CONFIDENT:
            covered = intersections(box, found.xyxy) / np.maximum(sizes, 1e-9)
            smaller = sizes < _PART * areas(box[None])[0]
            part |= (found.class_id == kind) & smaller & (covered >= _PART)
    return found.take(np.flatnonzero(~part))
