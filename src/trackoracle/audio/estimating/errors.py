"""How wrong an estimate may be: the distribution of the truth, given the estimate.

What cross-validation saw at estimates like this one is kept as quantiles at a few estimates,
for each source, so that any level can be asked, intervals stay within 0..1, and their width
follows the estimate and, by mixing, how far the sources disagree. What features' errors have
in common is a matrix of correlations of normal scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.labelled import Codes
from trackoracle.audio.estimating.regressors import Arrays, Values

N_KNOTS = 15
LEVELS = np.linspace(0.0, 1.0, 41)
"""Quantile levels that are kept, by which the distribution is drawn."""
BANDWIDTH = 0.05
"""Share of the rows, by the order of their estimates, that counts as near."""
LEAST_NEAR = 12
_SHRUNK = 0.05


@dataclass(frozen=True)
class Errors:
    """Conditional distribution of each feature in each source, and what the features share.

    Parameters
    ----------
    knots
        Estimates at which quantiles are kept, (n_sources, n_features, n_knots), ascending.
    quantiles
        Of the truth, (n_sources, n_features, n_knots, n_levels).
    correlation
        Of the normal scores of truths within their distributions, (n_features, n_features).
    """

    knots: Values
    quantiles: Values
    correlation: Values

    def at(self, source: int, estimates: Values) -> Values:
        """Return the quantiles of the truth at estimates of one source, (7,): (7, n_levels)."""
        own = zip(self.knots[source], self.quantiles[source], estimates, strict=True)
        return np.concatenate([_between(*of[:2], np.array([of[2]])) for of in own])

    def mixed(self, sources: Sequence[int], estimates: Values, weight: Values) -> Values:
        """Return the quantiles of the truth where several sources answer.

        Their distributions are mixed: where they disagree, the mixture is wider than each.

        Parameters
        ----------
        sources
            Those that answered.
        estimates, weight
            Of each and each feature, (n, n_features).

        Returns
        -------
        (n_features, n_levels).
        """
        told = np.stack(
            [self.at(source, own) for source, own in zip(sources, estimates, strict=True)]
        )
        share = weight / weight.sum(axis=0)
        return np.stack([_mixture(told[:, j], share[:, j]) for j in range(told.shape[1])])

    def arrays(self) -> Arrays:
        """Return the parts to be written; half precision is finer than any label."""
        return {
            "knots": self.knots.astype(np.float32),
            "quantiles": self.quantiles.astype(np.float16),
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
    estimates: Values, truths: Values, source: Codes, fold: Codes
) -> tuple[Errors, Values]:
    """Learn the errors of estimates that were made without the rows they are of.

    Parameters
    ----------
    estimates, truths
        (n, n_features); NaN where a truth is not known.
    source, fold
        Of each row, (n,). Each fold is placed by what the others tell, and by those places
        levels are put right: an interval then holds its level on rows it was not made of.

    Returns
    -------
    The errors, and the place of each truth in its distribution, in 0..1, (n, n_features);
    NaN where not known.
    """
    n_features, places = truths.shape[1], np.full(truths.shape, np.nan)
    knots, quantiles = [], []
    for i in range(int(source.max()) + 1):
        for j in range(n_features):
            rows = np.flatnonzero((source == i) & ~np.isnan(truths[:, j]))
            own = (estimates[rows, j], truths[rows, j])
            places[rows, j] = _places(*own, fold[rows])
            at, table = _table(*own)
            knots.append(at)
            quantiles.append(_put_right(table, places[rows, j]))
    shape = (-1, n_features, N_KNOTS)
    tables = np.stack(quantiles).reshape(*shape, len(LEVELS))
    return Errors(np.stack(knots).reshape(shape), tables, _correlation(places)), places


def _mixture(quantiles: Values, share: Values) -> Values:
    """Mix distributions given by their quantiles, (n, n_levels), and give the mixture's."""
    # Ties, as of many exact zeros, are steps of the distribution; interpolation needs them apart.
    apart = quantiles + 1e-9 * np.arange(len(LEVELS))
    grid = np.sort(apart.ravel())
    below = sum(w * np.interp(grid, own, LEVELS) for w, own in zip(share, apart, strict=True))
    mixed: Values = np.clip(np.interp(LEVELS, below, grid), 0, 1)
    return mixed


def _table(estimate: Values, truth: Values) -> tuple[Values, Values]:
    """Return knots and the quantiles of the truths near each."""
    if not len(estimate):
        return np.linspace(0, 1, N_KNOTS), np.tile(LEVELS, (N_KNOTS, 1))
    order = np.argsort(estimate, kind="stable")
    estimate, truth = estimate[order], truth[order]
    rank = (np.arange(len(estimate)) + 0.5) / len(estimate)
    width = max(BANDWIDTH, LEAST_NEAR / len(estimate))
    middle = np.linspace(0.5 * width, 1 - 0.5 * width, N_KNOTS)
    knots = np.maximum.accumulate(np.interp(middle, rank, estimate))
    rows = np.argsort(truth, kind="stable")
    tables = []
    for centre in middle:
        near = np.exp(-0.5 * ((rank - centre) / width) ** 2)
        tables.append(_weighted_quantiles(truth[rows], near[rows]))
    return knots, np.stack(tables)


def _weighted_quantiles(ordered: Values, weight: Values) -> Values:
    """Return quantiles at `LEVELS`; the ends are the ends of the scale, no one's own value."""
    cumulative = (np.cumsum(weight) - 0.5 * weight) / weight.sum()
    found = np.interp(LEVELS, cumulative, ordered)
    found[0], found[-1] = 0.0, 1.0
    return found


def _places(estimate: Values, truth: Values, fold: Codes) -> Values:
    """Place each truth in the distribution that the other folds give for its estimate."""
    places = np.empty(len(truth))
    for one in np.unique(fold):
        test = fold == one
        knots, table = _table(estimate[~test], truth[~test])
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


def _put_right(table: Values, places: Values) -> Values:
    """Move levels to where the truths' places show them to be: conformal, with its 1/(n + 1)."""
    n = len(places)
    # A level beyond the outermost place has been seen by no row: it runs to the end of the scale.
    counted = np.concatenate([[0.0], np.arange(1, n + 1) / (n + 1), [1.0]])
    shown = np.interp(LEVELS, counted, np.concatenate([[0.0], np.sort(places), [1.0]]))
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
