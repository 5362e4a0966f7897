"""Tests of the difference between two candidates on the same folds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trackoracle.errors import ConfigError, InvalidValuesError, NotEnoughDataError
from trackoracle.evaluation import (
    Drawn,
    Judged,
    corrected_t_test,
    difference,
    draw_metrics,
    fold_values,
    metrics_of,
    paired_difference,
)

differences = st.lists(st.floats(-0.1, 0.1).map(lambda v: round(v, 6)), min_size=2, max_size=30)


@given(differences)
def test_without_the_correction_it_is_scipys_t_test(values: list[float]) -> None:
    """The correction vanishes with the test part: n_test / n_train toward 0."""
    if np.std(values) < 1e-9:
        values = [*values, values[0] + 0.01]
    plain = stats.ttest_1samp(values, 0)
    ours = corrected_t_test(values, 1e-12)
    assert ours.statistic == pytest.approx(plain.statistic, rel=1e-6)
    assert ours.p == pytest.approx(plain.pvalue, rel=1e-6)
    expected = plain.confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((expected.low, expected.high), rel=1e-6)


@given(differences, st.sampled_from([1 / 9, 1 / 4, 1.0]))
def test_the_correction_widens_by_its_formula(values: list[float], ratio: float) -> None:
    if np.std(values) < 1e-9:
        values = [*values, values[0] + 0.01]
    plain, ours = corrected_t_test(values, 1e-12), corrected_t_test(values, ratio)
    factor = math.sqrt(1 + len(values) * ratio)
    assert ours.high - ours.low == pytest.approx((plain.high - plain.low) * factor, rel=1e-6)
    assert ours.p >= plain.p


def test_it_calls_chance_less_often_than_the_plain_test() -> None:
    """Two candidates of equal merit on overlapping training parts: 10 draws of 90 %."""
    plain, corrected = 0, 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        x = random.normal(size=(100, 2))
        y = x.sum(axis=1) + random.normal(size=100)
        scores = []
        for _ in range(10):
            order = random.permutation(100)
            train, test = order[:90], order[90:]
            errors = []
            for column in (0, 1):
                slope = x[train, column] @ y[train] / (x[train, column] @ x[train, column])
                errors.append(np.mean((y[test] - slope * x[test, column]) ** 2))
            scores.append(errors[0] - errors[1])
        plain += stats.ttest_1samp(scores, 0).pvalue < 0.05
        corrected += corrected_t_test(scores, 10 / 90).p < 0.05
    assert plain > 2 * 0.05 * 300
    assert corrected < 0.6 * plain


def test_equal_and_constantly_different_scores() -> None:
    assert corrected_t_test([0.0, 0.0, 0.0], 0.25).p == 1
    apart = corrected_t_test([0.5, 0.5, 0.5], 0.25)
    assert (apart.p, apart.low, apart.high) == (0, 0.5, 0.5)
    assert apart.statistic == math.inf


def test_bad_input_is_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="expected at least 2, a fold each, got 1"):
        corrected_t_test([0.1], 0.25)
    with pytest.raises(InvalidValuesError, match="differences: expected finite numbers"):
        corrected_t_test([0.1, math.nan], 0.25)
    with pytest.raises(ConfigError, match="test_to_train: expected above 0, got 0"):
        corrected_t_test([0.1, 0.2], 0)


def _drawn(noise: float, seed: int = 0, n_bootstrap: int = 100) -> tuple[Drawn, Judged]:
    random = np.random.default_rng(7)
    target = random.normal(0, 10, 600)
    mean = target + np.random.default_rng(seed).normal(0, noise, 600)
    judged = Judged(target, mean, mean, np.ones(600), np.arange(600) // 3)
    metrics = metrics_of(judged, "regression")
    return draw_metrics(metrics, judged, n_bootstrap=n_bootstrap, seed=0), judged


def test_pairing_narrows_the_interval() -> None:
    """Two candidates that err alike differ more surely than their own intervals tell."""
    near, judged = _drawn(5)
    shifted = Judged(judged.target, judged.mean + 1, judged.mean, judged.weight, judged.cluster)
    far = draw_metrics(metrics_of(shifted, "regression"), shifted, n_bootstrap=100, seed=0)
    paired = paired_difference(far, near, "rmse")
    alone = near.estimates()["rmse"]
    assert paired.value == pytest.approx(far.values["rmse"] - near.values["rmse"])
    assert paired.low <= paired.value <= paired.high
    assert paired.high - paired.low < 0.8 * (alone.high - alone.low)


def test_a_candidate_does_not_differ_from_itself() -> None:
    own, _ = _drawn(5)
    none = difference(own, own, "r2", np.zeros(5))
    assert (none.value, none.low, none.high, none.p, none.beyond_chance) == (0, 0, 0, 1, False)


def test_beyond_chance_needs_both_answers() -> None:
    good, _ = _drawn(3)
    bad, _ = _drawn(9, seed=1)
    steady, shaky = np.array([-0.3, -0.31, -0.29, -0.3, -0.3]), np.array([-0.9, 0.3, -0.6, 0.2, 0])
    assert difference(bad, good, "r2", steady).beyond_chance
    assert not difference(bad, good, "r2", shaky).beyond_chance
    assert difference(bad, good, "r2", None).p is None
    assert difference(bad, good, "r2", None).beyond_chance
    assert difference(bad, good, "r2", np.array([-0.3, np.nan, np.nan])).p is None


def test_unlike_draws_are_refused() -> None:
    with pytest.raises(ConfigError, match="expected as many resamples of both"):
        paired_difference(_drawn(3)[0], _drawn(3, n_bootstrap=50)[0], "r2")


def test_values_within_folds() -> None:
    _, judged = _drawn(5)
    fold_of = np.arange(600) % 4
    within = fold_values(metrics_of(judged, "regression"), judged, fold_of, "mae")
    error = np.abs(judged.mean - judged.target)
    assert within == pytest.approx([error[fold_of == fold].mean() for fold in range(4)])
