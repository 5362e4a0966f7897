"""From a classifier's probabilities of bins to the distribution of the target: vector scaling.

Each bin's log-probability gets a slope and an offset, fitted to the likelihood of
answers out of fold (Guo, Pleiss, Sun and Weinberger 2017). Within a bin the values have
the shares that they have in training. A tier is a bin of one value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from trackoracle.distributions.curve import nearest
from trackoracle.distributions.distribution import Values

_LEAST_PROBABILITY = 1e-9
"""Taken for a bin that a model calls impossible: no training row was in it."""
_MOST_ROWS = 20_000
"""More rows make the few numbers of a scaling no surer, and take longer."""


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
    """

    slope: Values
    offset: Values
    bin_of: NDArray[np.int64]
    shape: Values

    @property
    def takes(self) -> tuple[int, ...]:
        """Shape of what a model answers one track with."""
        return self.slope.shape

    def probabilities(self, raw: Values) -> Values:
        """Return calibrated probabilities of (n, b) raw ones, in the same shape."""
        return np.asarray(softmax(_logs(raw) * self.slope + self.offset, axis=1))

    def cumulative(self, raw: Values) -> Values:
        """Return P(target <= v) of (n, b) raw answers: (n, s)."""
        table = np.cumsum(self.probabilities(raw)[:, self.bin_of] * self.shape, axis=1)
        table[:, -1] = 1.0
        return np.minimum(table, 1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays from which `scaling_from_arrays` rebuilds it."""
        scale = {"slope": self.slope, "offset": self.offset}
        return {**scale, "bin_of": self.bin_of, "shape": self.shape}


def _logs(raw: Values) -> Values:
    return np.log(np.maximum(raw, _LEAST_PROBABILITY))


def scaling_from_arrays(arrays: dict[str, NDArray[Any]], n_values: int) -> Scaling:
    """Rebuild a scaling; raises ValueError when it gives no distribution."""
    slope, offset = arrays["slope"], arrays["offset"]
    bin_of, shape = arrays["bin_of"], arrays["shape"]
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
    )
    if not sound:
        raise ValueError("calibration: expected a scaling of bins, got another")
    return Scaling(slope, offset, bin_of, shape)


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
    step = -(-len(target) // _MOST_ROWS)
    slope, offset = _fitted(raw[::step], bin_of[place[::step]], weight[::step])
    # One more track's worth, spread evenly over each bin, leaves no value impossible.
    mass = np.bincount(place, weight, len(support)) + 1 / np.bincount(bin_of)[bin_of]
    return Scaling(slope, offset, bin_of, mass / np.bincount(bin_of, mass)[bin_of])


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

    best = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return best[:b], best[b:]
