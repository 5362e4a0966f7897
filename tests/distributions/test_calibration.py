"""The distribution covers what it says and cannot contradict itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.distributions import (
    Calibration,
    Distribution,
    calibration_from_arrays,
    fit_calibration,
    fit_curve,
)

SUPPORT = np.arange(101.0)


def _sample(n: int, seed: int, *, zeros: bool = True) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    raw = random.uniform(0, 70, n)
    known = random.random(n) < 0.5
    spread = np.where(known, 6, 15)
    target = np.clip(np.round(raw + random.normal(0, 1, n) * spread), 0, 100)
    if zeros:
        target[random.random(n) < 0.15] = 0
    return raw, target, np.ones(n), known


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return fit_calibration(*_sample(20_000, seed=0), SUPPORT)


def test_intervals_cover_new_rows_in_each_stratum() -> None:
    calibration = fit_calibration(*_sample(20_000, seed=0, zeros=False), SUPPORT)
    raw, target, _, known = _sample(20_000, seed=1, zeros=False)
    d = calibration.distribution(raw, known)
    inside = (target >= d.quantile(0.05)) & (target <= d.quantile(0.95))
    for rows in (known, ~known):
        assert 0.88 <= inside[rows].mean() <= 0.94
    width = d.quantile(0.95) - d.quantile(0.05)
    assert width[known].mean() < width[~known].mean()


def test_probabilities_are_calibrated(calibration: Calibration) -> None:
    raw, target, _, known = _sample(20_000, seed=2)
    p = calibration.distribution(raw, known).above(50)
    for low, high in ((0.1, 0.3), (0.3, 0.6), (0.6, 0.8)):
        rows = (p >= low) & (p < high)
        assert abs((target[rows] > 50).mean() - p[rows].mean()) < 0.04


@given(
    raw=st.floats(-1e3, 1e3),
    known=st.booleans(),
    threshold=st.integers(0, 99),
    level=st.floats(0.01, 0.99),
)
def test_nothing_contradicts(raw: float, known: bool, threshold: int, level: float) -> None:
    d = _CALIBRATION.distribution(np.array([raw]), np.array([known]))
    above = np.array([d.above(t)[0] for t in range(101)])
    assert (np.diff(above) <= 1e-12).all()
    assert above[100] == 0
    tiers = d.tiers((25, 50, 75))[0]
    assert tiers.sum() == pytest.approx(1)
    assert tiers[0] == pytest.approx(1 - above[25])
    assert tiers[3] == pytest.approx(above[75])
    assert d.mean[0] == pytest.approx(above[:100].sum())
    quantile = int(d.quantile(level)[0])
    assert 1 - above[quantile] >= level - 1e-9
    assert quantile == 0 or 1 - above[quantile - 1] < level + 1e-9
    assert d.quantile(0.05)[0] <= d.median[0] <= d.quantile(0.95)[0]


_CALIBRATION = fit_calibration(*_sample(3_000, seed=5), SUPPORT)


def test_larger_answers_are_stochastically_larger() -> None:
    raw = np.linspace(-5, 80, 500)
    d = _CALIBRATION.distribution(raw, np.ones(500, bool))
    assert (np.diff(d.mean) >= -1e-9).all()
    assert (np.diff(d.median) >= 0).all()


def test_constant_answers_give_the_marginal_distribution() -> None:
    target = np.array([0.0, 10.0, 10.0, 100.0])
    curve = fit_curve(np.zeros(4), target, np.ones(4), SUPPORT)
    d = Calibration(SUPPORT, curve, curve).distribution(np.array([3.0]), np.array([True]))
    assert d.mean[0] == pytest.approx(30)
    assert d.median[0] == 10
    assert d.above(10)[0] == pytest.approx(0.25)


def test_hits_use_the_same_object() -> None:
    raw, points, weight, known = _sample(5_000, seed=3)
    hit = (points > 50).astype(float)
    d = fit_calibration(raw, hit, weight, known, np.array([0.0, 1.0])).distribution(raw, known)
    assert abs(d.mean.mean() - hit.mean()) < 0.02
    np.testing.assert_allclose(d.above(0), d.mean)


def test_arrays_come_back_and_strange_ones_are_refused() -> None:
    arrays = _CALIBRATION.arrays()
    raw, known = np.linspace(0, 70, 50), np.zeros(50, bool)
    again = calibration_from_arrays(arrays).distribution(raw, known)
    assert np.array_equal(again.mean, _CALIBRATION.distribution(raw, known).mean)
    broken = {**arrays, "new_cumulative": 1 - arrays["new_cumulative"]}
    with pytest.raises(ValueError, match="expected rising distributions"):
        calibration_from_arrays(broken)


def test_an_interval_says_how_much_it_holds() -> None:
    mass = np.array([[0.97, 0.01, 0.02], [0.0, 0.5, 0.5]])
    distribution = Distribution(
        np.array([0.0, 5.0, 9.0]), np.cumsum(mass, axis=1), np.ones(2, bool)
    )
    ends = distribution.interval(0.9)
    assert distribution.held(*ends).tolist() == pytest.approx([0.97, 1.0])
    assert distribution.held(np.array([5.0, 5.0]), np.array([5.0, 9.0])).tolist() == pytest.approx(
        [0.01, 1.0]
    )
