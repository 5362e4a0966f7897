"""Effect sizes whose intervals take tracks of one artist together.

Tracks of an artist are alike, so an interval that takes each for an observation of its own is
too narrow. Each effect is written as a mean of influences, one a track; its standard error is
that of the sums over whole artists (the sandwich, with G / (G - 1); of the area under the curve
Obuchowski 1997 is the same).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trackoracle.schema import Estimate

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
LEVEL = 0.95
LEAST_CLUSTERS = 5
"""Fewer artists than these in a group leave nothing to judge its scatter by."""


@dataclass(frozen=True)
class Comparison:
    """One question about the target.

    Parameters
    ----------
    code
        Short stable name, as "explicit" or "energy".
    kind
        "two": two groups of tracks; "many": several; "along": a numeric column.
    groups
        Name, tracks and mean of the target of each group; of "along" none.
    effect
        Cohen's d, eta squared, or Spearman's coefficient.
    rank_biserial, difference
        Of two groups, first less second: the share of pairs that the first wins less the share
        that it loses, and the difference of means.
    statistic, p_rows
        Welch's t and p-value as if tracks were independent: what is usually published.
    p, p_holm
        With whole artists taken together, and corrected for all tests of the report (Holm).
    """

    code: str
    kind: Literal["two", "many", "along"]
    groups: tuple[tuple[str, int, float], ...]
    effect: Estimate
    rank_biserial: Estimate | None = None
    difference: Estimate | None = None
    statistic: float | None = None
    p_rows: float | None = None
    p: float = math.nan
    p_holm: float = math.nan


def standard_error(influence: Values, clusters: Codes) -> tuple[float, int]:
    """Return the standard error of a sum of influences, and the number of clusters."""
    sums = np.bincount(clusters, influence)
    n = int(np.count_nonzero(np.bincount(clusters)))
    if n < 2:
        return math.nan, n
    return math.sqrt(n / (n - 1) * float(sums @ sums)), n


def estimate(value: float, error: float, n_clusters: int, bound: float | None = None) -> Estimate:
    """Return a value with its interval by Student's t; ends beyond `bound` are cut off."""
    from scipy.stats import t

    half = float(t.ppf((1 + LEVEL) / 2, n_clusters - 1)) * error if n_clusters > 1 else math.nan
    low, high = value - half, value + half
    if bound is not None and not math.isnan(half):
        low, high = max(-bound, low), min(bound, high)
    return Estimate(value, low, high)


def compare_two(
    code: str, names: tuple[str, str], values: Values, first: NDArray[np.bool_], clusters: Codes
) -> Comparison | None:
    """Compare the target of two groups; None where one has too few artists.

    Parameters
    ----------
    values, first, clusters
        (n,) target, whether a track is in the first group, and code of its artist.
    """
    from scipy.stats import t, ttest_ind

    parts = values[first], values[~first]
    counted = [len(np.unique(clusters[mask])) for mask in (first, ~first)]
    if min(counted) < LEAST_CLUSTERS or np.ptp(values) == 0:
        return None
    means = [float(part.mean()) for part in parts]
    difference = means[0] - means[1]
    centred = values - np.where(first, *means)
    sign = np.where(first, 1 / len(parts[0]), -1 / len(parts[1]))
    error, n = standard_error(sign * centred, clusters)
    variance = float(centred @ centred) / (len(values) - 2)
    if variance == 0 or not error > 0:
        return None
    deviation = math.sqrt(variance)
    effect = difference / deviation
    spread = (centred**2 - variance) / len(values)
    moved = sign * centred / deviation - effect / (2 * variance) * spread
    welch = ttest_ind(*parts, equal_var=False)
    return Comparison(
        code,
        "two",
        tuple((name, len(part), m) for name, part, m in zip(names, parts, means, strict=True)),
        estimate(effect, *standard_error(moved, clusters)),
        _rank_biserial(values, first, clusters),
        estimate(difference, error, n),
        float(welch.statistic),
        float(welch.pvalue),
        float(2 * t.sf(abs(difference) / error, n - 1)),
    )


def _rank_biserial(values: Values, first: NDArray[np.bool_], clusters: Codes) -> Estimate:
    """Return the share of pairs that the first group wins less the share that it loses."""
    from scipy.stats import rankdata

    n1, n2 = int(first.sum()), int((~first).sum())
    overall = rankdata(values)
    placed = np.empty(len(values))
    # Ranks among all less ranks in the own group: how many of the others lie below.
    placed[first] = (overall[first] - rankdata(values[first])) / n2
    placed[~first] = 1 - (overall[~first] - rankdata(values[~first])) / n1
    area = float(placed[first].mean())
    influence = 2 * (placed - area) / np.where(first, n1, n2)
    return estimate(2 * area - 1, *standard_error(influence, clusters), bound=1.0)


