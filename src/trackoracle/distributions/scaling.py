"""From a classifier's probabilities of bins to the distribution of the target, in three steps.

First the place of the target in its predicted distribution is made uniform: the
share of tracks at or below a level becomes that level (the probability integral transform;
Dawid 1984; Chernozhukov, Wuthrich and Zhu 2021), since a classifier of bins gives too much
to bins far off. Then each bin's log-probability gets a slope and an offset, fitted to the
likelihood (vector scaling; Guo, Pleiss, Sun and Weinberger 2017), so that each threshold
is met as often as it is said to be. That leaves the places uneven again, the middle too
likely, so that they are made uniform once more. Within a bin the values have the shares that
they have in training. A tier is a bin of one value, and takes the second step only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from trackoracle.distributions.curve import nearest
from trackoracle.distributions.distribution import Values

_LEAST_PROBABILITY = 1e-9
"""Taken for a bin that a model calls impossible: no training row was in it."""
_MOST_ROWS = 20_000
"""More rows make the few numbers of a scaling no surer, and take longer."""


LEVELS = np.unique([*np.linspace(0, 1, 41), 0.001, 0.0025, 0.005, 0.01, 0.99, 0.995, 0.9975, 0.999])
"""Levels at which it is told how many tracks are at or below."""


@dataclass(frozen=True)
class Scaling:
    """A calibrated distribution by bins.

    Parameters
    ----------
    slope, offset
        (b,) what the log-probability of each bin is multiplied by and shifted by.
    bin_of
        (s,) the bin of each value of the support, rising.
    shape
        (s,) share of its bin's probability that each value gets.
    reached, again
        Share of tracks at or below each of `LEVELS`, before the bins are scaled and after;
        None where a step is left out.
    """

    slope: Values
    offset: Values
    bin_of: NDArray[np.int64]
    shape: Values
    reached: Values | None = None
    again: Values | None = None

    @property
    def takes(self) -> tuple[int, ...]:
        """Shape of what a model answers one track with."""
        return self.slope.shape

    def probabilities(self, raw: Values) -> Values:
        """Return calibrated probabilities of (n, b) ones, in the same shape."""
        return np.asarray(softmax(_logs(raw) * self.slope + self.offset, axis=1))

    def cumulative(self, raw: Values) -> Values:
        """Return P(target <= v) of (n, b) raw answers: (n, s)."""
        mass = raw[:, self.bin_of] * self.shape
        if self.reached is not None:
            mass = _made_uniform(mass, self.reached)
        mass = self._scaled(mass)
        if self.again is not None:
            mass = _made_uniform(mass, self.again)
        table = np.cumsum(mass, axis=1)
        table[:, -1] = 1.0
        return np.minimum(table, 1.0)

    def _scaled(self, mass: Values) -> Values:
        """Return the masses (n, s) after each bin got its slope and offset."""
        by_bin = _by_bin(mass, self.bin_of)
        scaled = self.probabilities(by_bin)
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where(by_bin > _LEAST_PROBABILITY, scaled / by_bin, 0)
        # A bin of no probability has no values to share out what it is given.
        lost = np.where(by_bin > _LEAST_PROBABILITY, 0, scaled)
        told: Values = mass * factor[:, self.bin_of] + lost[:, self.bin_of] * self.shape
        return told

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays from which `scaling_from_arrays` rebuilds it."""
        arrays: dict[str, NDArray[Any]] = {"slope": self.slope, "offset": self.offset}
        arrays |= {"bin_of": self.bin_of, "shape": self.shape}
        steps = {"reached": self.reached, "again": self.again}
        return arrays | {name: step for name, step in steps.items() if step is not None}


def _made_uniform(mass: Values, reached: Values) -> Values:
    """Return the masses (n, s) after each level is brought to the share of tracks below it."""
    table = np.minimum(np.cumsum(mass, axis=1), 1.0)
    table[:, -1] = 1.0
    return np.diff(np.interp(table, LEVELS, reached), axis=1, prepend=0.0)


def _by_bin(mass: Values, bin_of: NDArray[np.int64]) -> Values:
    """Sum the masses of values (n, s) by their bin: (n, b)."""
    starts = np.searchsorted(bin_of, np.arange(bin_of[-1] + 1))
    return np.asarray(np.add.reduceat(mass, starts, axis=1))


def _logs(raw: Values) -> Values:
    return np.log(np.maximum(raw, _LEAST_PROBABILITY))


