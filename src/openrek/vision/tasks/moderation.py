"""Moderation: two models must agree before a picture is called explicit."""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.nsfwjs import NsfwJs
from openrek.vision.architectures.open_nsfw import OpenNsfw
from openrek.vision.pool import InferencePool
from openrek.vision.results import Moderation
from openrek.vision.sessions import Sessions

# Suggestive pictures move the second model a little; harmless ones that fool the first do not.
_SUGGESTIVE_SUPPORT = 0.2


class Moderator:
    """NSFWJS says what kind, Open NSFW whether at all; each alone raises false alarms the other does not."""

    def __init__(self, sessions: Sessions, pool: InferencePool) -> None:
        self._pool = pool
        self._kinds = NsfwJs(sessions["nsfw_mobilenet_v2"])
        self._gate = OpenNsfw(sessions["open_nsfw"])

    def judge(self, pixels: NDArray[np.uint8]) -> Moderation:
        """What (H, W, 3) RGB shows, after both models."""
        gating = self._pool.submit(self._gate.classify, pixels)
        kinds = self._pool.submit(self._kinds.classify, pixels).result()
        gate = gating.result()
        return gate_scores(kinds, gate)


def gate_scores(kinds: dict[str, float], gate: float) -> Moderation:
    """The two models' scores as one judgement: each kind is as sure as the less sure model."""
    explicit = min(kinds["porn"] + kinds["hentai"], gate)
    suggestive = min(kinds["sexy"], gate / _SUGGESTIVE_SUPPORT, 1.0)
    return Moderation(explicit, suggestive, kinds["drawing"] + kinds["hentai"])
