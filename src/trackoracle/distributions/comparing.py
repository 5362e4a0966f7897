"""Which of two tracks does better, from their distributions."""

from __future__ import annotations

import numpy as np

from trackoracle.distributions.distribution import Distribution, Values

SURE = 2 / 3
"""Probability from which an order is told: odds of two to one. Below, it is too close to call."""


def p_better(first: Distribution, second: Distribution) -> Values:
    """Return the probability that the first's target is greater, a tie counting half: (n,).

    The two are taken to be independent given what is known of them.

    Parameters
    ----------
    first, second
        Of n tracks each, over the same support.

    Examples
    --------
    >>> support, known = np.array([0.0, 1.0]), np.array([True])
    >>> one, other = (Distribution(support, np.array([[p, 1.0]]), known) for p in (0.2, 0.5))
    >>> p_better(one, other).round(3).tolist()
    [0.65]
    """
    mass = np.diff(first.cumulative, axis=1, prepend=0.0)
    below = np.pad(second.cumulative[:, :-1], ((0, 0), (1, 0)))
    return np.asarray((mass * (below + second.cumulative)).sum(axis=1) / 2)