def scaling_from_arrays(arrays: dict[str, NDArray[Any]], n_values: int) -> Scaling:
    """Rebuild a scaling; raises ValueError when it gives no distribution."""
    slope, offset = arrays["slope"], arrays["offset"]
    bin_of, shape = arrays["bin_of"], arrays["shape"]
    reached, again = arrays.get("reached"), arrays.get("again")
    sound = (
        slope.ndim == 1
        and slope.shape == offset.shape
        and bin_of.shape == shape.shape == (n_values,)
        and np.isfinite(slope).all()
        and np.isfinite(offset).all()
        and np.isin(np.diff(bin_of, prepend=0), (0, 1)).all()
        and bin_of[-1] == len(slope) - 1
        and (shape >= 0).all()
        and np.allclose(np.bincount(bin_of, shape), 1)
        and all(step is None or _is_share(step) for step in (reached, again))
    )
    if not sound:
        raise ValueError("calibration: expected a scaling of bins, got another")
    return Scaling(slope, offset, bin_of, shape, reached, again)


def _is_share(reached: NDArray[Any]) -> bool:
    """Tell whether levels are brought to rising shares from 0 to 1; NaN never is."""
    if reached.shape != LEVELS.shape or (reached[0], reached[-1]) != (0, 1):
        return False
    return bool((np.diff(reached) >= 0).all())


def fit_scaling(
    raw: Values, target: Values, weight: Values, support: Values, bins: Values
) -> Scaling:
    """Fit the slope and offset of each bin.

    Parameters
    ----------
    raw
        (n, b) out-of-fold probabilities.
    target, weight
        (n,) the truth, and how much a track counts.
    support
        (s,) values that get probability; targets count at the nearest one.
    bins
        (b - 1,) edges; a bin is the number of edges that a value exceeds.

    Examples
    --------
    >>> raw = np.tile([[0.5, 0.5]], (400, 1))
    >>> hit = (np.arange(400) % 4 == 0).astype(float)
    >>> fitted = fit_scaling(raw, hit, np.ones(400), np.array([0.0, 1.0]), np.array([0.0]))
    >>> fitted.probabilities(raw[:1]).round(2).tolist()
    [[0.75, 0.25]]
    """
    bin_of = np.searchsorted(bins, support, side="left")
    place = nearest(support, target)
    # One more track's worth, spread evenly over each bin, leaves no value impossible.
    mass = np.bincount(place, weight, len(support)) + 1 / np.bincount(bin_of)[bin_of]
    shape = mass / np.bincount(bin_of, mass)[bin_of]
    few = slice(None, None, -(-len(target) // _MOST_ROWS))
    raw, place, weight = raw[few], place[few], weight[few]
    if len(support) == len(bins) + 1:
        return Scaling(*_fitted(raw, bin_of[place], weight), bin_of, shape)
    masses = raw[:, bin_of] * shape
    reached = _shares_below(masses, place, weight)
    masses = _made_uniform(masses, reached)
    slope, offset = _fitted(_by_bin(masses, bin_of), bin_of[place], weight)
    scaled = Scaling(slope, offset, bin_of, shape, reached)
    return replace(scaled, again=_shares_below(scaled._scaled(masses), place, weight))


def _shares_below(mass: Values, place: NDArray[np.int64], weight: Values) -> Values:
    """Return the share of tracks at or below each of `LEVELS` in their own distribution.

    A track whose value has much probability is spread evenly over the levels that it covers
    (the nonrandomised transform of Czado, Gneiting and Held 2009).
    """
    rows = np.arange(len(mass))
    table = np.minimum(np.cumsum(mass, axis=1), 1.0)
    high, own = table[rows, place], np.maximum(mass[rows, place], 1e-12)
    covered = [np.average(np.clip((v - high) / own + 1, 0, 1), weights=weight) for v in LEVELS]
    reached = np.maximum.accumulate(np.array(covered, np.float64))
    reached[0], reached[-1] = 0.0, 1.0
    return reached


def _fitted(raw: Values, truth: NDArray[np.int64], weight: Values) -> tuple[Values, Values]:
    """Minimise the log loss; one track's worth of the raw answer keeps the numbers finite."""
    rows, b, logs = np.arange(len(raw)), raw.shape[1], _logs(raw)
    share, start = weight / weight.sum(), np.concatenate([np.ones(b), np.zeros(b)])
    ridge = 1 / weight.sum()

    def loss(x: Values) -> tuple[float, Values]:
        told = log_softmax(logs * x[:b] + x[b:], axis=1)
        value = -np.sum(share * told[rows, truth]) + ridge * np.sum((x - start) ** 2)
        slip = np.exp(told)
        slip[rows, truth] -= 1
        slip *= share[:, None]
        gradient = np.concatenate([np.einsum("nb,nb->b", slip, logs), slip.sum(axis=0)])
        return float(value), gradient + 2 * ridge * (x - start)

    from scipy.optimize import minimize

    best = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return best[:b], best[b:]
