"""From the share of hits in a sample to the share in the world."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def at_base_rate(probability: Values, *, sample_rate: float, base_rate: float) -> Values:
    """Move calibrated probabilities from one share of hits to another.

    Hits and misses are each taken to look alike in both, only their shares to differ; the
    odds then change by one factor (Elkan 2001, theorem 2; Saerens, Latinne and
    Decaestecker 2002).

    Parameters
    ----------
    probability
        (n,) of a hit, calibrated in the sample.
    sample_rate, base_rate
        Shares of hits, each above 0 and below 1: of the sample, and true.

    Returns
    -------
    (n,) probabilities of a hit at the base rate, in the same order.

    Examples
    --------
    >>> at_base_rate(np.array([0.0, 0.5, 1.0]), sample_rate=0.5, base_rate=0.02).round(9).tolist()
    [0.0, 0.02, 1.0]
    """
    factor = base_rate / (1 - base_rate) * (1 - sample_rate) / sample_rate
    hits = factor * probability
    return hits / (hits + 1 - probability)
