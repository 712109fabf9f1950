"""From scores to confidences that mean what they say: of labels given with 80 %, 80 in 100 are right.

Platt: Probabilistic outputs for support vector machines (1999); Guo, Pleiss, Sun, Weinberger: On calibration of modern
neural networks (2017), https://arxiv.org/abs/1706.04599; Liu, Wang, Owens, Li: Energy-based out-of-distribution
detection (2020), https://arxiv.org/abs/2010.03759. The parameters lie in calibration.toml, with how they were found;
`benchmarks/label_accuracy.py` and `benchmarks/face_confidence.py` measure them.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FILE = Path(__file__).with_name("calibration.toml")
# Scores of exactly 0 and 1 have no logit.
_NEARLY = 1e-9
_BOUND = 3.0
_MAX_EXPONENT = 700.0
"""Of `math.exp`, which raises above 709."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve over the score's logit: two parameters, and it never changes an order."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, scores: Floats) -> Floats:
        """Confidences, 0 to 1, of scores, 0 to 1; of the same shape."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * logit(scores) + self.offset))), np.float32)

    def of(self, score: float) -> float:
        """The confidence of one score."""
        exponent = self.slope * _scalar_logit(score) + self.offset  # numpy takes ten times as long for one value
        return 1 / (1 + math.exp(-exponent)) if exponent > -_MAX_EXPONENT else 0.0


def logit(scores: Floats) -> NDArray[np.float64]:
    """Log odds of probabilities, those of 0 and 1 as of what is nearly so."""
    likely = np.clip(np.asarray(scores, np.float64), _NEARLY, 1 - _NEARLY)
    return np.asarray(np.log(likely / (1 - likely)))


@dataclass(frozen=True, slots=True)
class BoxCalibration:
    """Of boxes."""

    box: Curve = Curve()
    """From a fused score to the chance that such a thing is there and overlaps the box by half."""
    present: Curve = Curve()
    """From the confidence of a class's best box to the chance that such a thing is in the image at all."""


@dataclass(frozen=True, slots=True)
class TagCalibration:
    """Of labels of a whole image."""

    temperature: float = 1.0
    """Logits are divided by it: below 1, the classifier is underconfident."""
    share: float = 1.0
    """How much the log odds of a label's share count,"""
    energy: float = 0.0
    """the logits as a whole: low where an image is of nothing that the classifier learned, whatever it calls it,"""
    support: float = 0.0
    """and the log odds, from the detectors, that something is there of which the label is a kind."""
    offset: float = 0.0
    alone: Curve = Curve()
    """From a label's share alone, of images of one thing: for who would rather hear too much than too little."""

    def shares(self, logits: Floats) -> Floats:
        """(labels,): what each label gets of the classifier's (labels,) logits at this temperature; they sum to 1."""
        weights = np.exp((logits - logits.max()) / self.temperature)
        return np.asarray(weights / weights.sum(), np.float32)

    def curve(self, logits: Floats) -> "TagCurve":
        """What shares of the image with these (labels,) logits are worth."""
        energy = float(logits.max() + np.log(np.exp(logits - logits.max()).sum()))
        return TagCurve(Curve(self.share, self.offset + self.energy * energy), self.support)


@dataclass(frozen=True, slots=True)
class TagCurve:
    """Of the labels of one whole image."""

    unseen: Curve = Curve()
    """From a share to the chance that it is right, where the detectors know nothing of such things."""
    support: float = 0.0
    """How much their word counts where they do."""

    def of(self, share: float, support: float = 0.0) -> float:
        """The confidence, 0 to 1, of a label.

        Args:
            share: What it gets, or what several together get, of the classifier's whole, 0 to 1.
            support: See `bounded_logit`; 0 if the detectors have no class for it.
        """
        return Curve(self.unseen.slope, self.unseen.offset + self.support * support).of(share)


def bounded_logit(confidence: float) -> float:
    """Log odds of a detector's confidence, 0 to 1, within limits, as it may be blind to a thing, or see ghosts."""
    return min(max(_scalar_logit(confidence), -_BOUND), _BOUND)


def _scalar_logit(score: float) -> float:
    likely = min(max(score, _NEARLY), 1 - _NEARLY)
    return math.log(likely / (1 - likely))


@dataclass(frozen=True, slots=True)
class ExpressionCalibration:
    """Of what faces express."""

    temperature: float = 1.0
    """Logits are divided by it: above 1, the network is overconfident."""
    smile: Curve = Curve()
    """From the network's probability of happiness to that of a smile."""


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """(N,): probabilities, (N,), of classes that exclude each other, at this temperature; they sum to 1."""
    logits = np.log(np.maximum(probabilities, 1e-12)) / temperature
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum(), np.float32)


def of_boxes(models: Sequence[str]) -> BoxCalibration:
    """Of the detectors of these names, fused; as they are where that was never measured."""
    found = _content()["objects"].get("+".join(models))
    return BoxCalibration() if found is None else BoxCalibration(Curve(**found["box"]), Curve(**found["present"]))


def of_tags(model: str) -> TagCalibration:
    """Of the classifier of this name; as it is where that was never measured."""
    found = _content()["labels"].get(model)
    if found is None:
        return TagCalibration()
    return TagCalibration(**{**found, "alone": Curve(**found["alone"])})


def of_faces(model: str) -> Curve:
    """From a score of the face detector of this name to the chance that there is a face; as it is if not measured."""
    return Curve(**_content()["faces"].get(model, {}))


def of_expressions(model: str) -> ExpressionCalibration:
    """Of the expression network of this name; as it is where that was never measured."""
    found = _content()["expressions"].get(model)
    return (
        ExpressionCalibration()
        if found is None
        else ExpressionCalibration(found["temperature"], Curve(**found["smile"]))
    )


@cache
def _content() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
