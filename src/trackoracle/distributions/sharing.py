"""How much of their uncertainty tracks share, and what their order is worth, from pairs.

The correlation of a Gaussian copula is fitted to the likelihood of pairs (a composite
likelihood; Varin, Reid and Firth 2011), each value taken as the interval of levels that it
covers in its own distribution, so that popularity 0, which many tracks have, is no obstacle.
Then it is counted how often the orders that follow from it are right.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from trackoracle.distributions.comparing import NODES, WEIGHTS
from trackoracle.distributions.distribution import Values
from trackoracle.schema import PairCurve

MOST_SHARED = 0.9
"""More is not believed: two tracks of one album are two tracks."""
LEAST_PAIRS = 200
"""Fewer pairs do not tell a correlation."""
LEAST_COUNTED = 500
"""Fewer pairs do not tell what orders are worth."""
_LEAST_PROBABILITY = 1e-12
Levels = tuple[Values, Values]
_PARTS = (0.2, 0.4, 0.6, 0.75, 0.85, 0.9, 0.94, 0.97)
"""Shares of the pairs, by their stated probability, between which they are counted together."""


def fit_correlation(first: Levels, second: Levels) -> float | None:
    """Return the correlation of pairs of tracks, 0 to .9; None with fewer than 200 pairs.

    Parameters
    ----------
    first, second
        (m,) P(target < value) and (m,) P(target <= value) of the true value of the tracks of
        each pair, in their distributions by a model that saw neither.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> common, own = random.normal(size=(2, 5000)), random.normal(size=(2, 5000))
    >>> place = np.floor(20 * ndtr(np.sqrt(0.4) * common[0] + np.sqrt(0.6) * own))
    >>> first, second = ((at / 20, (at + 1) / 20) for at in place)
    >>> round(fit_correlation(first, second), 1)
    0.4
    """
    n = len(first[0])
    if n < LEAST_PAIRS:
        return None
    ends = [(ndtri(below), ndtri(np.minimum(at_most, 1))) for below, at_most in (first, second)]

    def loss(shared: float) -> float:
        by, left = np.sqrt(shared), np.sqrt(1 - shared)
        total = np.zeros(n)
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            masses = [ndtr((b - by * node) / left) - ndtr((a - by * node) / left) for a, b in ends]
            total += weight * masses[0] * masses[1]
        return -float(np.log(np.maximum(total, _LEAST_PROBABILITY)).sum())

    from scipy.optimize import minimize_scalar

    best = minimize_scalar(
        loss, bounds=(0.0, MOST_SHARED), method="bounded", options={"xatol": 1e-3}
    )
    return 0.0 if loss(0.0) <= best.fun else float(best.x)


def fit_curve_of_pairs(stated: Values, right: Values) -> PairCurve | None:
    """Count how often orders are right, by the probability that was stated for them.

    Parts of the pairs are counted and made rising (isotonic regression).

    Parameters
    ----------
    stated
        (m,) probability that the first does better.
    right
        (m,) 1 where it did, 0 where the second did, .5 where neither.

    Returns
    -------
    None with fewer than 500 pairs.
    """
    from scipy.optimize import isotonic_regression

    if len(stated) < LEAST_COUNTED:
        return None
    turned = stated < 0.5
    stated, right = np.where(turned, 1 - stated, stated), np.where(turned, 1 - right, right)
    part = np.searchsorted(np.unique(np.quantile(stated, _PARTS)), stated, side="right")
    part = np.unique(part, return_inverse=True)[1]
    count = np.bincount(part).astype(np.float64)
    knots = np.bincount(part, stated) / count
    counted = isotonic_regression(np.bincount(part, right) / count, weights=count).x
    # Of what is stated as even, neither is the first; beyond the last part it goes on flat.
    inside = (knots > 0.5 + 1e-6) & (knots < 1 - 1e-6)
    knots, counted = knots[inside], np.clip(counted[inside], 0.5, 1)
    if not len(knots):
        return None
    stated_knots = (0.5, *map(float, knots), 1.0)
    return PairCurve(stated_knots, (0.5, *map(float, counted), float(counted[-1])))
