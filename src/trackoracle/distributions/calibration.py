"""From a model's raw answer to a calibrated distribution of the target.

The distribution of the target given the raw answer is estimated from
out-of-fold predictions: at knots along the raw answer, the weighted empirical
distribution of the targets near by; made stochastically increasing by
isotonic regression of each P(target <= v); linear in between. Mean, quantiles,
P(> t) and tiers are all read from this one table and cannot contradict each
other. It is a Mondrian predictive system (Bostrom, Johansson and Lofstrom 2021)
with two strata: the artist is known, or new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_IN_STRATUM = 200
"""Fewer rows share the curve of all rows."""
_LEAST_IN_KNOT = 30
_MOST_KNOTS = 60


@dataclass(frozen=True)
class Curve:
    """The distribution of the target along the raw answer.

    Parameters
    ----------
    knots
        (k,) raw answers, rising.
    cumulative
        (k, s) P(target <= v) for each value v of the support, at each knot.
    """

    knots: Values
    cumulative: Values

    @cached_property
    def mass(self) -> Values:
        """P(target = v) at each knot: (k, s)."""
        return np.diff(self.cumulative, axis=1, prepend=0.0)

    def expectation(self, raw: Values, of: Values) -> Values:
        """Return the expectation of a function of the target: (n,).

        Parameters
        ----------
        raw
            (n,) raw answers.
        of
            (s,) the function at each value of the support.
        """
        return np.interp(raw, self.knots, self.mass @ of)

    def quantile(self, raw: Values, level: float) -> NDArray[np.int64]:
        """Return the place in the support of the least v with P(target <= v) >= level: (n,).

        P(target <= v) falls along the raw answer, so each v holds up to one
        crossing point, and a quantile is one look-up among these.
        """
        clipped = np.clip(raw, self.knots[0], self.knots[-1])
        return np.searchsorted(self._crossings(level), clipped, side="left")

    def _crossings(self, level: float) -> Values:
        """Return the largest raw answer at which each P(target <= v) is still at the level."""
        knots, table = self.knots, self.cumulative
        n_reached = (table >= level - 1e-12).sum(axis=0)
        last = np.clip(n_reached - 1, 0, max(len(knots) - 2, 0))
        after = np.minimum(last + 1, len(knots) - 1)
        value = np.arange(table.shape[1])
        fall = table[last, value] - table[after, value]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(fall > 0, (table[last, value] - level) / fall, 0.0)
        inside = knots[last] + share * (knots[after] - knots[last])
        ends = np.where(n_reached == 0, -np.inf, np.inf)
        return np.where((n_reached == 0) | (n_reached == len(knots)), ends, inside)


@dataclass(frozen=True)
class Calibration:
    """Curves for tracks of known and of new artists.

    Parameters
    ----------
    support
        (s,) values that get probability, rising.
    known, new
        The curve of each stratum.
    """

    support: Values
    known: Curve
    new: Curve

    def distribution(self, raw: Values, is_known: Flags) -> Distribution:
        """Return the distribution of n tracks."""
        return Distribution(self, raw, is_known)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the tables from which `calibration_from_arrays` rebuilds it."""
        return {
            "support": self.support,
            "known_knots": self.known.knots,
            "known_cumulative": self.known.cumulative,
            "new_knots": self.new.knots,
            "new_cumulative": self.new.cumulative,
        }


def calibration_from_arrays(arrays: dict[str, NDArray[Any]]) -> Calibration:
    """Rebuild a calibration; raises ValueError when the tables are not distributions."""
    curves = []
    for name in ("known", "new"):
        knots, table = arrays[f"{name}_knots"], arrays[f"{name}_cumulative"]
        sound = (
            len(knots) > 0
            and table.shape == (len(knots), len(arrays["support"]))
            and np.isfinite(knots).all()
            and np.isfinite(table).all()
            and (table >= 0).all()
            and (np.diff(table, axis=0) <= 1e-9).all()
            and (np.diff(knots) > 0).all()
            and (np.diff(table, axis=1) >= -1e-9).all()
            and np.allclose(table[:, -1], 1)
        )
        if not sound:
            raise ValueError(f"calibration: expected rising distributions, got others ({name})")
        curves.append(Curve(knots, table))
    return Calibration(arrays["support"], *curves)


