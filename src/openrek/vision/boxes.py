"""Boxes: overlap, suppression, letterboxes. Pure functions on (N, 4) arrays of left, top, right, bottom."""

from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

_AT_A_TIME = 64

Floats = NDArray[np.float32]


def areas(xyxy: Floats) -> Floats:
    """(N,)"""
    sides = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def intersections(one: Floats, many: Floats) -> Floats:
    """Area of what a box, (4,), shares with each of (N, 4): (N,)."""
    width = np.clip(np.minimum(one[2], many[:, 2]) - np.maximum(one[0], many[:, 0]), 0, None)
    height = np.clip(np.minimum(one[3], many[:, 3]) - np.maximum(one[1], many[:, 1]), 0, None)
    return np.asarray(width * height, np.float32)


def iou(one: Floats, many: Floats) -> Floats:
    """Intersection over union of a box, (4,), with each of (N, 4): (N,), 0 to 1."""
    overlap = intersections(one, many)
    union = areas(one[None])[0] + areas(many) - overlap
    return np.asarray(overlap / np.maximum(union, 1e-9), np.float32)


def overlaps(xyxy: Floats, others: Floats | None = None) -> Floats:
    """Intersection over union of each of (N, 4) with each of (M, 4), by default of themselves: (N, M), 0 to 1."""
    columns = xyxy if others is None else others
    width = _shared_lengths(xyxy, columns, 0)
    shared = width * _shared_lengths(xyxy, columns, 1)
    union = areas(xyxy)[:, None] + areas(columns)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9, out=union), np.float32)


def _shared_lengths(rows: Floats, columns: Floats, axis: int) -> Floats:
    """(N, M): pixels along an axis that boxes share."""
    length = np.minimum(rows[:, None, axis + 2], columns[None, :, axis + 2])
    length -= np.maximum(rows[:, None, axis], columns[None, :, axis])
    return np.maximum(length, 0, out=length)


def suppress(
    xyxy: Floats, confidence: Floats, class_id: NDArray[np.int32] | None, threshold: float, max_boxes: int
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression within each class: the places kept, most confident first.

    Ties keep their order, so equal images give equal answers.
    """
    waiting = np.argsort(-confidence, kind="stable")
    kept: list[int] = []
    while len(waiting) and len(kept) < max_boxes:
        # Some at a time against all that are left, so that memory stays small however many candidates there are.
        first = waiting[:_AT_A_TIME]
        repeats = overlaps(xyxy[first], xyxy[waiting]) >= threshold
        if class_id is not None:
            repeats &= class_id[first][:, None] == class_id[waiting]
        alive = np.ones(len(waiting), np.bool_)
        for index, candidate in enumerate(first.tolist()):
            if alive[index]:
                kept.append(candidate)
                if len(kept) == max_boxes:
                    break
                alive &= ~repeats[index]
        waiting = waiting[_AT_A_TIME:][alive[_AT_A_TIME:]]
    return np.array(kept, np.intp)


def letterbox(
    pixels: NDArray[np.uint8], width: int, height: int, enlarge: bool = True
) -> tuple[NDArray[np.uint8], float]:
    """The image shrunk to fit into (height, width) at its top left, black elsewhere; and the scale applied."""
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    if not enlarge:
        scale = min(scale, 1.0)
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[: size[1], : size[0]] = resize(pixels, size)
    return canvas, scale


def fitted(width: int, height: int, side: int, step: int, margin: int = 0) -> tuple[int, int]:
    """Width and height of the canvas for a letterbox within (side, side): no larger than the image needs.

    A network without dense layers takes any multiple of its stride, and what it costs grows with the canvas.

    Args:
        width: Of the image.
        height: Of the image.
        side: Pixels on the longer side of the canvas, a multiple of `step`.
        step: Pixels of which each side is a multiple.
        margin: Pixels of the canvas beside or below the image, at the least, where the square canvas has them.
    """
    scale = side / max(width, height)
    across, down = ceil(width * scale), ceil(height * scale)
    return min(side, -(-(across + margin) // step) * step), min(side, -(-(down + margin) // step) * step)


def resize(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """To (width, height) by bilinear interpolation, as the models were measured with."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def resize_smoothly(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """To (width, height), each pixel of a smaller image a weighted mean of all that it covers, as Pillow does it.

    `resize` takes four pixels whatever the scale, so that noise of compression comes through.
    """
    return np.asarray(Pillow.fromarray(pixels).resize(size, Pillow.Resampling.BILINEAR), np.uint8)
