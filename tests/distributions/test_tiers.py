"""Calibrated tiers: true probabilities are found again from distorted ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from trackoracle.distributions import fit_tier_calibration, tier_calibration_from_arrays

K = 4


def _world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    true = random.dirichlet(np.full(K, 0.8), n)
    return true, (random.random(n)[:, None] > np.cumsum(true, axis=1)).sum(axis=1).astype(float)


def _distorted(true: np.ndarray, slope: float, offset: np.ndarray) -> np.ndarray:
    return softmax((np.log(true) - offset) / slope, axis=1)


OFFSET = np.array([0.0, 0.5, -0.5, 1.0])


def test_distortion_is_undone_in_each_stratum() -> None:
    true, target = _world(20_000, seed=0)
    known = np.arange(20_000) % 2 == 0
    raw = np.where(known[:, None], _distorted(true, 2, OFFSET), _distorted(true, 0.6, -OFFSET))
    fitted = fit_tier_calibration(raw, target, np.ones(20_000), known)
    found = fitted.distribution(raw, known)
    np.testing.assert_allclose(found.p_tier.sum(axis=1), 1)
    assert np.abs(found.p_tier - true).mean() < 0.01 < 0.1 < np.abs(raw - true).mean()
    np.testing.assert_allclose(found.mean, found.p_tier @ np.arange(K))
    np.testing.assert_array_equal(found.tiers(range(K - 1)), found.p_tier)
    np.testing.assert_allclose(found.tiers([1])[:, 0], found.p_tier[:, :2].sum(axis=1))
    for tier in range(K):
        np.testing.assert_allclose(found.above(tier), found.p_tier[:, tier + 1 :].sum(axis=1))
        np.testing.assert_array_equal(found.median > tier, found.above(tier) > 0.5)


def test_a_small_stratum_shares_the_scaling_of_all() -> None:
    true, target = _world(2_000, seed=1)
    known = np.arange(2_000) < 100
    fitted = fit_tier_calibration(true, target, np.ones(2_000), known)
    alone = fit_tier_calibration(true, target, np.ones(2_000), ~known)
    assert not np.array_equal(fitted.known.slope, fitted.new.slope)
    np.testing.assert_array_equal(fitted.known.slope, alone.new.slope)


def test_weights_count() -> None:
    raw, target = np.full((600, 2), 0.5), np.repeat([0.0, 1.0], 300)
    weight = np.repeat([1.0, 0.25], 300)
    found = fit_tier_calibration(raw, target, weight, np.zeros(600, bool))
    told = found.distribution(raw[:1], np.zeros(1, bool)).p_tier[0]
    np.testing.assert_allclose(told, [0.8, 0.2], atol=0.005)


def test_a_tier_without_tracks_stays_finite() -> None:
    true, target = _world(3_000, seed=2)
    raw = np.hstack([true, np.zeros((3_000, 1))])
    found = fit_tier_calibration(raw, target, np.ones(3_000), np.zeros(3_000, bool))
    told = found.distribution(raw, np.zeros(3_000, bool))
    assert np.isfinite(told.p_tier).all()
    assert told.p_tier[:, K].max() < 0.01


def test_saved_arrays_answer_the_same_and_others_are_refused() -> None:
    true, target = _world(1_000, seed=3)
    known = np.arange(1_000) % 2 == 0
    fitted = fit_tier_calibration(true, target, np.ones(1_000), known)
    arrays = fitted.arrays()
    again = tier_calibration_from_arrays(arrays, K)
    np.testing.assert_array_equal(
        again.distribution(true, known).p_tier, fitted.distribution(true, known).p_tier
    )
    np.testing.assert_array_equal(again.support, np.arange(K))
    for changed in (arrays["new_slope"][1:], arrays["new_slope"] * np.nan, np.ones((1, K))):
        with pytest.raises(ValueError, match="calibration: expected slopes and offsets of 4 tiers"):
            tier_calibration_from_arrays({**arrays, "new_slope": changed}, K)
