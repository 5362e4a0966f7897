"""Scaled bins: true probabilities are found again from distorted ones, and spread over values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from trackoracle.distributions import (
    Calibration,
    calibration_from_arrays,
    fit_calibration,
    fit_scaling,
)

K = 4
TIERS, BETWEEN = np.arange(float(K)), np.arange(K - 1.0)
POINTS, EDGES = np.arange(101.0), np.arange(0, 100, 5.0)


def _world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    true = random.dirichlet(np.full(K, 0.8), n)
    return true, (random.random(n)[:, None] > np.cumsum(true, axis=1)).sum(axis=1).astype(float)


def _distorted(true: np.ndarray, slope: float, offset: np.ndarray) -> np.ndarray:
    return softmax((np.log(true) - offset) / slope, axis=1)


OFFSET = np.array([0.0, 0.5, -0.5, 1.0])


def _fitted(raw: np.ndarray, target: np.ndarray, known: np.ndarray, weight=None) -> Calibration:
    weight = np.ones(len(raw)) if weight is None else weight
    return fit_calibration(raw, target, weight, known, TIERS, BETWEEN)


def test_distortion_is_undone_in_each_stratum() -> None:
    true, target = _world(20_000, seed=0)
    known = np.arange(20_000) % 2 == 0
    raw = np.where(known[:, None], _distorted(true, 2, OFFSET), _distorted(true, 0.6, -OFFSET))
    found = _fitted(raw, target, known).distribution(raw, known)
    p_tier = found.tiers(BETWEEN)
    np.testing.assert_allclose(p_tier.sum(axis=1), 1)
    assert np.abs(p_tier - true).mean() < 0.01 < 0.1 < np.abs(raw - true).mean()
    np.testing.assert_allclose(found.mean, p_tier @ np.arange(K))
    np.testing.assert_allclose(found.tiers([1])[:, 0], p_tier[:, :2].sum(axis=1))
    for tier in range(K):
        np.testing.assert_allclose(found.above(tier), p_tier[:, tier + 1 :].sum(axis=1), atol=1e-12)
        np.testing.assert_array_equal(found.median > tier, found.above(tier) > 0.5)


def test_a_small_stratum_shares_the_scaling_of_all() -> None:
    true, target = _world(2_000, seed=1)
    known = np.arange(2_000) < 100
    fitted, alone = _fitted(true, target, known), _fitted(true, target, ~known)
    assert not np.array_equal(fitted.known.slope, fitted.new.slope)
    np.testing.assert_array_equal(fitted.known.slope, alone.new.slope)


def test_weights_count() -> None:
    raw, target = np.full((600, 2), 0.5), np.repeat([0.0, 1.0], 300)
    fitted = fit_scaling(
        raw, target, np.repeat([1.0, 0.25], 300), np.array([0.0, 1.0]), np.array([0.0])
    )
    np.testing.assert_allclose(fitted.probabilities(raw[:1])[0], [0.8, 0.2], atol=0.005)


def test_a_tier_without_tracks_stays_finite() -> None:
    true, target = _world(3_000, seed=2)
    raw = np.hstack([true, np.zeros((3_000, 1))])
    fitted = fit_scaling(raw, target, np.ones(3_000), np.arange(K + 1.0), np.arange(K * 1.0))
    told = fitted.probabilities(raw)
    assert np.isfinite(told).all()
    assert told[:, K].max() < 0.01


def _binned(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points whose bins have known probabilities; within a bin the upper values are likelier."""
    random = np.random.default_rng(seed)
    true = random.dirichlet(np.full(len(EDGES) + 1, 0.5), n)
    chosen = (random.random(n)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    within = np.searchsorted(np.cumsum([0.05, 0.1, 0.2, 0.3, 0.35]), random.random(n))
    return true, np.where(chosen == 0, 0, 5 * (chosen - 1) + 1 + within).astype(float)


def test_values_share_a_bin_as_in_training_and_sum_to_it() -> None:
    true, target = _binned(40_000, seed=4)
    fitted = fit_scaling(true, target, np.ones(40_000), POINTS, EDGES)
    cumulative = fitted.cumulative(true)
    told = np.diff(cumulative[:, np.append(EDGES, 100).astype(int)], axis=1, prepend=0)
    assert np.abs(told - true).mean() < 0.005
    assert (np.diff(cumulative, axis=1) >= 0).all()
    assert (cumulative[:, -1] == 1).all()
    mass = np.diff(cumulative[:, :100], axis=1)  # of the values 1 to 99
    in_bin = (target > 40) & (target <= 45)
    for value in (41, 43, 45):
        share = (target[in_bin] == value).mean()
        np.testing.assert_allclose(mass[:, value - 1], told[:, 9] * share, atol=0.01)


def _interval_of(fitted, raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.zeros(len(raw), bool)
    return Calibration(POINTS, fitted, fitted).distribution(raw, known).interval(0.9)


def test_too_much_given_to_bins_far_off_is_taken_back() -> None:
    true, target = _peaked(40_000, seed=6)
    raw = 0.85 * true + 0.15 / true.shape[1]
    fitted = fit_scaling(raw[::2], target[::2], np.ones(20_000), POINTS, EDGES)
    without = replace(fitted, reached=None)
    raw, target = raw[1::2], target[1::2]
    held, too_much = (
        float(((low <= target) & (target <= high)).mean())
        for low, high in (_interval_of(fitted, raw), _interval_of(without, raw))
    )
    assert abs(held - 0.9) < 0.015
    assert too_much > held + 0.01


def test_places_are_uniform_after_all_steps() -> None:
    """Bins whose share was taken to a power: what the scaling mends, it leaves uneven."""
    true, target = _peaked(40_000, seed=8)
    bent = np.where(np.arange(true.shape[1]) % 3 == 0, true**0.5, true**1.3)
    raw = bent / bent.sum(axis=1, keepdims=True)
    fitted = fit_scaling(raw[::2], target[::2], np.ones(20_000), POINTS, EDGES)
    table, place = fitted.cumulative(raw[1::2]), target[1::2].astype(int)
    rows = np.arange(len(place))
    below = np.where(place > 0, table[rows, place - 1], 0)
    spread = below + np.random.default_rng(9).random(len(place)) * (table[rows, place] - below)
    for level in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert (spread <= level).mean() == pytest.approx(level, abs=0.012)
    without = replace(fitted, again=None).cumulative(raw[1::2])
    assert np.abs(without - table).max() > 0.001


def _peaked(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points whose bins have most probability about one that differs from row to row."""
    random = np.random.default_rng(seed)
    middle = random.uniform(3, len(EDGES) - 3, n)[:, None]
    true = softmax(-0.5 * ((np.arange(len(EDGES) + 1) - middle) / 1.5) ** 2, axis=1)
    chosen = (random.random(n)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    return true, np.where(chosen == 0, 0, 5 * chosen - random.integers(0, 5, n)).astype(float)


def test_a_value_that_training_lacks_is_not_impossible() -> None:
    true, target = _binned(3_000, seed=5)
    target = np.where(target == 43, 44, target)
    told = fit_scaling(true, target, np.ones(3_000), POINTS, EDGES).cumulative(true)
    assert (told[:, 43] > told[:, 42]).all()


def _arrays() -> dict[str, np.ndarray]:
    true, target = _world(1_000, seed=3)
    return _fitted(true, target, np.arange(1_000) % 2 == 0).arrays()


def test_saved_arrays_answer_the_same() -> None:
    true, target = _world(1_000, seed=3)
    known = np.arange(1_000) % 2 == 0
    fitted = _fitted(true, target, known)
    again = calibration_from_arrays(fitted.arrays())
    np.testing.assert_array_equal(again.support, TIERS)
    np.testing.assert_array_equal(
        again.distribution(true, known).cumulative, fitted.distribution(true, known).cumulative
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("slope", lambda a: a[1:]),
        ("slope", lambda a: a * np.nan),
        ("slope", lambda a: np.stack([a, a])),
        ("offset", lambda a: a[:-1]),
        ("offset", lambda a: a + np.inf),
        ("bin_of", lambda a: a[::-1]),
        ("bin_of", lambda a: a[:-1]),
        ("bin_of", lambda a: a * 2),
        ("bin_of", lambda a: a * 0),
        ("bin_of", lambda a: a - 1),
        ("bin_of", lambda a: np.minimum(a, K - 2)),
        ("shape", lambda a: a / 2),
        ("shape", lambda a: a * np.nan),
        ("shape", lambda a: a[1:]),
        ("shape", lambda a: np.array([-1.0, 1, 1, 1])),
    ],
)
def test_arrays_that_give_no_distribution_are_refused(name, change) -> None:
    arrays = _arrays()
    with pytest.raises(ValueError, match="calibration: expected a scaling of bins, got another"):
        calibration_from_arrays({**arrays, f"new_{name}": change(arrays[f"new_{name}"])})


def test_shares_within_a_bin_may_not_cancel_out() -> None:
    true, target = _binned(1_000, seed=6)
    fitted = fit_calibration(true, target, np.ones(1_000), target > 50, POINTS, EDGES)
    arrays = fitted.arrays()
    calibration_from_arrays(arrays)
    shape = arrays["known_shape"].copy()
    shape[1:3] += (1, -1)  # both of the bin of 1 to 5, whose sum stays
    with pytest.raises(ValueError, match="expected a scaling of bins"):
        calibration_from_arrays(arrays | {"known_shape": shape})


@pytest.mark.parametrize("step", ["reached", "again"])
@pytest.mark.parametrize(
    "change", [lambda a: a[1:], lambda a: a[::-1], lambda a: a * np.nan, lambda a: a / 2]
)
def test_shares_below_levels_must_rise_from_0_to_1(step: str, change) -> None:
    true, target = _binned(1_000, seed=6)
    arrays = fit_calibration(true, target, np.ones(1_000), target > 50, POINTS, EDGES).arrays()
    with pytest.raises(ValueError, match="expected a scaling of bins"):
        calibration_from_arrays(arrays | {f"new_{step}": change(arrays[f"new_{step}"])})
