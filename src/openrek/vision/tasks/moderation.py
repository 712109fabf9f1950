"""Moderation: two models must agree before an image is called explicit; the classifier finds the other labels."""

from collections.abc import Callable, Iterable
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
from openrek.vision.tasks.human_evidence import human_evidence
from openrek.vision.tasks.labels import Classified

Objects = Callable[[], Iterable[tuple[str, float]]]

# Suggestive images move the second model a little; harmless ones that fool the first do not.
_SUGGESTIVE_SUPPORT = 0.2
# Photographs of 406 that NSFWJS calls drawn have at most 0.48 of their pixels in plain colour, drawings of flat
# colours more than 0.6, also where they are shaded or were compressed much.
_DRAWN = ((0.45, 0.6), (0.0, 1.0))
_FLAT_SIDE = 320
_FLAT_RANGE = 2
# From which confidence a judgement is worth a second look, and a search for people.
_DOUBTFUL = 0.05
# From which probability the head for handguns counts: cross-validated on 250 images of handguns it is reached by 82 %,
# and by 6 of 730 other images.
_HANDGUN_MIN = 0.8
# The part of width and height that the second look leaves out at each edge. The mean of both looks moves less when an
# image is saved anew: of 30 images saved in six ways, by 0.11 instead of 0.15.
_CUT = 0.05


@dataclass(frozen=True, slots=True)
class Judging:
    """Runs under way."""

    kinds: "Future[dict[str, float]]"
    """Of NSFWJS: probability by class."""
    gate: "Future[float]"
    """Of Open NSFW."""


class Moderator:
    """NSFWJS gives the kind, Open NSFW whether there is any; each alone raises false alarms the other does not.

    NSFWJS calls one photograph in nine drawn that shows sports or skies: plain colours have to bear it out.

    Weapons, drinks and garments are detected by the classifier of labels. Nobody is nude where neither a person nor
    skin is seen: where both models suspect something, in one harmless image of twenty, they look once more,
    and objects are searched for.
    """

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        self._kinds = NsfwJs(sessions["nsfw_mobilenet_v2"])
        self._gate = OpenNsfw(sessions["open_nsfw"])

    def start(self, pixels: NDArray[np.uint8]) -> "Judging":
        """Begins the runs of both models on (H, W, 3) RGB."""
        return Judging(self._pool.submit(self._kinds.classify, pixels), self._pool.submit(self._gate.classify, pixels))

    def judge(
        self, pixels: NDArray[np.uint8], started: "Judging", classified: Classified, objects: Objects
    ) -> Moderation:
        """What (H, W, 3) RGB shows, by all models.

        Args:
            pixels: The image.
            started: What `start` returned for it.
            classified: The classifier's result.
            objects: Returns (name, confidence) of the objects in it; called only where that matters.
        """
        kinds, gate = started.kinds.result(), started.gate.result()
        if max(_agreed(kinds, gate)) >= _DOUBTFUL:
            again = self.start(_mirrored_middle(pixels))
            others = again.kinds.result()
            kinds = {name: (probability + others[name]) / 2 for name, probability in kinds.items()}
            gate = (gate + again.gate.result()) / 2
        return gate_scores(
            kinds, gate, flat_share(pixels), classified, lambda: human_evidence(pixels, objects(), classified)
        )


def gate_scores(
    kinds: dict[str, float],
    gate: float,
    flat: float,
    classified: Classified,
    human: Callable[[], float] = lambda: 1.0,
) -> Moderation:
    """The two models' scores as one judgement: each kind is as sure as the less sure model, and as the human evidence.

    Args:
        kinds: The first model's probabilities.
        gate: The second model's.
        flat: The result of `flat_share`.
        classified: The classifier's result.
        human: Returns `human_evidence`; called only if needed.
    """
    explicit, suggestive = _agreed(kinds, gate)
    if max(explicit, suggestive) >= _DOUBTFUL:
        limit = human()
        explicit, suggestive = min(explicit, limit), min(suggestive, limit)
    drawn = min(kinds["drawing"] + kinds["hentai"], float(np.interp(flat, *_DRAWN)))
    undressed = max(explicit, suggestive)
    return Moderation(
        explicit,
        suggestive,
        drawn,
        undressed,
        classified.shares,
        classified.curve,
        classified.exclusive,
        classified.handgun if classified.handgun >= _HANDGUN_MIN else 0.0,
    )


def _agreed(kinds: dict[str, float], gate: float) -> tuple[float, float]:
    """Explicit and suggestive, as sure as the less sure of both models."""
    return min(kinds["porn"] + kinds["hentai"], gate), min(kinds["sexy"], gate / _SUGGESTIVE_SUPPORT, 1.0)


def _mirrored_middle(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same image for a person, and another one for the models: mirrored, without its margins."""
    across, down = (round(_CUT * side) for side in (pixels.shape[1], pixels.shape[0]))
    return np.ascontiguousarray(pixels[down : pixels.shape[0] - down, across : pixels.shape[1] - across][:, ::-1])


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
