"""Properties of the image itself: how bright, sharp and contrasty it is, and its dominant colours."""

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.results import Colour, Detections, ImageProperties, Properties

# Enough to distinguish colours and edges; the figures then do not depend on the image's size.
_SIDE = 320
_CLUSTERS = 16
# Pixels that the colours are counted on; more change no share by a percent.
_SAMPLE = 8_000
# Variance of the Laplacian at this size at which sharpness reads 50; snapshots in focus have some 500 to 2,000.
_SHARPNESS_MIDDLE = 250.0
# Colours nearer than this in CIELAB look alike side by side (2.3 is just noticeable).
_ALIKE = 10.0
_SEED = 7

_FOREGROUND_MIN = 0.5

Mask = NDArray[np.bool_]


def image_properties(pixels: NDArray[np.uint8], objects: Detections) -> ImageProperties:
    """Of (H, W, 3) RGB, of the boxes of the objects that are more likely there than not, and of what is around them."""
    mask = np.zeros(pixels.shape[:2], np.bool_)
    for left, top, right, bottom in objects.xyxy[objects.confidence >= _FOREGROUND_MIN]:
        mask[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = True
    whole = properties(pixels)
    if mask.all() or not mask.any():
        return ImageProperties(whole, None, None)
    return ImageProperties(whole, properties(pixels, mask), properties(pixels, ~mask))


def properties(pixels: NDArray[np.uint8], mask: Mask | None = None) -> Properties:
    """Of (H, W, 3) RGB, or of its pixels in an (H, W) mask.

    Brightness is the mean luma as percent. Sharpness is the variance of the Laplacian, squashed to 0-100. Contrast is
    the spread of the luma (its standard deviation) as percent of the greatest there can be. Colours are clusters
    (k-means) in CIELAB, where distance is difference to the eye.
    """
    scale = min(1.0, _SIDE / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    inside = np.ones(small.shape[:2], np.bool_)
    if mask is not None:
        inside = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(np.bool_)
    if not inside.any():
        return Properties(0.0, 0.0, 0.0, ())
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    within = luma[inside].astype(np.float64)
    edges = float(cv2.Laplacian(luma, cv2.CV_64F)[inside].var())
    return Properties(
        brightness=float(within.mean()) / 2.55,
        sharpness=100 * edges / (edges + _SHARPNESS_MIDDLE),
        contrast=min(100.0, float(within.std()) / 1.275),
        colours=_colours(small[inside]),
    )


def _colours(rgb: NDArray[np.uint8]) -> tuple[Colour, ...]:
    """Clusters of (N, 3) pixels, the largest first."""
    if len(rgb) > _SAMPLE:
        # At random, but always the same: even steps would see only some columns of an image.
        rgb = rgb[np.random.default_rng(_SEED).choice(len(rgb), _SAMPLE, replace=False)]
    if (rgb == rgb[0]).all():
        red, green, blue = (int(value) for value in rgb[0])
        return (Colour(red, green, blue, 1.0),)
    lab = _lab(rgb)
    count = min(_CLUSTERS, len(np.unique(rgb, axis=0)))
    # Its own seed: the same image has the same colours, whatever ran before.
    cv2.setRNGSeed(_SEED)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, found, _ = cv2.kmeans(lab, count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    indices = found[:, 0]
    groups = _merged(np.stack([lab[indices == index].mean(axis=0) for index in np.unique(indices)]))
    kinds = np.unique(indices)
    colours = []
    for group in groups:
        members = np.isin(indices, kinds[group])
        red, green, blue = (round(float(value)) for value in rgb[members].mean(axis=0))
        colours.append(Colour(red, green, blue, float(members.mean())))
    return tuple(sorted(colours, key=lambda colour: -colour.share))


def _merged(centres: NDArray[np.float32]) -> list[list[int]]:
    """Places of centres that look alike, together."""
    groups: list[list[int]] = []
    for index in range(len(centres)):
        near = next((g for g in groups if np.linalg.norm(centres[g[0]] - centres[index]) < _ALIKE), None)
        if near is None:
            groups.append([index])
        else:
            near.append(index)
    return groups


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    scaled = rgb.reshape(-1, 1, 3).astype(np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB).reshape(-1, 3), np.float32)
