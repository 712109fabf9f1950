"""Boxes: overlap, suppression, letterboxes. Pure functions on (N, 4) arrays of left, top, right, bottom."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

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


def overlaps(xyxy: Floats) -> Floats:
    """Intersection over union of each of (N, 4) with each: (N, N), 0 to 1."""
    corner = np.maximum(xyxy[:, None, :2], xyxy[None, :, :2])
    opposite = np.minimum(xyxy[:, None, 2:], xyxy[None, :, 2:])
    sides = np.clip(opposite - corner, 0, None)
    shared = sides[..., 0] * sides[..., 1]
    each = areas(xyxy)
    return np.asarray(shared / np.maximum(each[:, None] + each[None] - shared, 1e-9), np.float32)


def suppress(
    xyxy: Floats, confidence: Floats, class_id: NDArray[np.int32] | None, threshold: float, max_boxes: int
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression within each class: the places kept, most confident first.

    Ties keep their order, so equal images give equal answers.
    """
    order = np.argsort(-confidence, kind="stable")
    kept: list[int] = []
    classes = np.zeros(len(xyxy), np.int32) if class_id is None else class_id
    alive = np.ones(len(order), bool)
    for index, candidate in enumerate(order):
        if not alive[index]:
            continue
        kept.append(int(candidate))
        if len(kept) == max_boxes:
            break
        rest = order[index + 1 :]
        overlapping = (iou(xyxy[candidate], xyxy[rest]) >= threshold) & (classes[rest] == classes[candidate])
        alive[index + 1 :] &= ~overlapping
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
