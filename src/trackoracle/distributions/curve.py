"""From one raw number to the distribution of the target along it.

At knots along the raw answer stands the weighted empirical distribution of
the targets near by; made stochastically increasing by isotonic regression of each
P(target <= v); linear in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from trackoracle.distributions.distribution import Values

_LEAST_IN_KNOT = 30
_MOST_KNOTS = 60


@dataclass(frozen=True)
class Curve:
    """The distribution of the target along the raw answer.

    Parameters
    ----------
    knots
        (k,) raw answers, rising.
    table
        (k, s) P(target <= v) for each value v of the support, at each knot.
    """

    knots: Values
    table: Values

    takes: ClassVar[tuple[int, ...]] = ()
    """Shape of what a model answers one track with."""

    def cumulative(self, raw: Values) -> Values:
        """Return P(target <= v) of (n,) raw answers: (n, s)."""
        last = max(len(self.knots) - 2, 0)
        start = np.clip(np.searchsorted(self.knots, raw, side="right") - 1, 0, last)
        end = np.minimum(start + 1, len(self.knots) - 1)
        width = np.where(end > start, self.knots[end] - self.knots[start], 1.0)
        share = np.clip((raw - self.knots[start]) / width, 0, 1)[:, None]
        table: Values = self.table[start] * (1 - share) + self.table[end] * share
        return table

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays from which `curve_from_arrays` rebuilds it."""
        return {"knots": self.knots, "cumulative": self.table}


def curve_from_arrays(arrays: dict[str, NDArray[Any]], n_values: int) -> Curve:
    """Rebuild a curve; raises ValueError when the table is not of distributions."""
    knots, table = arrays["knots"], arrays["cumulative"]
    sound = (
        knots.ndim == 1
        and len(knots) > 0
        and table.shape == (len(knots), n_values)
        and np.isfinite(knots).all()
        and np.isfinite(table).all()
        and (table >= 0).all()
        and (np.diff(table, axis=0) <= 1e-9).all()
        and (np.diff(knots) > 0).all()
        and (np.diff(table, axis=1) >= -1e-9).all()
        and np.allclose(table[:, -1], 1)
    )
    if not sound:
        raise ValueError("calibration: expected rising distributions, got others")
    return Curve(knots, table)


def fit_curve(raw: Values, target: Values, weight: Values, support: Values) -> Curve:
    """Estimate the distribution of the target along out-of-fold raw answers.

    Parameters
    ----------
    raw, target, weight
        (n,) each; none of the rows was seen by the model that answered.
    support
        (s,) values that get probability; targets count at the nearest one.
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(raw, kind="stable")
    part = _parts(raw[order])
    n_parts, n_values = part[-1] + 1, len(support)
    weight, place = weight[order], nearest(support, target[order])
    total = np.bincount(part, weight, n_parts)
    knots = np.bincount(part, weight * raw[order], n_parts) / total
    mass = np.bincount(part * n_values + place, weight, n_parts * n_values)
    table = np.cumsum(mass.reshape(n_parts, n_values) / total[:, None], axis=1)
    for column in table.T:
        column[:] = isotonic_regression(column, weights=total, increasing=False).x
    table[:, -1] = 1.0
    keep = np.concatenate([[True], np.diff(knots) > 1e-12])
    return Curve(knots[keep], np.clip(table, 0, 1)[keep])


def nearest(support: Values, target: Values) -> NDArray[np.int64]:
    """Return the place of the value of the support that is nearest to each target: (n,)."""
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
