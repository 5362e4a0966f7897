"""Whatever the probabilities, what is read from one distribution does not contradict itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.distributions import Distribution, fit_calibration

SUPPORT = np.arange(101.0)
LEVELS = st.floats(0.01, 0.99)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    """Few or many values, some without probability, one that may hold nearly all."""
    n = draw(st.integers(2, 30))
    values = draw(st.lists(st.integers(0, 100), min_size=n, max_size=n, unique=True))
    mass = np.zeros((draw(st.integers(1, 4)), n))
    for row in mass:
        row[:] = draw(st.lists(st.sampled_from((0, 1, 2, 5, 100)), min_size=n, max_size=n))
        row[draw(st.integers(0, n - 1))] += 1
    cumulative = np.cumsum(mass / mass.sum(axis=1, keepdims=True), axis=1)
    cumulative[:, -1] = 1.0
    return Distribution(
        np.sort(np.array(values, float)), np.minimum(cumulative, 1), np.ones(len(mass), bool)
    )


def _held(d: Distribution, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Probability of the values from low to high, summed by hand: (n,)."""
    mass = np.diff(d.cumulative, axis=1, prepend=0)
    inside = (d.support >= low[:, None]) & (d.support <= high[:, None])
    return (mass * inside).sum(axis=1)


@given(d=distributions(), one=LEVELS, other=LEVELS)
def test_quantiles_rise_with_the_level_and_reach_it(d, one, other) -> None:
    low, high = sorted((one, other))
    assert (d.quantile(low) <= d.quantile(high)).all()
    least = np.full(len(d.cumulative), d.support[0])
    held = _held(d, least, d.quantile(high))
    assert (held >= high - 1e-9).all()
    place = np.searchsorted(d.support, d.quantile(high))
    fewer = np.where(place > 0, d.cumulative[np.arange(len(place)), place - 1], 0)
    assert (fewer < high + 1e-9).all()
    np.testing.assert_array_equal(d.quantile(np.full(len(held), high)), d.quantile(high))


@given(d=distributions())
def test_mean_is_that_of_the_values(d) -> None:
    mass = np.diff(d.cumulative, axis=1, prepend=0)
    np.testing.assert_allclose(d.mean, mass @ d.support, atol=1e-9)
    assert (d.mean >= d.support[0] - 1e-9).all()
    assert (d.mean <= d.support[-1] + 1e-9).all()
    assert np.isin(d.median, d.support).all()


@given(d=distributions(), edges=st.lists(st.floats(0, 99.5), min_size=1, max_size=6, unique=True))
def test_tiers_sum_to_one_and_agree_with_above(d, edges) -> None:
    edges = sorted(edges)
    tiers = d.tiers(edges)
    assert tiers.shape == (len(d.cumulative), len(edges) + 1)
    assert (tiers >= 0).all()
    np.testing.assert_allclose(tiers.sum(axis=1), 1)
    for i, edge in enumerate(edges):
        np.testing.assert_allclose(tiers[:, i + 1 :].sum(axis=1), d.above(edge), atol=1e-12)
        beyond = _held(d, np.full(len(tiers), np.nextafter(edge, 200)), np.full(len(tiers), 200.0))
        np.testing.assert_allclose(d.above(edge), beyond, atol=1e-9)


@given(d=distributions(), level=LEVELS)
def test_an_interval_holds_its_level_and_is_no_wider_than_the_central_one(d, level) -> None:
    low, high = d.interval(level)
    assert (low <= d.median).all()
    assert (d.median <= high).all()
    assert np.isin(low, d.support).all()
    assert np.isin(high, d.support).all()
    # As nearly as the support allows: half of what its likeliest value has may be missing.
    mass = np.diff(d.cumulative, axis=1, prepend=0)
    assert (_held(d, low, high) >= level - mass.max(axis=1) / 2 - 1e-9).all()
    central = d.quantile((1 + level) / 2) - d.quantile((1 - level) / 2)
    assert (high - low <= central).all()


@given(at_zero=st.floats(0.05, 0.9), level=st.floats(0.5, 0.95), end=st.integers(20, 100))
def test_a_likely_zero_does_not_make_an_interval_hold_more(at_zero, level, end) -> None:
    mass = np.append(at_zero, np.full(end, (1 - at_zero) / end))
    d = Distribution(np.arange(end + 1.0), np.cumsum(mass)[None], np.array([False]))
    d.cumulative[:, -1] = 1
    low, high = d.interval(level)
    held = _held(d, low, high)[0]
    # One value more, besides the zero, is all that can be held beyond the level.
    assert held <= max(level + mass[1], at_zero) + 1e-9
    if level <= at_zero:
        assert (low[0], high[0]) == (0, 0)


@given(d=distributions(), level=LEVELS)
def test_answers_do_not_depend_on_the_rows_asked_with_them(d, level) -> None:
    for i in range(len(d.cumulative)):
        alone = Distribution(d.support, d.cumulative[i : i + 1], d.is_known[i : i + 1])
        assert alone.mean[0] == d.mean[i]
        assert alone.median[0] == d.median[i]
        assert alone.above(50)[0] == d.above(50)[i]
        assert alone.tiers((25, 50)).tolist() == d.tiers((25, 50))[i : i + 1].tolist()
        for one, all_ in zip(alone.interval(level), d.interval(level), strict=True):
            assert one[0] == all_[i]


def test_scaled_answers_do_not_depend_on_the_rows_asked_with_them() -> None:
    random = np.random.default_rng(0)
    raw, edges = random.dirichlet(np.ones(21), 500), np.arange(0, 100, 5.0)
    target = random.integers(0, 101, 500).astype(float)
    known = np.arange(500) % 2 == 0
    calibration = fit_calibration(raw, target, np.ones(500), known, SUPPORT, edges)
    whole = calibration.distribution(raw, known)
    for rows in (slice(3, 4), slice(4, 5), slice(100, 107), slice(499, None, -1)):
        part = calibration.distribution(raw[rows], known[rows])
        np.testing.assert_array_equal(part.cumulative, whole.cumulative[rows])
        np.testing.assert_array_equal(part.mean, whole.mean[rows])


@pytest.mark.parametrize(("share", "ends"), [(0.9, (0, 14)), (1 / 0.9, (86, 100))])
def test_a_lopsided_distribution_gets_its_shortest_interval(share, ends) -> None:
    mass = share**SUPPORT
    cumulative = np.cumsum(mass / mass.sum())[None]
    cumulative[:, -1] = 1
    low, high = Distribution(SUPPORT, cumulative, np.array([True])).interval(0.79)
    assert (low[0], high[0]) == ends
