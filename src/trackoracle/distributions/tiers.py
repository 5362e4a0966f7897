"""From a classifier's probabilities to calibrated ones: vector scaling.

Each tier's log-probability gets a slope and an offset, fitted to the likelihood of answers
out of fold (Guo, Pleiss, Sun and Weinberger 2017). On the 114k file it had the least log
loss under `new_artist` among raw answers (.6732), one temperature (.6734), isotonic
regression at each edge (.6733) and itself (.6720). Tracks of known and of new artists have
their own, as those of a popularity have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from trackoracle.distributions.calibration import LEAST_IN_STRATUM, Flags, Values

_LEAST_PROBABILITY = 1e-9
"""Taken for a tier that a model calls impossible: no training row was in it."""


@dataclass(frozen=True)
class Scaling:
    """What log-probabilities are multiplied by and shifted by: (k,) each."""

    slope: Values
    offset: Values

    def probabilities(self, raw: Values) -> Values:
        """Return calibrated probabilities of (n, k) raw ones, in the same shape."""
        return np.asarray(softmax(_logs(raw) * self.slope + self.offset, axis=1))


def _logs(raw: Values) -> Values:
    return np.log(np.maximum(raw, _LEAST_PROBABILITY))


@dataclass(frozen=True)
class TierCalibration:
    """Scalings for tracks of known and of new artists."""

    known: Scaling
    new: Scaling

    @property
    def support(self) -> Values:
        """The numbers of the tiers: (k,)."""
        return np.arange(len(self.new.slope), dtype=np.float64)

    def distribution(self, raw: Values, is_known: Flags) -> TierDistribution:
        """Return the distribution of n tracks from (n, k) raw answers."""
        known, new = (scaling.probabilities(raw) for scaling in (self.known, self.new))
        return TierDistribution(np.where(is_known[:, None], known, new), is_known)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays from which `tier_calibration_from_arrays` rebuilds it."""
        return {
            "known_slope": self.known.slope,
            "known_offset": self.known.offset,
            "new_slope": self.new.slope,
            "new_offset": self.new.offset,
        }


def tier_calibration_from_arrays(
    arrays: dict[str, NDArray[Any]], n_classes: int
) -> TierCalibration:
    """Rebuild a calibration; raises ValueError when it is not of so many tiers."""
    parts = [arrays[f"{name}_{part}"] for name in ("known", "new") for part in ("slope", "offset")]
    if any(part.shape != (n_classes,) or not np.isfinite(part).all() for part in parts):
        raise ValueError(f"calibration: expected slopes and offsets of {n_classes} tiers")
    return TierCalibration(Scaling(*parts[:2]), Scaling(*parts[2:]))


@dataclass(frozen=True)
class TierDistribution:
    """The calibrated tiers of n tracks.

    Parameters
    ----------
    p_tier
        (n, k) probability of each tier; rows sum to 1.
    is_known
        (n,) whether the artist is known.
    """

    p_tier: Values
    is_known: Flags

    @property
    def mean(self) -> Values:
        """Expected number of the tier: (n,)."""
        # Not a matrix product: its rounding would depend on the size of the batch.
        return np.asarray((self.p_tier * np.arange(self.p_tier.shape[1])).sum(axis=1))

    @property
    def median(self) -> Values:
        """The middle tier: (n,)."""
        return self.quantile(0.5)

    def quantile(self, level: float) -> Values:
        """Return the least tier that is not exceeded with this probability: (n,)."""
        below: Flags = np.cumsum(self.p_tier, axis=1)[:, :-1] < level
        return np.asarray(below.sum(axis=1), np.float64)

    def above(self, threshold: float) -> Values:
        """Return P(tier > threshold): (n,)."""
        return np.asarray(self.p_tier[:, np.arange(self.p_tier.shape[1]) > threshold].sum(axis=1))

    def tiers(self, edges: Sequence[float]) -> Values:
        """Return the probability of each group of tiers: (n, len(edges) + 1), rows sum to 1.

        Edges are numbers of tiers; a group is how many of them the tier's number exceeds.
        """
        numbers = np.arange(self.p_tier.shape[1])
        group = np.searchsorted(np.asarray(edges), numbers, side="left")
        shares = [self.p_tier[:, group == g].sum(axis=1) for g in range(len(edges) + 1)]
        return np.stack(shares, axis=1)


def fit_tier_calibration(
    raw: Values, target: Values, weight: Values, is_known: Flags
) -> TierCalibration:
    """Fit the scalings of both strata.

    Parameters
    ----------
    raw
        (n, k) out-of-fold probabilities.
    target, weight
        (n,) number of the true tier, and how much a track counts.
    is_known
        (n,) whether the artist was known when the track was judged.

    Examples
    --------
    >>> raw = np.tile([[0.5, 0.5]], (400, 1))
    >>> target = (np.arange(400) % 4 == 0).astype(float)
    >>> fitted = fit_tier_calibration(raw, target, np.ones(400), np.ones(400, bool))
    >>> fitted.distribution(raw[:1], np.array([True])).p_tier.round(2).tolist()
    [[0.75, 0.25]]
    """
    overall = _fit_scaling(raw, target, weight)
    known, new = (
        _fit_scaling(raw[rows], target[rows], weight[rows])
        if rows.sum() >= LEAST_IN_STRATUM
        else overall
        for rows in (is_known, ~is_known)
    )
    return TierCalibration(known, new)


def _fit_scaling(raw: Values, target: Values, weight: Values) -> Scaling:
    """Fit one scaling; one track's worth of the raw answer keeps it finite."""
    k, logs = raw.shape[1], _logs(raw)
    truth = np.eye(k)[target.astype(np.int64)]
    share, start = weight / weight.sum(), np.concatenate([np.ones(k), np.zeros(k)])
    ridge = 1 / weight.sum()

    def loss(x: Values) -> tuple[float, Values]:
        told = log_softmax(logs * x[:k] + x[k:], axis=1)
        slip = share[:, None] * (np.exp(told) - truth)
        value = -np.sum(share * (told * truth).sum(axis=1)) + ridge * np.sum((x - start) ** 2)
        slope = np.concatenate([(slip * logs).sum(axis=0), slip.sum(axis=0)])
        return float(value), slope + 2 * ridge * (x - start)

    best = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return Scaling(best[:k], best[k:])
