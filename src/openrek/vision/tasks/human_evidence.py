"""Whether an image shows a person or skin, rather than food: what nudity cannot do without."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.tasks.labels import Classified

_PERSON = "person"
_FOOD = frozenset(tomllib.loads(Path(__file__).with_name("foods.toml").read_text(encoding="utf-8"))["names"])
# From which confidence a person is none, and is one for certain; of the share of skin likewise.
_PERSON_RAMP = (0.1, 0.5)
_SKIN_RAMP = (0.1, 0.3)
_SIDE = 320
# Chai and Ngan 1999, "Face segmentation using skin-color map in videophone applications": skin of all complexions lies
# in these ranges of Cr and Cb.
_LOWEST, _HIGHEST = (0, 133, 77), (255, 173, 127)
# Mean distance of Cr and Cb from gray below which an image has no colours to recognise skin by.
_COLOURLESS = 2.0

Floats = NDArray[np.float32]


def human_evidence(pixels: NDArray[np.uint8], objects: Iterable[tuple[str, float]], classified: Classified) -> float:
    """0 to 1: how much of the image speaks for a person, or for skin other than food.

    Args:
        pixels: (H, W, 3) RGB.
        objects: (name, confidence) of the objects detected in it.
        classified: What it is of as a whole.
    """
    confidences = [(name.lower(), confidence) for name, confidence in objects]
    person = max((confidence for name, confidence in confidences if name == _PERSON), default=0.0)
    seen = max((confidence for name, confidence in confidences if name in _FOOD), default=0.0)
    shares = [share for name, share in classified.shares if name.lower() in _FOOD]
    called = sum(shares) if classified.exclusive else max(shares, default=0.0)
    food = min(1.0, max(seen, called))
    skin = _ramp(skin_share(pixels), _SKIN_RAMP)
    return max(_ramp(person, _PERSON_RAMP), skin * (1 - food))


def skin_share(pixels: NDArray[np.uint8]) -> float:
    """Of the pixels of (H, W, 3) RGB, shrunk, the share that has a skin's colour; 1 where the image has no colours."""
    scale = min(1.0, _SIDE / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    colours = cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb)
    if float(np.abs(colours[..., 1:].astype(np.float32) - 128).mean()) < _COLOURLESS:
        return 1.0
    return float((cv2.inRange(colours, np.array(_LOWEST), np.array(_HIGHEST)) > 0).mean())


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return float(np.interp(value, ends, (0.0, 1.0)))
