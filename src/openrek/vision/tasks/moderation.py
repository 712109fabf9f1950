"""Moderation: two models must agree before a picture is called explicit; the classifier says what else is in it."""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.nsfwjs import NsfwJs
from openrek.vision.architectures.open_nsfw import OpenNsfw
from openrek.vision.pool import InferencePool
from openrek.vision.results import Moderation
from openrek.vision.sessions import Sessions
from openrek.vision.tasks.labels import Classified, Labeller

# Suggestive pictures move the second model a little; harmless ones that fool the first do not.
_SUGGESTIVE_SUPPORT = 0.2


class Moderator:
    """NSFWJS says what kind, Open NSFW whether at all; each alone raises false alarms the other does not.

    Weapons, drinks and garments are told by the labeller's classifier. Objects are not looked for, which would take
    longer than all three models together.
    """

    def __init__(self, sessions: Sessions, pool: InferencePool, labeller: Labeller) -> None:
        self._pool = pool
        self._labeller = labeller
        self._kinds = NsfwJs(sessions["nsfw_mobilenet_v2"])
        self._gate = OpenNsfw(sessions["open_nsfw"])

    def judge(self, pixels: NDArray[np.uint8]) -> Moderation:
        """What (H, W, 3) RGB shows, after all models."""
        gating = self._pool.submit(self._gate.classify, pixels)
        judging = self._pool.submit(self._kinds.classify, pixels)
        classified = self._labeller.classify(pixels)
        return gate_scores(judging.result(), gating.result(), classified)


def gate_scores(kinds: dict[str, float], gate: float, classified: Classified) -> Moderation:
    """The two models' scores as one judgement: each kind is as sure as the less sure model."""
    explicit = min(kinds["porn"] + kinds["hentai"], gate)
    suggestive = min(kinds["sexy"], gate / _SUGGESTIVE_SUPPORT, 1.0)
    undressed = kinds["sexy"] + kinds["porn"] + kinds["hentai"]
    drawn = kinds["drawing"] + kinds["hentai"]
    return Moderation(
        explicit, suggestive, drawn, undressed, classified.shares, classified.belief, classified.exclusive
    )
