"""Logistic heads on feature maps: Adam with a cosine rate; multiple instance learning where only images are labelled.

Kingma and Ba 2015, https://arxiv.org/abs/1412.6980. Everything follows from one seed, so the same features give
the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8
_LIKELY_SHARE = 0.2
"""Of the cells of an image with a label, the share that is taken to show it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a head is trained."""

    epochs: int
    rate: float
    decay: float
    """Of the weights, added to their gradient."""
    batch: int


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """logits = ((features - mean) / scale) @ weights + offsets."""

    weights: Floats
    """(inputs, labels)"""
    offsets: Floats
    """(labels,)"""
    mean: Floats
    """(inputs,)"""
    scale: Floats
    """(inputs,)"""

    @classmethod
    def untrained(cls, features: Floats, targets: Floats, weights: Floats, floor: float) -> "Head":
        """A head that gives every example the share of its label, and standardises (N, inputs) features.

        Args:
            features: (N, inputs).
            targets: (M, labels), 0 or 1.
            weights: (M, labels): how much each target counts.
            floor: Added to the deviation of the features.
        """
        counted = weights.sum(axis=0)
        share = ((targets * weights).sum(axis=0) + 0.5) / (counted + 1)
        zeros = np.zeros((features.shape[1], targets.shape[1]))
        return cls(zeros, np.log(share / (1 - share)), features.mean(axis=0), features.std(axis=0) + floor)

    def logits(self, features: Floats) -> Floats:
        """(..., labels), of (..., inputs)."""
        return np.asarray(((features - self.mean) / self.scale) @ self.weights + self.offsets)


def train(head: Head, features: Floats, targets: Floats, weights: Floats, schedule: Schedule, seed: int) -> Head:
    """The head, trained further.

    Args:
        head: Where to start.
        features: (N, inputs).
        targets: (N, labels), 0 or 1.
        weights: (N, labels): how much each target counts, 0 of what was not judged.
        schedule: How long, and how fast.
        seed: Of the order of the examples.
    """
    random = np.random.default_rng(seed)
    inputs = ((features - head.mean) / head.scale).astype(np.float32)
    parameters = np.concatenate([head.weights, head.offsets[None]]).astype(np.float32)
    targets, weights = targets.astype(np.float32), weights.astype(np.float32)
    means, squares = np.zeros_like(parameters), np.zeros_like(parameters)
    batches = -(-len(inputs) // schedule.batch)
    total, step = schedule.epochs * batches, 0
    for _ in range(schedule.epochs):
        order = random.permutation(len(inputs))
        for start in range(0, len(order), schedule.batch):
            chosen = order[start : start + schedule.batch]
            part = inputs[chosen]
            error = weights[chosen] * (_sigmoid(part @ parameters[:-1] + parameters[-1]) - targets[chosen])
            gradient = np.concatenate([part.T @ error, error.sum(axis=0)[None]]) / len(chosen)
            gradient[:-1] += np.float32(schedule.decay) * parameters[:-1]
            step += 1
            means += np.float32(1 - _BETAS[0]) * (gradient - means)
            squares += np.float32(1 - _BETAS[1]) * (gradient**2 - squares)
            rate = np.float32(schedule.rate * 0.5 * (1 + np.cos(np.pi * (step - 1) / total)))
            corrected = np.sqrt(squares / np.float32(1 - _BETAS[1] ** step)) + np.float32(_EPSILON)
            parameters -= rate * means / np.float32(1 - _BETAS[0] ** step) / corrected
    return Head(parameters[:-1].astype(np.float64), parameters[-1].astype(np.float64), head.mean, head.scale)


def likely_cells(logits: Floats, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of each image with a label the fifth of its cells that is most like it; of others none.

    Args:
        logits: (images, cells, labels).
        present: (images, labels).
    """
    count = max(1, round(_LIKELY_SHARE * logits.shape[1]))
    ranks = np.argsort(np.argsort(-logits, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray((ranks < count) & present[:, None])


def highest_mean(logits: Floats, share: float) -> Floats:
    """(images, labels): mean of the highest share of the cells' logits, (images, cells, labels)."""
    count = max(1, round(share * logits.shape[1]))
    return np.asarray(np.sort(logits, axis=1)[:, -count:].mean(axis=1))


def fit_curve(scores: Floats, right: Sequence[bool] | NDArray[np.bool_], steps: int = 100) -> tuple[float, float]:
    """Slope and offset of the logistic curve of greatest likelihood over (N,) scores, by Newton's method."""
    design = np.stack([scores, np.ones(len(scores))], axis=1)
    answers = np.asarray(right, np.float64)
    found = np.array([1.0, 0.0])
    for _ in range(steps):
        chance = _sigmoid(design @ found)
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(bend, design.T @ (answers - chance))
        found = found + step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
    return float(found[0]), float(found[1])


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))))


def fit_penalised(features: Floats, targets: Floats, strength: float) -> Floats:
    """(inputs + 1,): weights and offset of a logistic regression with a square penalty, both classes weighing alike.

    Args:
        features: (N, inputs).
        targets: (N,), 0 or 1.
        strength: Inverse strength of the penalty: the loss counts so many times as much as half the square of weights.
    """
    from scipy.optimize import minimize

    count, positive = len(targets), targets.sum()
    weights = np.where(targets > 0, count / (2 * positive), count / (2 * (count - positive)))
    signs = np.where(targets > 0, 1.0, -1.0)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        margins = signs * (features @ parameters[:-1] + parameters[-1])
        slope = -strength * weights * signs * _sigmoid(-margins)
        gradient = np.append(features.T @ slope + parameters[:-1], slope.sum())
        value = strength * float((weights * np.logaddexp(0, -margins)).sum())
        return value + 0.5 * float(parameters[:-1] @ parameters[:-1]), gradient

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return np.asarray(found.x)
