"""Contributions by sampling: they add up, tell their error, and come near the truth."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trackoracle.explanations import feature_groups, sampled

INPUTS = st.lists(
    st.one_of(st.just(float("nan")), st.floats(-5, 5, width=32)), min_size=1, max_size=6
)


def _number(matrix: np.ndarray) -> np.ndarray:
    """Answer anything with missing values, bent and with interactions."""
    x = np.nan_to_num(matrix.astype(np.float64), nan=0.5)
    return 3 + x[:, 0] ** 2 + np.prod(np.tanh(x), axis=1) + x.sum(axis=1)


@given(row=INPUTS, seed=st.integers(0, 99))
@settings(max_examples=40)
def test_add_up_and_give_nothing_to_the_missing(row: list[float], seed: int) -> None:
    matrix = np.array([row, row[::-1]], np.float32)
    found = sampled(_number, matrix, n_pairs=3, seed=seed)
    total = found.baseline + found.values.sum(axis=1)
    np.testing.assert_allclose(total, _number(matrix), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found.values[np.isnan(matrix)], 0)


def test_one_track_is_explained_the_same_among_others() -> None:
    matrix = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    whole = sampled(_number, matrix, n_pairs=4)
    assert np.array_equal(whole.values[2:3], sampled(_number, matrix[2:3], n_pairs=4).values)


def test_antithetic_orders_are_exact_for_pairs() -> None:
    def pairs(x: np.ndarray) -> np.ndarray:
        x = np.nan_to_num(x.astype(np.float64))
        return x[:, 0] * x[:, 1] + 2 * x[:, 2]

    found = sampled(pairs, np.array([[2.0, 3.0, 4.0]], np.float32), n_pairs=2)
    np.testing.assert_allclose(found.values, [[3.0, 3.0, 8.0]], atol=1e-12)


def test_the_truth_lies_within_the_stated_error() -> None:
    matrix = np.random.default_rng(1).normal(size=(20, 6)).astype(np.float32)
    truth = sampled(_number, matrix, n_pairs=600, seed=9).values
    found = sampled(_number, matrix, n_pairs=24)
    groups = feature_groups([("tempo",), ("tempo",), ("key",), ("mode",), ("energy",), ("energy",)])
    error = groups.error(found)
    off = np.abs(groups.total(found.values) - groups.total(truth))
    within = off <= 2.2 * error + 1e-9
    assert 0.85 < within.mean() <= 1
