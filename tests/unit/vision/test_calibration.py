"""Calibration: curves that keep the order, and the parameters of the models that were measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrek.vision.calibration import (
    BoxCalibration,
    Curve,
    ExpressionCalibration,
    TagCalibration,
    TagCurve,
    bounded_logit,
    of_boxes,
    of_expressions,
    of_faces,
    of_tags,
    tempered,
)

SCORES = st.lists(st.floats(0, 1, width=32), min_size=2, max_size=20)
CURVES = st.builds(Curve, st.floats(0.1, 5), st.floats(-3, 3))


@given(SCORES, CURVES)
def test_a_curve_keeps_the_order_and_stays_between_0_and_1(scores: list[float], curve: Curve) -> None:
    ranked = np.sort(np.array(scores, np.float32))
    confidences = curve(ranked)
    assert (np.diff(confidences) >= 0).all()
    assert ((confidences >= 0) & (confidences <= 1)).all()
    assert confidences.shape == ranked.shape


@given(SCORES)
def test_the_plain_curve_changes_nothing(scores: list[float]) -> None:
    ranked = np.array(scores, np.float32)
    assert Curve()(ranked) == pytest.approx(ranked, abs=1e-6)


def test_a_curve_is_the_logistic_one_of_its_parameters() -> None:
    # Of even odds the logit is 0, of odds of 9 to 1 it is ln 9.
    assert Curve(2.0, 1.0).of(0.5) == pytest.approx(1 / (1 + np.exp(-1)))
    assert Curve(2.0, 0.0).of(0.9) == pytest.approx(81 / 82)


def test_a_temperature_below_1_makes_the_surest_surer_and_shares_still_sum_to_1() -> None:
    probabilities = np.array([0.6, 0.3, 0.1, 1e-9], np.float32)
    logits = np.log(probabilities) + np.float32(5)
    assert TagCalibration(0.5).shares(logits) == pytest.approx(np.array([0.36, 0.09, 0.01, 0]) / 0.46, abs=1e-6)
    assert TagCalibration().shares(logits) == pytest.approx(probabilities, abs=1e-6)
    assert float(TagCalibration(0.63).shares(logits).sum()) == pytest.approx(1)


def test_of_equal_shares_the_one_of_larger_logits_is_believed_more() -> None:
    known = TagCalibration(1.0, 0.5, 2.0, 0.0, -6.0)
    logits = np.log(np.array([0.8, 0.2], np.float32))
    # All logits one higher: the shares are the same, and the energy is one more.
    assert known.shares(logits + 3) == pytest.approx(known.shares(logits + 4), abs=1e-6)
    assert known.curve(logits + 3).of(0.8) == pytest.approx(1 / (1 + np.exp(-(0.5 * np.log(4) + 2 * 3 - 6))))
    assert known.curve(logits + 4).of(0.8) > known.curve(logits + 3).of(0.8)


def test_what_detectors_say_counts_for_and_against_within_limits() -> None:
    curve = TagCurve(Curve(), 0.5)
    assert curve.of(0.6, bounded_logit(0.9)) > curve.of(0.6) > curve.of(0.6, bounded_logit(0.1))
    assert curve.of(0.6) == pytest.approx(0.6)
    assert bounded_logit(0.5) == pytest.approx(0)
    assert bounded_logit(0.0) == -bounded_logit(1.0) == -3
    assert TagCurve().of(0.6, 3.0) == pytest.approx(0.6)


def test_the_models_of_the_default_pack_have_been_measured() -> None:
    boxes, tags = of_boxes(["nanodet", "ssdlite"]), of_tags("efficientnet_lite0")
    assert boxes != BoxCalibration()
    assert tags != TagCalibration()
    # A box says where a thing is, so that the thing is there at all is surer.
    assert boxes.present.of(0.5) > 0.5
    # Each kind of evidence speaks for a tag.
    assert min(tags.share, tags.energy, tags.support) > 0


def test_a_model_that_nobody_measured_is_believed_as_it_says() -> None:
    assert of_boxes(["somebody's"]) == BoxCalibration()
    assert of_boxes(["nanodet"]) == BoxCalibration()
    assert of_tags("somebody's") == TagCalibration()


def test_a_temperature_above_1_makes_the_surest_less_sure() -> None:
    softer = tempered(np.array([0.96, 0.03, 0.01], np.float32), 3.0)
    assert softer.sum() == pytest.approx(1)
    assert 0.5 < softer[0] < 0.8
    assert (np.diff(softer) < 0).all()


def test_a_face_that_is_just_reported_is_likely_one_and_a_usual_one_surely() -> None:
    curve = of_faces("centerface")
    assert 0.7 < curve.of(0.5) < 0.9
    assert curve.of(0.79) > 0.99
    assert of_faces("of another pack") == Curve()


def test_the_expression_network_was_too_sure() -> None:
    found = of_expressions("face_expression")
    assert found.temperature > 1
    # A smile that the network gives one in nine is as likely as not.
    assert found.smile.of(0.107) == pytest.approx(0.5, abs=0.02)
    assert found.smile.of(0.9999) < 0.995
    assert of_expressions("of another pack") == ExpressionCalibration()
