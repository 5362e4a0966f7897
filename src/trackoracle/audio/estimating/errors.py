"""How wrong an estimate may be: the distribution of the truth, given the estimate.

What cross-validation saw at estimates like this one is kept as quantiles at a few estimates,
so that any level can be asked, intervals stay within 0..1, and their width follows the
estimate. What features' errors have in common is a matrix of correlations of normal scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.regressors import Arrays, Values

N_KNOTS = 15
LEVELS = np.linspace(0.0, 1.0, 61)
"""Quantile levels that are kept, by which the distribution is drawn."""
BANDWIDTH = 0.05
"""Share of the rows, by the order of their estimates, that counts as near."""
LEAST_NEAR = 12
_SHRUNK = 0.05


@dataclass(frozen=True)
class Errors:
    """Conditional distribution of each feature, and what the features share.

    Parameters
    ----------
    knots
        Estimates at which quantiles are kept, (n_features, n_knots), ascending.
    quantiles
        Of the truth, (n_features, n_knots, n_levels).
    correlation
        Of the normal scores of truths within their distributions, (n_features, n_features).
    """

    knots: Values
    quantiles: Values
    correlation: Values

    def at(self, estimates: Values) -> Values:
        """Return the quantiles of the truth at estimates (n, n_features): (..., n_levels)."""
        parts = [
            _between(self.knots[j], self.quantiles[j], estimates[:, j])
            for j in range(estimates.shape[1])
        ]
        return np.stack(parts, axis=1)

    def arrays(self) -> Arrays:
        """Return the parts to be written."""
        return {
            "knots": self.knots,
            "quantiles": self.quantiles.astype(np.float32),
            "correlation": self.correlation,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Errors:
        """Rebuild from the written parts."""
        parts = (
            np.asarray(arrays[name], np.float64) for name in ("knots", "quantiles", "correlation")
        )
        return cls(*parts)


def fit_errors(
    estimates: Values, truths: Values, weight: Values, fold: NDArray[np.int64]
) -> tuple[Errors, Values]:
    """Learn the errors of estimates that were made without the rows they are of.

    Parameters
    ----------
    estimates, truths
        (n, n_features); NaN where a truth is not known.
    weight
        Of each row, (n,).
    fold
        Of each row, (n,). Each fold is placed by what the others tell, and by those places
        levels are put right: an interval then holds its level on rows it was not made of.

    Returns
    -------
    The errors, and the place of each truth in its distribution, in 0..1, (n, n_features);
    NaN where not known.
    """
    n_features = truths.shape[1]
    places = np.full(truths.shape, np.nan)
    knots, quantiles = [], []
    for j in range(n_features):
        known = ~np.isnan(truths[:, j])
        own = (estimates[known, j], truths[known, j], weight[known])
        places[known, j] = _places(*own, fold[known])
        at, table = _table(*own)
        knots.append(at)
        quantiles.append(_put_right(table, places[known, j], weight[known]))
    return Errors(np.stack(knots), np.stack(quantiles), _correlation(places)), places


def _table(estimate: Values, truth: Values, weight: Values) -> tuple[Values, Values]:
    """Return knots and the quantiles of the truths near each."""
    if not len(estimate):
        return np.linspace(0, 1, N_KNOTS), np.tile(LEVELS, (N_KNOTS, 1))
    order = np.argsort(estimate, kind="stable")
    estimate, truth, weight = estimate[order], truth[order], weight[order]
    rank = (np.arange(len(estimate)) + 0.5) / len(estimate)
    width = max(BANDWIDTH, LEAST_NEAR / len(estimate))
    middle = np.linspace(0.5 * width, 1 - 0.5 * width, N_KNOTS)
    knots = np.maximum.accumulate(np.interp(middle, rank, estimate))
    rows = np.argsort(truth, kind="stable")
    tables = []
    for centre in middle:
        near = weight * np.exp(-0.5 * ((rank - centre) / width) ** 2)
        tables.append(_weighted_quantiles(truth[rows], near[rows]))
    return knots, np.stack(tables)


def _weighted_quantiles(ordered: Values, weight: Values) -> Values:
    """Return quantiles at `LEVELS`; the ends are the ends of the scale, no one's own value."""
    cumulative = (np.cumsum(weight) - 0.5 * weight) / weight.sum()
    found = np.interp(LEVELS, cumulative, ordered)
    found[0], found[-1] = 0.0, 1.0
    return found


def _places(estimate: Values, truth: Values, weight: Values, fold: NDArray[np.int64]) -> Values:
    """Place each truth in the distribution that the other folds give for its estimate."""
    places = np.empty(len(truth))
    for one in np.unique(fold):
        test = fold == one
        knots, table = _table(estimate[~test], truth[~test], weight[~test])
        places[test] = place_of(_between(knots, table, estimate[test]), truth[test])
    return places


def place_of(quantiles: Values, truth: Values) -> Values:
    """Return the level of each truth in its own quantiles, (n, n_levels) and (n,) -> (n,)."""
    above = np.clip((quantiles <= truth[:, None]).sum(axis=1), 1, len(LEVELS) - 1)
    rows = np.arange(len(truth))
    low, high = quantiles[rows, above - 1], quantiles[rows, above]
    part = np.clip((truth - low) / np.maximum(high - low, 1e-12), 0, 1)
    placed: Values = LEVELS[above - 1] + part * (LEVELS[above] - LEVELS[above - 1])
    return placed


def _put_right(table: Values, places: Values, weight: Values) -> Values:
    """Move levels to where the truths' places show them to be: conformal, with its 1/(n + 1)."""
    if not len(places):
        return table
    rows = np.argsort(places, kind="stable")
    n = len(places)
    counted = np.cumsum(weight[rows]) / weight.sum() * n
    # A level beyond the outermost place has been seen by no row: it is the end of the scale.
    shown = np.interp(
        LEVELS,
        np.concatenate(
            [[0.0], (counted - 0.5 * weight[rows] * n / weight.sum() + 0.5) / (n + 1), [1.0]]
        ),
        np.concatenate([[0.0], places[rows], [1.0]]),
    )
    return np.stack([np.interp(shown, LEVELS, row) for row in table])


def _between(knots: Values, table: Values, estimate: Values) -> Values:
    """Interpolate the quantiles between knots; beyond the outer ones they stay the same."""
    step = np.maximum(np.diff(knots), 1e-12)
    left = np.clip(np.searchsorted(knots, estimate, side="right") - 1, 0, len(knots) - 2)
    part = np.clip((estimate - knots[left]) / step[left], 0, 1)[:, None]
    found: Values = (1 - part) * table[left] + part * table[left + 1]
    return found


def _correlation(places: Values) -> Values:
    """Correlate normal scores over the rows where two features are known; positive definite."""
    from scipy.special import ndtri

    scores = ndtri(np.clip(places, 0.002, 0.998))
    n_features = places.shape[1]
    found = np.eye(n_features)
    for i in range(n_features):
        for j in range(i):
            both = ~np.isnan(scores[:, i]) & ~np.isnan(scores[:, j])
            if both.sum() > 2 * LEAST_NEAR:
                found[i, j] = found[j, i] = np.corrcoef(scores[both, i], scores[both, j])[0, 1]
    # Pairs known on different rows need not fit together; a floor on the eigenvalues makes them.
    size, basis = np.linalg.eigh((1 - _SHRUNK) * found + _SHRUNK * np.eye(n_features))
    mended = basis @ np.diag(np.maximum(size, _SHRUNK)) @ basis.T
    spread = np.sqrt(np.diag(mended))
    positive: Values = mended / np.outer(spread, spread)
    return positive
