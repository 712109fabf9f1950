"""Probes find what is to be found, and their figures are honest."""

import numpy as np
import pytest

from openrek_pack_build.probes import auc, fit_probe, platt


def test_auc_counts_pairs_in_the_right_order() -> None:
    scores = np.array([0.1, 0.4, 0.4, 0.8])
    assert auc(scores, np.array([False, False, True, True])) == pytest.approx(3.5 / 4)


def test_platt_gives_the_share_of_the_faces_that_will_be_judged() -> None:
    generator = np.random.default_rng(1)
    seen = np.arange(4000) < 2000
    scores = generator.normal(size=4000) + seen
    slope, shift = platt(scores, seen, 0.1)
    probability = 1 / (1 + np.exp(-(slope * scores + shift)))
    # Two normal distributions one apart: the logit is the score, less a half, plus that of the share.
    assert slope == pytest.approx(1, abs=0.1)
    assert 0.1 * probability[seen].mean() + 0.9 * probability[~seen].mean() == pytest.approx(0.1, abs=0.005)


def test_a_probe_finds_the_input_that_matters() -> None:
    generator = np.random.default_rng(2)
    seen = generator.random(400) < 0.3
    inputs = generator.normal(size=(400, 20))
    inputs[:, 7] += 3 * seen
    probe = fit_probe(inputs, seen, np.arange(400), np.ones(20), 0.3)
    assert np.argmax(probe.weights) == 7
    assert probe.auc > 0.95
    logits = inputs @ probe.weights + probe.offset
    assert ((logits > 0) == seen).mean() > 0.9


def test_an_input_without_gain_is_left_out() -> None:
    generator = np.random.default_rng(3)
    seen = generator.random(200) < 0.5
    inputs = np.c_[generator.normal(size=200) + 2 * seen, seen.astype(float)]
    probe = fit_probe(inputs, seen, np.arange(200), np.array([1.0, 0.0]), 0.5)
    assert probe.weights[1] == 0
    assert probe.auc < 1


def test_what_only_the_person_tells_is_not_counted() -> None:
    # Ten pictures each of 16 people, and an attribute that follows nothing but who it is.
    generator = np.random.default_rng(4)
    person = np.repeat(np.arange(16), 10)
    seen = (generator.permutation(16) < 8)[person]
    looks = generator.normal(size=(16, 50))
    inputs = looks[person] + 0.05 * generator.normal(size=(160, 50))
    divided = fit_probe(inputs, seen, np.arange(160), np.ones(50), 0.5)
    whole = fit_probe(inputs, seen, person, np.ones(50), 0.5)
    assert divided.auc > 0.99
    assert whole.auc < 0.9
