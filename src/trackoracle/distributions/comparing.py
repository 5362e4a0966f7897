"""Which of several tracks does better, from their joint distribution.

Tracks of one artist or album share what is not known of these: a Gaussian copula joins their
distributions. What such an order is worth was counted on pairs that no model had seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from trackoracle.distributions.distribution import Distribution, Values
from trackoracle.schema import NOTHING_SHARED, PairCurve, Shared, Sharing

SURE = 2 / 3
"""Probability from which an order is told: odds of two to one. Below, it is too close to call."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
"""Points and weights by which a standard normal factor is summed over (Gauss and Hermite)."""
_CHUNK = 512
Codes = NDArray[np.int64]


def p_better(
    first: Distribution, second: Distribution, correlation: Values | None = None
) -> Values:
    """Return the probability that the first's target is greater, a tie counting half: (n,).

    Parameters
    ----------
    first, second
        Of n tracks each, over the same support.
    correlation
        (n,) from 0 to below 1, of the normal scores of both places in their distributions;
        None for independence.

    Examples
    --------
    >>> support, known = np.array([0.0, 1.0]), np.array([True])
    >>> one, other = (Distribution(support, np.array([[p, 1.0]]), known) for p in (0.2, 0.5))
    >>> p_better(one, other).round(3).tolist()
    [0.65]
    >>> p_better(one, other, np.array([0.8])).round(3).tolist()
    [0.65]
    """
    if correlation is None or not (correlation > 0).any():
        return _independent(first.cumulative, second.cumulative)
    result = np.empty(len(first.cumulative))
    for start in range(0, len(result), _CHUNK):
        rows = slice(start, start + _CHUNK)
        shared = correlation[rows]
        scores = [ndtri(np.minimum(d.cumulative[rows], 1)) for d in (first, second)]
        total = np.zeros(len(shared))
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            given = [_given(score, shared, node) for score in scores]
            total += weight * _independent(*given)
        result[rows] = total
    return result


def _given(scores: Values, shared: Values, factor: float) -> Values:
    """Return P(target <= v) given the shared factor: (n, s), of normal scores (n, s)."""
    moved = scores - np.sqrt(shared)[:, None] * factor
    return np.asarray(ndtr(moved / np.sqrt(1 - shared)[:, None]))


def _independent(first: Values, second: Values) -> Values:
    mass = np.diff(first, axis=1, prepend=0.0)
    below = np.pad(second[:, :-1], ((0, 0), (1, 0)))
    return np.asarray((mass * (below + second)).sum(axis=1) / 2)


@dataclass(frozen=True)
class Joint:
    """The joint distribution of n tracks.

    Parameters
    ----------
    each
        Their distributions.
    artist, album
        (n,) codes.
    sharing
        What tracks of one artist, and of one album, share.
    """

    each: Distribution
    artist: Codes
    album: Codes
    sharing: Sharing

    def p_better(self, first: Codes, second: Codes) -> Values:
        """Return the probability that the first of each pair does better: (m,).

        Of tracks of one artist or album it is what orders stated with the probability of the
        joint distribution were worth.
        """
        result = np.empty(len(first))
        for shared, rows in self._relations(first, second):
            correlation = np.full(len(rows), shared.correlation)
            pairs = self.each.take(first[rows]), self.each.take(second[rows])
            result[rows] = worth(p_better(*pairs, correlation), shared.curve)
        return result

    def relation(self, first: Codes, second: Codes) -> NDArray[np.str_]:
        """Tell pairs of one "album", of one "artist" on different ones, and "strangers": (m,)."""
        artist = self.artist[first] == self.artist[second]
        album = artist & (self.album[first] == self.album[second])
        return np.where(album, "album", np.where(artist, "artist", "strangers"))

    def _relations(self, first: Codes, second: Codes) -> list[tuple[Shared, Codes]]:
        """Part pairs by what they share."""
        relation = self.relation(first, second)
        is_known = self.each.is_known[first] & self.each.is_known[second]
        parts = [(NOTHING_SHARED, relation == "strangers")]
        for by, stratum in ((self.sharing.known, is_known), (self.sharing.new, ~is_known)):
            parts += [(by.artist, stratum & (relation == "artist"))]
            parts += [(by.album, stratum & (relation == "album"))]
        return [(shared, np.flatnonzero(rows)) for shared, rows in parts if rows.any()]


def worth(stated: Values, curve: PairCurve | None) -> Values:
    """Return how often orders stated with these probabilities are right: (m,).

    Examples
    --------
    >>> curve = PairCurve((0.5, 0.6, 1.0), (0.5, 0.52, 0.98))
    >>> worth(np.array([0.6, 0.4, 0.8]), curve).round(3).tolist()
    [0.52, 0.48, 0.75]
    """
    if curve is None:
        return stated
    above = np.interp(np.maximum(stated, 1 - stated), curve.stated, curve.right)
    return np.asarray(np.where(stated >= 0.5, above, 1 - above))
