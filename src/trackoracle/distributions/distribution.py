"""The calibrated distribution of the target, as one table from which everything is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.schema import Shown

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

_BELOW = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of what an interval leaves out, that may lie below it."""
_EXACT = 1e-12


@dataclass(frozen=True)
class Distribution(Shown):
    """The calibrated distribution of the target of n tracks.

    Parameters
    ----------
    support
        (s,) values that get probability, rising.
    cumulative
        (n, s) P(target <= v) for each value v of the support.
    is_known
        (n,) whether the artist is known.

    Examples
    --------
    >>> mass = np.array([[0.2, 0.5, 0.3]])
    >>> d = Distribution(np.array([0.0, 10.0, 20.0]), np.cumsum(mass, axis=1), np.array([True]))
    >>> d.mean.round(9).tolist(), d.median.tolist(), d.above(10).round(9).tolist()
    ([11.0], [10.0], [0.3])
    >>> d.tiers((0, 10)).round(9).tolist()
    [[0.2, 0.5, 0.3]]
    """

    support: Values
    cumulative: Values
    is_known: Flags

    @classmethod
    def joined(cls, parts: Iterable[Distribution]) -> Distribution:
        """Return the distributions of several parts, one after the other."""
        all_parts = list(parts)
        if len(all_parts) == 1:
            return all_parts[0]
        cumulative = np.concatenate([part.cumulative for part in all_parts])
        is_known = np.concatenate([part.is_known for part in all_parts])
        return cls(all_parts[0].support, cumulative, is_known)

    @property
    def mean(self) -> Values:
        """Expected value: (n,)."""
        # Sums of rows: a matrix product would let an answer depend on the others asked for.
        below: Values = (self.cumulative[:, :-1] * np.diff(self.support)).sum(axis=1)
        return np.asarray(self.support[-1] - below)

    @property
    def median(self) -> Values:
        """The middle: (n,)."""
        return self.quantile(0.5)

    def quantile(self, level: float | Values) -> Values:
        """Return the least value that the target does not exceed with this probability: (n,).

        Parameters
        ----------
        level
            One for all tracks, or (n,).
        """
        wanted = np.asarray(level)[..., None] - _EXACT
        place = (self.cumulative < wanted).sum(axis=1)
        return np.asarray(self.support[np.minimum(place, len(self.support) - 1)])

    @property
    def mass(self) -> Values:
        """P(target = v) for each value v of the support: (n, s)."""
        return np.diff(self.cumulative, axis=1, prepend=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the distributions as plain data."""
        return {
            "support": self.support.tolist(),
            "cumulative": self.cumulative.tolist(),
            "is_known": self.is_known.tolist(),
        }

    def take(self, rows: NDArray[np.int64]) -> Distribution:
        """Return the distribution of some rows, in their order."""
        return Distribution(self.support, self.cumulative[rows], self.is_known[rows])

    def _nearest(self, level: Values) -> Values:
        """Return the value whose P(target <= v) is nearest to each level: (n,)."""
        last = len(self.support) - 1
        after = np.minimum((self.cumulative < level[:, None] - _EXACT).sum(axis=1), last)
        before = np.maximum(after - 1, 0)
        rows = np.arange(len(after))
        beyond = self.cumulative[rows, after] - level
        short = level - self.cumulative[rows, before]
        return np.asarray(self.support[np.where(short < beyond, before, after)])

    def above(self, threshold: float) -> Values:
        """Return P(target > threshold): (n,)."""
        n_below = int(np.searchsorted(self.support, threshold, side="right"))
        if not n_below:
            return np.ones(len(self.cumulative))
        beyond: Values = np.maximum(1.0 - self.cumulative[:, n_below - 1], 0.0)
        return beyond

    def levels(self, target: Values) -> tuple[Values, Values]:
        """Return P(target < v) and P(target <= v) at the nearest value to each of (n,)."""
        middles = (self.support[1:] + self.support[:-1]) / 2
        place, rows = np.searchsorted(middles, target, side="right"), np.arange(len(target))
        below = np.where(place > 0, self.cumulative[rows, np.maximum(place - 1, 0)], 0.0)
        return below, self.cumulative[rows, place]

    def held(self, low: Values, high: Values) -> Values:
        """Return P(low <= target <= high) of each track: (n,); the ends are of the support."""
        before = np.hstack([np.zeros((len(self.cumulative), 1)), self.cumulative])
        rows = np.arange(len(before))
        start, end = (np.searchsorted(self.support, ends) for ends in (low, high))
        return np.asarray(before[rows, end + 1] - before[rows, start])

    def tiers(self, edges: Sequence[float] | Values) -> Values:
        """Return the probability of each tier: (n, len(edges) + 1), rows sum to 1.

        A tier is the number of edges that the value exceeds.
        """
        n = len(self.cumulative)
        exceeding = [np.ones(n), *(self.above(edge) for edge in edges), np.zeros(n)]
        return np.maximum(-np.diff(np.stack(exceeding, axis=1), axis=1), 0.0)

    def interval(self, level: float) -> tuple[Values, Values]:
        """Return the ends of an interval that holds the target with this probability: (n,) each.

        It holds as nearly as much as the support allows, a little more or a little less. Of
        intervals that leave none, a quarter, half, three quarters or all of the rest below
        them, the shortest. Where the least value alone is likely, as popularity 0 is,
        nothing lies below it, and a central interval would hold more than is asked for. The
        median is always within.
        """
        rows, median = np.arange(len(self.cumulative)), self.median
        below_first = np.zeros((len(rows), 1))
        before = np.hstack([below_first, self.cumulative])
        best: tuple[Values, Values] | None = None
        for share in _BELOW:
            start = (self.cumulative <= share * (1 - level) + _EXACT).sum(axis=1)
            start = np.minimum(start, len(self.support) - 1)
            low = np.minimum(self.support[start], median)
            high = np.maximum(self._nearest(before[rows, start] + level), median)
            if best is None:
                best = low, high
            else:
                shorter = high - low < best[1] - best[0]
                best = np.where(shorter, low, best[0]), np.where(shorter, high, best[1])
        assert best is not None
        return best
