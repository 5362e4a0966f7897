"""How much of their uncertainty tracks share: the correlation of a Gaussian copula, from pairs.

Fitted to the likelihood of pairs (a composite likelihood; Varin, Reid and Firth 2011), each
value taken as the interval of levels that it covers in its own distribution, so that popularity
0, which many tracks have, is no obstacle.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri

from trackoracle.distributions.comparing import NODES, WEIGHTS, Codes
from trackoracle.distributions.distribution import Values

MOST_SHARED = 0.9
"""More is not believed: two tracks of one album are two tracks."""
LEAST_PAIRS = 200
"""Fewer pairs do not tell a correlation."""
_LEAST_PROBABILITY = 1e-12


def fit_correlation(below: Values, at_most: Values, first: Codes, second: Codes) -> float | None:
    """Return the correlation of pairs of tracks, 0 to .9; None with fewer than 200 pairs.

    Parameters
    ----------
    below, at_most
        (n,) P(target < value) and P(target <= value) of each track's true value, in its
        distribution by a model that did not see it.
    first, second
        (m,) rows of the pairs.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> common, own = random.normal(size=(2, 5000)), random.normal(size=(2, 5000))
    >>> level = ndtr(np.sqrt(0.4) * common[0] + np.sqrt(0.6) * own).ravel()
    >>> low, high = np.floor(level * 20) / 20, np.floor(level * 20 + 1) / 20
    >>> pairs = np.arange(5000), np.arange(5000, 10000)
    >>> round(fit_correlation(low, high, *pairs), 1)
    0.4
    """
    if len(first) < LEAST_PAIRS:
        return None
    ends = [(ndtri(below[rows]), ndtri(at_most[rows])) for rows in (first, second)]

    def loss(shared: float) -> float:
        by, left = np.sqrt(shared), np.sqrt(1 - shared)
        total = np.zeros(len(first))
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            masses = [ndtr((b - by * node) / left) - ndtr((a - by * node) / left) for a, b in ends]
            total += weight * masses[0] * masses[1]
        return -float(np.log(np.maximum(total, _LEAST_PROBABILITY)).sum())

    best = minimize_scalar(
        loss, bounds=(0.0, MOST_SHARED), method="bounded", options={"xatol": 1e-3}
    )
    return 0.0 if loss(0.0) <= best.fun else float(best.x)
