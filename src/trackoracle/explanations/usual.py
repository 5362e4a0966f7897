"""What the tracks of one genre are like: how usual a value is, and how usual a track as a whole.

Each number becomes the normal score of its rank among the genre's tracks; in these scores
the genre is a covariance (a Gaussian copula), so that what moves together is seen to. Codes
(key, mode) have shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Values = NDArray[np.float64]

LEVELS = np.array(
    [0.005, 0.01, 0.025, *np.linspace(0.05, 0.95, 19).round(2), 0.975, 0.99, 0.995], np.float64
)
"""Shares at which quantiles of values are kept: none rests on a single track of 200."""
RANGE = (0.01, 0.99)
"""Shares between which values are within the range of a genre."""
_LEAST_SHARE = 1e-3
_MIDDLE = len(LEVELS) // 2


@dataclass(frozen=True)
class Usual:
    """The picture of one group of tracks.

    Parameters
    ----------
    group, n_tracks
        The genre, the family of genres, or all; and how many tracks it was drawn from.
    names
        The k numbers.
    values
        (k, q) quantiles at `LEVELS`.
    covariance
        (k, k) of the normal scores.
    surprises
        (q,) quantiles at `LEVELS` of what `surprise` says of the group's own tracks.
    shares
        By column of codes, the share of each code.
    n_fitted
        Numbers that `surprises` were told of; more than `names` in a part.
    """

    group: str
    n_tracks: int
    names: tuple[str, ...]
    values: Values
    covariance: Values
    surprises: Values
    shares: Mapping[str, Mapping[float, float]]
    n_fitted: int

    def part(self, names: Sequence[str]) -> Usual:
        """Return the picture of some of its columns: of what is known of a track."""
        places = [i for i, name in enumerate(self.names) if name in names]
        return replace(
            self,
            names=tuple(self.names[i] for i in places),
            values=self.values[places],
            covariance=self.covariance[np.ix_(places, places)],
            shares={name: shares for name, shares in self.shares.items() if name in names},
        )

    def scores(self, numbers: Values) -> Values:
        """Return the normal scores of (n, k) numbers, in the same shape.

        Beyond the outermost quantiles they go on in a straight line.
        """
        result = np.empty_like(numbers)
        for i, (knots, levels) in enumerate(zip(self.values, self._knot_scores, strict=True)):
            values = numbers[:, i]
            result[:, i] = np.interp(values, knots, levels)
            for end, outside in ((0, values < knots[0]), (-1, values > knots[-1])):
                if outside.any():
                    # The slope from the middle: that of the last step may be one tie's doing.
                    run = knots[end] - knots[_MIDDLE]
                    rise = levels[end] - levels[_MIDDLE]
                    slope = rise / run if run and rise else 1 / max(np.ptp(knots), 1e-9)
                    result[outside, i] += slope * (values[outside] - knots[end])
        return result

    def value_at(self, name: str, scores: Values) -> Values:
        """Return the values of one number that have these normal scores: (n,)."""
        i = self.names.index(name)
        return np.asarray(np.interp(scores, self._knot_scores[i], self.values[i]))

    def spread(self, name: str, low: float, high: float, n: int) -> Values:
        """Return some n values of one number, as dense over a range as the group's tracks.

        Beyond the outermost quantiles, where no tracks tell it, they are equally far apart.
        """
        i = self.names.index(name)
        knots = self.values[i]
        ends = np.interp(np.clip([low, high], knots[0], knots[-1]), knots, self._knot_scores[i])
        values = self.value_at(name, np.linspace(ends[0], ends[1], n))
        outside = np.linspace(low, high, n)
        beyond = outside[(outside < knots[0]) | (outside > knots[-1])]
        return np.concatenate([[low, high], values, beyond])

    def range_of(self, name: str) -> tuple[float, float]:
        """Return the range that all but the outermost hundredth of tracks on either side have."""
        low, high = np.interp(RANGE, LEVELS, self.values[self.names.index(name)])
        return float(low), float(high)

    def surprise(self, scores: Values, codes: Mapping[str, Values]) -> Values:
        """Return how far out n tracks lie, in squared standard deviations: (n,).

        Mahalanobis' squared distance of the scores, and for each code twice the logarithm of
        how much rarer it is than the commonest.

        Parameters
        ----------
        scores
            (n, k) normal scores, without gaps.
        codes
            (n,) by name, of the columns in `shares`.
        """
        squared = np.einsum("ij,ij->i", scores @ self._inverse, scores)
        if self.names:
            # Of fewer numbers than the group's tracks were judged by, in proportion.
            squared = squared * (self.n_fitted / len(self.names))
        for name, shares in self.shares.items():
            known = np.array(list(shares)), np.array(list(shares.values()))
            places = np.clip(np.searchsorted(known[0], codes[name]), 0, len(known[0]) - 1)
            share = np.where(known[0][places] == codes[name], known[1][places], 0)
            squared = squared - 2 * np.log(np.maximum(share, _LEAST_SHARE) / known[1].max())
        return np.asarray(squared)

    def plausibility(self, numbers: Values, codes: Mapping[str, Values]) -> Values:
        """Return the share of the group's tracks that lie farther out: (n,), 0 to 1.

        Parameters
        ----------
        numbers
            (n, k) without gaps.
        codes
            (n,) by name, of the columns in `shares`.
        """
        return self.plausibility_of(self.scores(numbers), codes)

    def plausibility_of(self, scores: Values, codes: Mapping[str, Values]) -> Values:
        """Return the same of tracks whose numbers have these normal scores (n, k)."""
        surprise = self.surprise(scores, codes)
        knots = np.concatenate([[0], self.surprises, [2 * self.surprises[-1]]])
        return np.asarray(1 - np.interp(surprise, knots, [0, *LEVELS, 1]))

    def strains(self, scores: Values) -> Values:
        """Return how far each number is from what the others lead to expect: (n, k).

        In standard deviations of what is left open by the others; of normal scores (n, k).
        """
        inverse = self._inverse
        return np.asarray(np.abs(scores @ inverse) / np.sqrt(np.diag(inverse)))

    def companions(self, name: str, least: float) -> tuple[tuple[str, float], ...]:
        """Return the numbers that move with one, the closest first, and by how much.

        Parameters
        ----------
        least
            Correlation that counts as moving together.

        Returns
        -------
        Pairs of a name and the standard deviations it moves for one of `name`.
        """
        i = self.names.index(name)
        spread = np.sqrt(np.diag(self.covariance))
        correlation = self.covariance[i] / (spread * spread[i])
        order = np.argsort(-np.abs(correlation), kind="stable")
        slopes = self.covariance[i] / self.covariance[i, i]
        return tuple(
            (self.names[j], float(slopes[j]))
            for j in order
            if j != i and abs(correlation[j]) >= least
        )

    @cached_property
    def _knot_scores(self) -> Values:
        """Normal scores of the quantiles: (k, q); of one value, that of its middle rank."""
        scores = [_scores_of_knots(knots) for knots in self.values]
        return np.array(scores).reshape(self.values.shape)

    @cached_property
    def _inverse(self) -> Values:
        return np.asarray(np.linalg.inv(self.covariance), np.float64)


def _scores_of_knots(knots: Values) -> Values:
    first = np.searchsorted(knots, knots, "left")
    last = np.searchsorted(knots, knots, "right") - 1
    # A tie that reaches the outermost quantile goes on to the end.
    low = np.where((first == 0) & (last > first), 0, LEVELS[first])
    high = np.where((last == len(knots) - 1) & (last > first), 1, LEVELS[last])
    return np.asarray(ndtri((low + high) / 2))
