"""Scores of P(hit) against known truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.evaluation import (
    Judged,
    brier_parts,
    calibration_error,
    hit_quality,
)


def _world(seed: int, n: int = 40_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw true probabilities of a rare hit, hits, and weights."""
    random = np.random.default_rng(seed)
    probability = random.beta(0.3, 6, n)
    return probability, (random.random(n) < probability).astype(float), random.choice([0.5, 1.0], n)


def _judged(target: np.ndarray, probability: np.ndarray, weight: np.ndarray) -> Judged:
    return Judged(target, probability, probability, weight, np.arange(len(target)))


def test_true_probabilities_have_no_calibration_error_and_resolve() -> None:
    p, y, weight = _world(0)
    for equal_width in (False, True):
        assert calibration_error(y, p, weight, equal_width=equal_width) < 0.004
    parts = brier_parts(y, p, weight)
    assert parts.reliability < 1e-4
    assert parts.resolution == pytest.approx(np.average((p - 0.3 / 6.3) ** 2), rel=0.1)


def test_planted_miscalibration_is_measured() -> None:
    p, y, weight = _world(1)
    high = p + 0.05
    assert calibration_error(y, high, weight) == pytest.approx(0.05, abs=0.004)
    assert calibration_error(y, high, weight, equal_width=True) == pytest.approx(0.05, abs=0.004)
    assert brier_parts(y, high, weight).reliability == pytest.approx(0.05**2, rel=0.15)


@given(st.integers(0, 10_000), st.sampled_from([1, 3, 15]))
def test_the_parts_add_up(seed: int, n_bins: int) -> None:
    random = np.random.default_rng(seed)
    p, y = random.random(60).round(1), random.integers(0, 2, 60).astype(float)
    weight = random.choice([0.0, 0.5, 1.0], 60) + (np.arange(60) == 0)
    parts = brier_parts(y, p, weight, n_bins=n_bins)
    brier = np.average((p - y) ** 2, weights=weight)
    assert parts.brier == pytest.approx(brier)
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(brier)
    assert parts.reliability >= 0


def test_few_levels_give_murphys_own_parts() -> None:
    p = np.repeat([0.2, 0.6], [6, 4])
    y = np.array([1.0, 1, 0, 0, 0, 0, 1, 1, 1, 0])
    parts = brier_parts(y, p, np.ones(10))
    reliability = 0.6 * (0.2 - 1 / 3) ** 2 + 0.4 * (0.6 - 0.75) ** 2
    resolution = 0.6 * (1 / 3 - 0.5) ** 2 + 0.4 * (0.75 - 0.5) ** 2
    assert parts.reliability == pytest.approx(reliability)
    assert parts.resolution == pytest.approx(resolution)
    assert parts.uncertainty == pytest.approx(0.25)
    assert calibration_error(y, p, np.ones(10)) == pytest.approx(0.6 * (1 / 3 - 0.2) + 0.4 * 0.15)


def test_a_constant_resolves_nothing() -> None:
    _, y, weight = _world(2)
    rate = np.full(len(y), np.average(y, weights=weight))
    parts = brier_parts(y, rate, weight)
    assert parts.resolution == pytest.approx(0, abs=1e-12)
    assert parts.brier == pytest.approx(parts.uncertainty)


def test_quality_compares_with_isotonic_by_pairs() -> None:
    p, y, weight = _world(3)
    quality = hit_quality(_judged(y, p, weight), p, n_bootstrap=50)
    assert quality is not None
    assert (quality.over_isotonic.low, quality.over_isotonic.high) == (0, 0)
    worse = hit_quality(_judged(y, np.sqrt(p), weight), p, n_bootstrap=50)
    assert worse is not None
    assert worse.over_isotonic.low > 0
    assert worse.over_isotonic.value == pytest.approx(worse.brier.value - worse.isotonic)
    assert (worse.roc_auc, worse.pr_auc) == (quality.roc_auc, quality.pr_auc)
    assert (
        quality.brier.value
        < quality.uncertainty
        == pytest.approx(quality.base_rate * (1 - quality.base_rate))
    )


def test_one_class_has_no_quality() -> None:
    p, _, weight = _world(4, 50)
    assert hit_quality(_judged(np.zeros(50), p, weight), p) is None


def test_popularity_is_judged_as_a_hit_above_its_threshold() -> None:
    points, p = np.array([70.0, 71.0, 0.0]), np.array([0.4, 0.6, 0.1])
    judged = Judged(points, points, points, np.ones(3), np.arange(3), {}, p)
    hits = judged.take(np.array([0, 1])).hits(70)
    assert hits is not None
    assert (hits.target.tolist(), hits.mean.tolist()) == ([0, 1], [0.4, 0.6])
    assert Judged(points, points, points, np.ones(3), np.arange(3)).hits(70) is None
