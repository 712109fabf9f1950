"""Assignments are the cheapest."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openrek.video.assignment import assign


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.floats(-100, 100, width=16))
    )
)
def test_no_other_assignment_is_cheaper(costs: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    pairs = assign(costs)
    rows, columns = costs.shape
    assert len(pairs) == min(rows, columns)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    tall = costs if rows <= columns else costs.T
    cheapest = min(
        sum(tall[row, column] for row, column in enumerate(chosen))
        for chosen in itertools.permutations(range(tall.shape[1]), tall.shape[0])
    )
    assert sum(costs[row, column] for row, column in pairs) == pytest.approx(cheapest, abs=1e-6)


def test_a_hundred_boxes_are_assigned_at_once() -> None:
    random = np.random.default_rng(1)
    order = random.permutation(100)
    costs = random.uniform(1, 2, (100, 100))
    costs[np.arange(100), order] = 0.5
    assert assign(costs) == list(enumerate(order.tolist()))


def test_nothing_is_assigned_to_nothing() -> None:
    assert assign(np.zeros((0, 3))) == assign(np.zeros((3, 0))) == []


def test_costs_must_be_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        assign(np.array([[1.0, np.inf]]))
