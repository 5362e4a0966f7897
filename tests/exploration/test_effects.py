"""Effects equal what scipy says where tracks are independent, and their errors what draws say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import f_oneway, mannwhitneyu, pearsonr, spearmanr, ttest_ind

from trackoracle.exploration.effects import (
    Comparison,
    compare_along,
    compare_many,
    compare_two,
    corrected,
    estimate,
    standard_error,
)
from trackoracle.schema import Estimate

N = 900


def _clustered(seed: int) -> tuple[NDArray[np.float64], ...]:
    """Make a target with many zeros and a column, both alike within 150 artists."""
    random = np.random.default_rng(seed)
    artists = random.integers(0, 150, N)
    shared = random.normal(size=150)
    along = np.round(random.normal(size=N) + shared[artists], 1)
    values = np.round(np.clip(20 + 5 * along + 15 * random.normal(size=150)[artists], 0, 100))
    return values, along, artists


def test_two_groups_equal_scipy() -> None:
    values, along, artists = _clustered(0)
    first = along > 0
    test = compare_two("c", ("a", "b"), values, first, artists)
    assert test is not None
    assert test.rank_biserial is not None
    assert test.difference is not None
    welch = ttest_ind(values[first], values[~first], equal_var=False)
    assert test.statistic == pytest.approx(welch.statistic)
    assert test.p_rows == pytest.approx(welch.pvalue)
    u = mannwhitneyu(values[first], values[~first]).statistic
    pairs = first.sum() * (~first).sum()
    assert test.rank_biserial.value == pytest.approx(2 * u / pairs - 1)
    n1, n2 = first.sum(), (~first).sum()
    pooled = ((n1 - 1) * values[first].var(ddof=1) + (n2 - 1) * values[~first].var(ddof=1)) / (
        N - 2
    )
    assert test.effect.value == pytest.approx(test.difference.value / math.sqrt(pooled))


def test_without_artists_the_error_is_that_of_welch() -> None:
    values, along, _ = _clustered(1)
    first = along > 0
    alone = np.arange(N)
    test = compare_two("c", ("a", "b"), values, first, alone)
    assert test is not None
    assert test.p == pytest.approx(test.p_rows, rel=0.05)


def _spread(statistic: Callable[[NDArray[np.int64]], float], artists: NDArray[np.int64]) -> float:
    """Return the bootstrap's standard error, whole artists drawn."""
    random = np.random.default_rng(0)
    rows = [np.flatnonzero(artists == a) for a in np.unique(artists)]
    drawn = []
    for _ in range(400):
        chosen = random.integers(0, len(rows), len(rows))
        drawn.append(statistic(np.concatenate([rows[i] for i in chosen])))
    return float(np.std(drawn))


def _half(found: Estimate) -> float:
    return (found.high - found.low) / 2 / 1.976  # Student's t of 149 degrees


def _d(values: NDArray[np.float64], first: NDArray[np.bool_]) -> float:
    a, b = values[first], values[~first]
    pooled = (((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()) / (len(values) - 2)
    return float((a.mean() - b.mean()) / math.sqrt(pooled))


def test_errors_are_those_of_resampled_artists() -> None:
    values, along, artists = _clustered(2)
    first = along > 0
    two = compare_two("c", ("a", "b"), values, first, artists)
    ranked = compare_along("c", values, along, artists)
    assert two is not None
    assert ranked is not None
    spread = _spread(lambda rows: float(spearmanr(values[rows], along[rows]).statistic), artists)
    assert _half(ranked.effect) == pytest.approx(spread, rel=0.12)
    spread = _spread(lambda rows: _d(values[rows], first[rows]), artists)
    assert _half(two.effect) == pytest.approx(spread, rel=0.12)


def test_share_of_variance_and_its_error() -> None:
    values, along, artists = _clustered(3)
    groups = np.digitize(along, [-1, 0, 1])
    test = compare_many("c", list("wxyz"), values, groups, artists)
    assert test is not None

    def share(rows: NDArray[np.int64]) -> float:
        v, g = values[rows], groups[rows]
        means = np.bincount(g, v, minlength=4) / np.maximum(np.bincount(g, minlength=4), 1)
        return float(means[g].var() / v.var())

    assert test.effect.value == pytest.approx(share(np.arange(N)))
    assert _half(test.effect) == pytest.approx(_spread(share, artists), rel=0.2)


def test_equal_means_are_called_different_as_often_as_stated() -> None:
    alone = np.arange(300)
    found = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        values, groups = random.exponential(size=300), random.integers(0, 4, 300)
        test = compare_many("c", list("wxyz"), values, groups, alone)
        assert test is not None
        found.append(test.p)
    assert 0.01 <= np.mean(np.array(found) < 0.05) <= 0.11


def test_wald_agrees_with_the_analysis_of_variance() -> None:
    random = np.random.default_rng(7)
    groups = np.repeat(np.arange(3), 200)
    values = random.normal(size=600) + 0.2 * groups
    test = compare_many("c", list("xyz"), values, groups, np.arange(600))
    assert test is not None
    classic = f_oneway(*(values[groups == g] for g in range(3))).pvalue
    assert math.log10(test.p) == pytest.approx(math.log10(classic), abs=0.5)


def test_spearman_equals_scipy_with_ties() -> None:
    values, along, artists = _clustered(4)
    test = compare_along("c", values, along, artists)
    assert test is not None
    assert test.effect.value == pytest.approx(spearmanr(values, along).statistic)
    assert abs(test.effect.value - pearsonr(values, along).statistic) > 1e-6


def test_artists_that_are_alike_widen_the_interval() -> None:
    values, _, artists = _clustered(5)
    first = np.isin(artists, np.arange(75))  # whole artists in each group
    together = compare_two("c", ("a", "b"), values, first, artists)
    alone = compare_two("c", ("a", "b"), values, first, np.arange(N))
    assert together is not None
    assert alone is not None
    assert _half(together.effect) > 1.5 * _half(alone.effect)


def test_nothing_is_told_of_too_few_or_of_what_does_not_vary() -> None:
    values, along, artists = _clustered(6)
    assert compare_two("c", ("a", "b"), values, artists < 3, artists) is None
    assert compare_two("c", ("a", "b"), np.ones(N), along > 0, artists) is None
    assert compare_along("c", values, np.ones(N), artists) is None
    assert compare_along("c", values[:2], along[:2], artists[:2]) is None
    assert compare_many("c", ["x", "y"], values, (artists < 3).astype(int), artists) is None


def test_one_artist_has_no_interval() -> None:
    error, n = standard_error(np.ones(4), np.zeros(4, np.int64))
    assert math.isnan(error)
    assert n == 1
    assert math.isnan(estimate(1.0, error, n).low)


def test_holm_by_hand() -> None:
    def of(p: float) -> Comparison:
        return Comparison("c", "two", (), Estimate(0.0, 0.0, 0.0), p=p)

    found = [test.p_holm for test in corrected([of(p) for p in (0.01, 0.04, 0.03, math.nan, 0.5)])]
    assert found[:3] == pytest.approx([0.04, 0.09, 0.09])
    assert math.isnan(found[3])
    assert found[4] == 0.5
