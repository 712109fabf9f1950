"""Linear probes: fitted, tested on what they were not fitted to, and turned into probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 8
# Chosen once for all attributes; from 0.3 to 3 none of their AUCs moves by more than 0.015.
_RIDGE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """logit = weights · inputs + offset"""

    weights: Floats
    offset: float
    auc: float
    """On faces of other people than those it was fitted to."""
    found: float
    """Share of the faces with the attribute, again of others, whose probability is at least 0.5."""
    false: float
    """Likewise of the faces without it."""


def fit_probe(inputs: Floats, seen: Bools, group: NDArray[np.int64], gain: Floats, share: float) -> Probe:
    """A probe fitted to all, with figures and calibration from probes that had not seen the group.

    Args:
        inputs: (N, D)
        seen: (N,): whether the attribute is to be seen.
        group: (N,): the person, or else the picture; a group is never divided.
        gain: (D,): how strongly an input is trusted beside the others; 0 leaves it out.
        share: Of the faces that will be judged, how many have the attribute, 0 to 1; the probabilities are for these.
    """
    scores = np.zeros(len(inputs))
    for fold in range(FOLDS):
        held = group % FOLDS == fold
        scores[held] = np.c_[inputs[held], np.ones(held.sum())] @ _ridge(inputs[~held], seen[~held], gain)
    slope, shift = platt(scores, seen, share)
    line = _ridge(inputs, seen, gain) * slope
    sure = scores * slope + shift >= 0
    return Probe(
        line[:-1], float(line[-1] + shift), auc(scores, seen), float(sure[seen].mean()), float(sure[~seen].mean())
    )


def _ridge(inputs: Floats, seen: Bools, gain: Floats) -> Floats:
    """(D + 1,): weights and offset, least squares to 1 and -1, both kinds weighing the same."""
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-9
    scale = gain / spread
    weight = np.where(seen, 0.5 / seen.sum(), 0.5 / (~seen).sum()) * len(seen)
    scaled = (inputs - mean) * scale
    middle = np.average(scaled, axis=0, weights=weight)
    root = np.sqrt(weight)
    rows = (scaled - middle) * root[:, None]
    # As many unknowns as rows rather than as inputs; the two are equal (Saunders 1998, dual ridge regression).
    dual = np.linalg.solve(rows @ rows.T + _RIDGE * len(seen) * np.eye(len(seen)), root * np.where(seen, 1.0, -1.0))
    weights = rows.T @ dual
    return np.append(weights * scale, -(middle * weights).sum() - (mean * scale * weights).sum())


def platt(scores: Floats, seen: Bools, share: float) -> tuple[float, float]:
    """Slope and shift that make of a score the logit of its probability where `share` of the faces have the attribute.

    Platt 1999, "Probabilistic Outputs for Support Vector Machines", with his softened targets.
    """
    weight = np.where(seen, share / seen.sum(), (1 - share) / (~seen).sum()) * len(seen)
    target = np.where(seen, (seen.sum() + 1) / (seen.sum() + 2), 1 / ((~seen).sum() + 2))
    rows = np.c_[scores, np.ones(len(scores))]
    line = np.zeros(2)
    for _ in range(100):
        probability = 1 / (1 + np.exp(-rows @ line))
        curve = (rows * (weight * probability * (1 - probability))[:, None]).T @ rows
        line += np.linalg.solve(curve + 1e-9 * np.eye(2), rows.T @ (weight * (target - probability)))
    return float(line[0]), float(line[1])


def auc(scores: Floats, seen: Bools) -> float:
    """Area under the ROC curve: how often a face with the attribute scores above one without."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positives = int(seen.sum())
    return float((ranks[seen].sum() - positives * (positives + 1) / 2) / (positives * (~seen).sum()))
