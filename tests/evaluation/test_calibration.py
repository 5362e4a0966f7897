"""Calibration curves, coverage and width of intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve as reference

from trackoracle.errors import InvalidValuesError
from trackoracle.evaluation import (
    Judged,
    calibration_curve,
    evaluate_predictions,
    mean_metrics,
    score_groups,
)


def _judged(target: np.ndarray, mean: np.ndarray, weight: np.ndarray | None = None) -> Judged:
    n = len(target)
    return Judged(target, mean, mean, np.ones(n) if weight is None else weight, np.arange(n))


@given(st.integers(0, 10_000), st.sampled_from([2, 5, 10]))
def test_bins_equal_scikit_learn(seed: int, n_bins: int) -> None:
    random = np.random.default_rng(seed)
    probability = random.permutation(np.linspace(0.001, 0.999, 40 * n_bins))
    target = (random.random(len(probability)) < probability).astype(float)
    curve = calibration_curve(_judged(target, probability), "binary", n_bins=n_bins, n_bootstrap=0)
    share, predicted = reference(target, probability, n_bins=n_bins, strategy="quantile")
    assert [b.actual.value for b in curve.bins] == pytest.approx(share)
    assert [b.predicted for b in curve.bins] == pytest.approx(predicted)
    assert {b.n_tracks for b in curve.bins} == {40}


@given(st.integers(0, 10_000))
def test_bins_hold_every_track_once_and_ties_together(seed: int) -> None:
    random = np.random.default_rng(seed)
    mean = random.integers(0, 12, 300).astype(float)
    target, weight = random.normal(mean, 3), random.choice([0.0, 0.5, 1.0], 300)
    bins = calibration_curve(_judged(target, mean, weight), "regression", n_bootstrap=0).bins
    assert sum(b.n_tracks for b in bins) == 300
    order = np.argsort(mean, kind="stable")
    ends = np.cumsum([b.n_tracks for b in bins])
    assert (mean[order][ends[:-1]] > mean[order][ends[:-1] - 1]).all()
    for one, rows in zip(bins, np.split(order, ends[:-1]), strict=True):
        assert one.predicted == pytest.approx(np.average(mean[rows], weights=weight[rows]))
        assert one.actual.value == pytest.approx(np.average(target[rows], weights=weight[rows]))


def test_intervals_of_bins_hold_the_truth() -> None:
    held = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        probability = random.random(1000)
        target = (random.random(1000) < probability).astype(float)
        curve = calibration_curve(
            _judged(target, probability), "binary", n_bins=5, n_bootstrap=100, seed=seed
        )
        held += sum(b.actual.low <= b.predicted <= b.actual.high for b in curve.bins)
    assert 178 <= held <= 198


def test_a_bin_without_hits_is_not_certain() -> None:
    probability = np.repeat([0.01, 0.9], 100)
    target = np.repeat([0.0, 1.0], 100)
    judged = Judged(target, probability, probability, np.ones(200), np.arange(200) // 2)
    low, high = calibration_curve(judged, "binary", n_bins=2, n_bootstrap=50).bins
    assert (low.actual.value, low.actual.low, low.actual.high) == (0, 0, pytest.approx(3 / 50))
    assert (high.actual.high, high.actual.low) == (1, pytest.approx(1 - 3 / 50))


def test_a_constant_prediction_is_one_bin() -> None:
    curve = calibration_curve(_judged(np.arange(4.0), np.full(4, 2.0)), "regression", n_bootstrap=9)
    assert [(b.n_tracks, b.predicted, b.actual.value) for b in curve.bins] == [(4, 2.0, 1.5)]
    alone = calibration_curve(_judged(np.ones(1), np.zeros(1)), "regression", n_bootstrap=9)
    assert alone.bins[0].actual.value == 1


def test_coverage_and_width_are_counted() -> None:
    target = np.array([0.0, 5.0, 10.0, 20.0])
    low, high = np.array([0.0, 6.0, 9.0, 0.0]), np.array([2.0, 8.0, 10.0, 20.0])
    weight = np.array([1.0, 1.0, 0.5, 0.5])
    found = mean_metrics(target, target, target, {80: (low, high)})(weight)
    assert found["coverage_80"] == pytest.approx(2 / 3)
    assert found["width_80"] == pytest.approx((2 + 2 + 0.5 + 10) / 3)


def test_coverage_has_an_interval_and_is_shown_by_group() -> None:
    random = np.random.default_rng(0)
    target, zeros = random.normal(0, 1, 400), np.zeros(400)
    ends = {90: (np.full(400, -1.645), np.full(400, 1.645))}
    judged = Judged(target, zeros, zeros, np.ones(400), np.arange(400), ends)
    scores = evaluate_predictions(judged, "regression", n_bootstrap=100)
    assert scores["coverage_90"].low < 0.9 < scores["coverage_90"].high
    assert scores["width_90"].value == pytest.approx(3.29)
    groups = {"far": np.flatnonzero(np.abs(target) > 1.645), "near": np.flatnonzero(target**2 < 1)}
    far, near = score_groups(judged, "regression", groups, n_bootstrap=10)
    assert (far.scores["coverage_90"].value, near.scores["coverage_90"].value) == (0, 1)


def test_constant_targets_have_no_r2() -> None:
    same, answer = np.full(5, 0.1), np.arange(5.0)
    found = mean_metrics(same, answer, answer)(np.ones(5))
    assert np.isnan(found["r2"])
    assert found["spearman"] == 0


def test_what_is_no_number_is_refused() -> None:
    nan = np.array([0.0, np.nan])
    with pytest.raises(InvalidValuesError, match="mean: expected finite numbers"):
        evaluate_predictions(_judged(np.zeros(2), nan), "regression")
    with pytest.raises(InvalidValuesError, match="mean: expected finite numbers"):
        calibration_curve(_judged(np.zeros(2), nan), "regression")
    with pytest.raises(InvalidValuesError, match="low: expected finite numbers"):
        mean_metrics(np.zeros(2), np.zeros(2), np.zeros(2), {50: (nan, nan)})
