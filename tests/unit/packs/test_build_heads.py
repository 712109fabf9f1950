"""Training of heads: what can be learned is, and one seed gives one result."""

import numpy as np
import pytest

from openrek_pack_build.heads import Floats, Head, Schedule, fit_curve, highest_mean, likely_cells, train

SCHEDULE = Schedule(epochs=60, rate=0.05, decay=1e-3, batch=32)


def examples(count: int = 200) -> tuple[Floats, Floats]:
    """Features of which the first two decide the two labels."""
    features = np.random.default_rng(1).normal(size=(count, 6))
    return features, (features[:, :2] > 0).astype(np.float64)


def test_a_head_learns_what_decides_and_the_same_seed_gives_the_same_weights() -> None:
    features, targets = examples()
    weights = np.ones_like(targets)
    start = Head.untrained(features, targets, weights, 0.1)
    found = train(start, features, targets, weights, SCHEDULE, 3)
    assert ((found.logits(features) > 0) == targets).mean() > 0.95
    again = train(start, features, targets, weights, SCHEDULE, 3)
    np.testing.assert_array_equal(found.weights, again.weights)
    assert not np.array_equal(found.weights, train(start, features, targets, weights, SCHEDULE, 4).weights)


def test_targets_of_no_weight_do_not_count() -> None:
    features, targets = examples()
    weights = np.ones_like(targets)
    weights[100:, 0] = 0
    wrong = targets.copy()
    wrong[100:, 0] = 1 - wrong[100:, 0]
    start = Head.untrained(features, targets, weights, 0.1)
    one, other = (train(start, features, each, weights, SCHEDULE, 3) for each in (targets, wrong))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_an_untrained_head_gives_every_example_the_share_of_its_label() -> None:
    features, targets = np.ones((4, 3)), np.array([[1.0], [0.0], [0.0], [0.0]])
    head = Head.untrained(features, targets, np.ones((4, 1)), 0.1)
    assert head.logits(features)[:, 0] == pytest.approx(np.log(0.3 / 0.7))


def test_the_most_likely_fifth_of_the_cells_shows_the_label_of_its_image() -> None:
    logits = np.arange(20, dtype=np.float64).reshape(2, 10, 1)
    likely = likely_cells(logits, np.array([[True], [False]]))
    assert likely[0, :, 0].tolist() == [False] * 8 + [True] * 2
    assert not likely[1].any()


def test_the_mean_of_the_highest_cells() -> None:
    assert highest_mean(np.array([[[1.0], [5.0], [3.0], [0.0]]]), 0.5).tolist() == [[4.0]]
    assert highest_mean(np.array([[[1.0], [5.0]]]), 0.1).tolist() == [[5.0]]


def test_a_curve_is_fitted_to_answers() -> None:
    random = np.random.default_rng(2)
    scores = random.normal(size=20_000)
    right = random.random(20_000) < 1 / (1 + np.exp(-(2 * scores - 1)))
    assert fit_curve(scores, right) == pytest.approx((2, -1), abs=0.1)
