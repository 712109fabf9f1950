"""Moderation: two models must agree before an image is called explicit; the classifier says what else is in it."""

from concurrent.futures import Future
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.nsfwjs import NsfwJs
from openrek.vision.architectures.open_nsfw import OpenNsfw
from openrek.vision.results import Moderation
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.labels import Classified

# Suggestive images move the second model a little; harmless ones that fool the first do not.
_SUGGESTIVE_SUPPORT = 0.2
# Photographs of 406 that NSFWJS calls drawn have at most 0.48 of their pixels in plain colour, drawings of flat
# colours more than 0.6, also where they are shaded or were compressed much.
_DRAWN = ((0.45, 0.6), (0.0, 1.0))
_FLAT_SIDE = 320
_FLAT_RANGE = 2


@dataclass(frozen=True, slots=True)
class Judging:
    """Runs under way."""

    kinds: "Future[dict[str, float]]"
    """Of NSFWJS: probability by class."""
    gate: "Future[float]"
    """Of Open NSFW."""


class Moderator:
    """NSFWJS says what kind, Open NSFW whether at all; each alone raises false alarms the other does not.

    NSFWJS calls one photograph in nine drawn that shows sports or skies: plain colours have to bear it out.

    Weapons, drinks and garments are detected by the classifier of labels. Objects are not searched for, which would
    take longer than all three models together.
    """

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        self._kinds = NsfwJs(sessions["nsfw_mobilenet_v2"])
        self._gate = OpenNsfw(sessions["open_nsfw"])

    def start(self, pixels: NDArray[np.uint8]) -> "Judging":
        """Begins the runs of both models on (H, W, 3) RGB."""
        return Judging(self._pool.submit(self._kinds.classify, pixels), self._pool.submit(self._gate.classify, pixels))

    def judge(self, pixels: NDArray[np.uint8], started: "Judging", classified: Classified) -> Moderation:
        """What (H, W, 3) RGB shows, by all models.

        Args:
            pixels: The image.
            started: What `start` returned for it.
            classified: What the classifier says of it.
        """
        return gate_scores(started.kinds.result(), started.gate.result(), flat_share(pixels), classified)


def gate_scores(kinds: dict[str, float], gate: float, flat: float, classified: Classified) -> Moderation:
    """The two models' scores as one judgement: each kind is as sure as the less sure model.

    Args:
        kinds: The first model's probabilities.
        gate: The second model's.
        flat: What `flat_share` says.
        classified: What the classifier says.
    """
    explicit = min(kinds["porn"] + kinds["hentai"], gate)
    suggestive = min(kinds["sexy"], gate / _SUGGESTIVE_SUPPORT, 1.0)
    drawn = min(kinds["drawing"] + kinds["hentai"], float(np.interp(flat, *_DRAWN)))
    undressed = max(explicit, suggestive)
    return Moderation(
        explicit, suggestive, drawn, undressed, classified.shares, classified.belief, classified.exclusive
    )


def flat_share(pixels: NDArray[np.uint8]) -> float:
    """Of the pixels of (H, W, 3) RGB, shrunk, the share whose neighbours have the same colour, 0 to 1.

    A camera's image has noise and shades; what is drawn on a computer has plain areas.
    """
    scale = min(1.0, _FLAT_SIDE / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    around = np.ones((3, 3), np.uint8)
    ranges = (cv2.dilate(small, around) - cv2.erode(small, around)).max(axis=2)
    return float((ranges <= _FLAT_RANGE).mean())