@dataclass(frozen=True)
class Distribution:
    """The calibrated distribution of the target of n tracks.

    Examples
    --------
    >>> raw = np.arange(400.0) / 4
    >>> curve = fit_curve(raw, np.round(raw), np.ones(400), np.arange(101.0))
    >>> both = Calibration(np.arange(101.0), curve, curve)
    >>> d = both.distribution(np.array([50.0]), np.array([True]))
    >>> bool(d.quantile(0.05)[0] <= d.quantile(0.5)[0] <= d.quantile(0.95)[0])
    True
    """

    calibration: Calibration
    raw: Values
    is_known: Flags

    def _expectation(self, of: Values) -> Values:
        new = self.calibration.new.expectation(self.raw, of)
        if not self.is_known.any():
            return new
        return np.where(self.is_known, self.calibration.known.expectation(self.raw, of), new)

    @property
    def mean(self) -> Values:
        """Expected value: (n,)."""
        return self._expectation(self.calibration.support)

    @property
    def median(self) -> Values:
        """The middle: (n,)."""
        return self.quantile(0.5)

    def quantile(self, level: float) -> Values:
        """Return the least value that the target does not exceed with this probability: (n,)."""
        place = self.calibration.new.quantile(self.raw, level)
        if self.is_known.any():
            known = self.calibration.known.quantile(self.raw, level)
            place = np.where(self.is_known, known, place)
        return self.calibration.support[np.minimum(place, len(self.calibration.support) - 1)]

    def above(self, threshold: float) -> Values:
        """Return P(target > threshold): (n,)."""
        return self._expectation((self.calibration.support > threshold).astype(np.float64))

    def tiers(self, edges: Sequence[float]) -> Values:
        """Return the probability of each tier: (n, len(edges) + 1), rows sum to 1.

        A tier is the number of edges that the value exceeds.
        """
        exceeding = [
            np.ones(len(self.raw)),
            *(self.above(e) for e in edges),
            np.zeros(len(self.raw)),
        ]
        return np.maximum(-np.diff(np.stack(exceeding, axis=1), axis=1), 0.0)


def fit_curve(raw: Values, target: Values, weight: Values, support: Values) -> Curve:
    """Estimate the distribution of the target along out-of-fold raw answers.

    Parameters
    ----------
    raw, target, weight
        (n,) each; none of the rows was seen by the model that answered.
    support
        (s,) values that get probability; targets count at the nearest one.
    """
    order = np.argsort(raw, kind="stable")
    part = _parts(raw[order])
    n_parts, n_values = part[-1] + 1, len(support)
    weight, place = weight[order], _nearest(support, target[order])
    total = np.bincount(part, weight, n_parts)
    knots = np.bincount(part, weight * raw[order], n_parts) / total
    mass = np.bincount(part * n_values + place, weight, n_parts * n_values)
    cumulative = np.cumsum(mass.reshape(n_parts, n_values) / total[:, None], axis=1)
    for column in cumulative.T:
        column[:] = isotonic_regression(column, weights=total, increasing=False).x
    cumulative[:, -1] = 1.0
    return Curve(*_distinct(knots, np.clip(cumulative, 0, 1)))


def _nearest(support: Values, target: Values) -> NDArray[np.int64]:
    middles = (support[1:] + support[:-1]) / 2
    return np.searchsorted(middles, target, side="right")


def _parts(raw: Values) -> NDArray[np.int64]:
    """Number the knot that each sorted raw answer belongs to; knots are denser at both ends."""
    n = len(raw)
    n_knots = min(_MOST_KNOTS, n // _LEAST_IN_KNOT)
    if n_knots < 2:
        return np.zeros(n, np.int64)
    end = logit(1 - max(_LEAST_IN_KNOT / n, 1e-6))
    shares = expit(np.linspace(-end, end, n_knots - 1))
    edges = np.unique(raw[(shares * n).astype(int)])
    return np.unique(np.searchsorted(edges, raw, side="right"), return_inverse=True)[1]


def _distinct(knots: Values, cumulative: Values) -> tuple[Values, Values]:
    keep = np.concatenate([[True], np.diff(knots) > 1e-12])
    return knots[keep], cumulative[keep]


def fit_calibration(
    raw: Values, target: Values, weight: Values, is_known: Flags, support: Values
) -> Calibration:
    """Estimate the curves of both strata.

    Parameters
    ----------
    raw, target, weight
        (n,) out-of-fold answers and the truth.
    is_known
        (n,) whether the artist was known when the track was judged.
    support
        (s,) values that get probability.
    """
    overall = fit_curve(raw, target, weight, support)
    curves = [
        fit_curve(raw[rows], target[rows], weight[rows], support)
        if rows.sum() >= LEAST_IN_STRATUM
        else overall
        for rows in (is_known, ~is_known)
    ]
    return Calibration(support, *curves)