def compare_many(
    code: str, names: list[str], values: Values, groups: Codes, clusters: Codes
) -> Comparison | None:
    """Tell what share of the target's variance lies between groups; groups of few artists drop out.

    The p-value is of Wald's test that all means are equal, whole artists taken together.

    Parameters
    ----------
    values, groups, clusters
        (n,) target, code of the group (a place in `names`), and code of the artist.
    """
    pairs = np.unique(groups * (clusters.max() + 1) + clusters)
    counted = np.bincount(pairs // (clusters.max() + 1), minlength=len(names))
    kept = np.flatnonzero(counted >= LEAST_CLUSTERS)
    places = np.full(len(names), -1)
    places[kept] = np.arange(len(kept))
    rows = places[groups] >= 0
    values, groups, clusters = values[rows], places[groups[rows]], clusters[rows]
    if len(kept) < 2 or np.ptp(values) == 0:
        return None
    counts = np.bincount(groups)
    means = np.bincount(groups, values) / counts
    own, mean = means[groups], float(values.mean())
    total = (values - mean) ** 2
    between = (own - mean) ** 2 + 2 * (own - mean) * (values - own)
    shared = float(((own - mean) ** 2).mean())
    share = shared / float(total.mean())
    influence = (between - share * total) / (total.mean() * len(values))
    found = estimate(share, *standard_error(influence, clusters), bound=1.0)
    p = _wald(values - own, means, counts, groups, clusters)
    told = zip((names[i] for i in kept), counts.tolist(), means.tolist(), strict=True)
    effect = Estimate(found.value, max(0.0, found.low), found.high)
    return Comparison(code, "many", tuple(told), effect, p=p)


def _wald(residuals: Values, means: Values, counts: Codes, groups: Codes, clusters: Codes) -> float:
    """Return the p-value of equal means; nan where there are hardly more artists than groups."""
    from scipy.sparse import csr_matrix
    from scipy.stats import f

    _, clusters = np.unique(clusters, return_inverse=True)
    n, k = int(clusters.max()) + 1, len(means)
    if n < 2 * k:
        return math.nan
    sums = csr_matrix((residuals / counts[groups], (clusters, groups)), shape=(n, k))
    covariance = (sums.T @ sums).toarray() * n / (n - 1)
    contrast = np.hstack([np.eye(k - 1), -np.ones((k - 1, 1))])
    apart = contrast @ means
    between = contrast @ covariance @ contrast.T
    solved, _, rank, _ = np.linalg.lstsq(between, apart, rcond=None)
    if rank < k - 1:
        return math.nan
    return float(f.sf(float(apart @ solved) / (k - 1), k - 1, n - 1))


def compare_along(code: str, values: Values, along: Values, clusters: Codes) -> Comparison | None:
    """Tell how the target rises with a column: Spearman's coefficient; None where one is constant.

    Parameters
    ----------
    values, along, clusters
        (n,) target, column, and code of the artist.
    """
    from scipy.stats import norm, rankdata

    n = len(values)
    if n < 3 or np.ptp(values) == 0 or np.ptp(along) == 0:
        return None
    u, v = ((rankdata(part) - (n + 1) / 2) / n for part in (values, along))
    scale = math.sqrt(float(u @ u) * float(v @ v)) / n
    shared = float(u @ v) / n
    rho = shared / scale
    # Another track moves the covariance of ranks by its own product, and by the ranks of others.
    moved = u * v - shared + _moved(values, v) + _moved(along, u)
    lengths = sum(
        (own * own + 2 * _moved(of, own)) / float(own @ own / n) - 1
        for own, of in ((u, values), (v, along))
    )
    error, n_clusters = standard_error((moved / scale - 0.5 * rho * lengths) / n, clusters)
    if n_clusters < LEAST_CLUSTERS or not error > 0:
        return None
    found = estimate(rho, error, n_clusters, bound=1.0)
    return Comparison(code, "along", (), found, p=float(2 * norm.sf(abs(rho) / error)))


def _moved(values: Values, others: Values) -> Values:
    """Return what one more track at each value does to the sum of `others` by others' ranks: (n,).

    That is the mean of `others` over tracks of larger values, ties by half, less its mean.
    """
    order = np.argsort(values, kind="stable")
    ordered, sums = values[order], np.concatenate([[0.0], np.cumsum(others[order])])
    left = np.searchsorted(ordered, values, "left")
    right = np.searchsorted(ordered, values, "right")
    above = sums[-1] - (sums[left] + sums[right]) / 2
    moved: Values = above / len(values)
    return moved - float(moved.mean())


def corrected(tests: list[Comparison]) -> tuple[Comparison, ...]:
    """Correct the p-values for one another by Holm's step-down, the order kept."""
    known = sorted((test.p, i) for i, test in enumerate(tests) if not math.isnan(test.p))
    held, highest = list(tests), 0.0
    for rank, (p, i) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        held[i] = replace(tests[i], p_holm=highest)
    return tuple(held)
