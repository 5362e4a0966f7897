"""Which of several tracks does better, from their joint distribution.

Tracks of one artist or album share what is not known of these: a Gaussian copula joins their
distributions, with one factor for the artist and one for the album.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from trackoracle.distributions.distribution import Distribution, Values

SURE = 2 / 3
"""Probability from which an order is told: odds of two to one. Below, it is too close to call."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(48)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
"""Points and weights by which a standard normal factor is summed over (Gauss and Hermite)."""
_CHUNK = 512
_MOST_DRAWN = 2**20
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
        (n,) codes; tracks of one album are of one artist.
    by_artist, by_album
        (n,) correlation of a track with others of its artist, and of its album, which is at
        least as much.
    """

    each: Distribution
    artist: Codes
    album: Codes
    by_artist: Values
    by_album: Values

    def correlation(self, first: Codes, second: Codes) -> Values:
        """Return the correlation of pairs of tracks: (m,)."""
        artist = self.artist[first] == self.artist[second]
        album = self.album[first] == self.album[second]
        shared = np.sqrt(self.by_artist[first] * self.by_artist[second]) * artist
        beyond = np.sqrt(
            (self.by_album - self.by_artist)[first] * (self.by_album - self.by_artist)[second]
        )
        return np.asarray(shared + beyond * (artist & album))

    def p_better(self, first: Codes, second: Codes) -> Values:
        """Return the probability that the first of each pair does better: (m,)."""
        correlation = self.correlation(first, second)
        return p_better(self.each.take(first), self.each.take(second), correlation)

    def p_best(self, n_draws: int, seed: int) -> Values:
        """Return the probability of each track to do best of all, ties shared: (n,).

        Parameters
        ----------
        n_draws, seed
            It is counted in draws from the joint distribution.
        """
        random = np.random.default_rng(seed)
        n = len(self.artist)
        artist = np.unique(self.artist, return_inverse=True)[1]
        album = np.unique(np.stack([artist, self.album]), axis=1, return_inverse=True)[1].ravel()
        won = np.zeros(n)
        most = max(1, _MOST_DRAWN // n)
        for start in range(0, n_draws, most):
            m = min(most, n_draws - start)
            scores = np.sqrt(self.by_artist) * random.normal(size=(m, n))[:, artist]
            scores += np.sqrt(self.by_album - self.by_artist) * random.normal(size=(m, n))[:, album]
            scores += np.sqrt(1 - self.by_album) * random.normal(size=(m, n))
            places = self._places(ndtr(scores))
            best = places == places.max(axis=1, keepdims=True)
            won += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
        return won / n_draws

    def _places(self, levels: Values) -> Codes:
        """Return where on the support each level (m, n) of each track lies: (m, n)."""
        places = np.empty(levels.shape, np.int64)
        for i, table in enumerate(self.each.cumulative):
            places[:, i] = np.searchsorted(table[:-1], levels[:, i])
        return places
