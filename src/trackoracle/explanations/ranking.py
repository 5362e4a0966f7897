"""Order tracks, and say which of them are too close to call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.explanations.usual import Values

Codes = NDArray[np.int64]
PAbove = Callable[[Codes, Codes], Values]
"""From m rows and m others to the probability that the first of each pair does better: (m,)."""
_AT_A_TIME = 16
_LEAST_PROBABILITY = 1e-9


@dataclass(frozen=True)
class Arrangement:
    """Rows in their order.

    Parameters
    ----------
    order
        (n,) rows, the best first.
    p_next
        (n - 1,) probability that each does better than the next.
    p_best
        (n,) probability that each does best of all: in proportion to its odds against the first
        (Luce's choice rule).
    group
        (n,) number of the group of each place, from 1.
    """

    order: Codes
    p_next: Values
    p_best: Values
    group: Codes


def arrange(values: Values, p_above: PAbove, sure: float) -> Arrangement:
    """Order rows by their values, equal ones as they stand.

    A group goes on as long as its first does better than the next with less than `sure`: within
    it nobody is told apart from the first.

    Examples
    --------
    >>> certain = lambda first, second: np.where(values[first] > values[second] + 1, 0.9, 0.5)
    >>> values = np.array([1.0, 5.0, 4.5])
    >>> found = arrange(values, certain, 2 / 3)
    >>> found.order.tolist(), found.p_next.tolist(), found.group.tolist()
    ([1, 2, 0], [0.5, 0.9], [1, 1, 2])
    >>> found.p_best.round(2).tolist()
    [0.47, 0.47, 0.05]
    """
    order = np.argsort(-values, kind="stable")
    p_next = p_above(order[:-1], order[1:]) if len(order) > 1 else np.empty(0)
    above = np.concatenate([[0.5], p_above(np.repeat(order[0], len(order) - 1), order[1:])])
    odds = (1 - above) / np.maximum(above, _LEAST_PROBABILITY)
    group = np.zeros(len(order), np.int64)
    first, number = 0, 0
    while first < len(order):
        number += 1
        end = first + 1
        while end < len(order):
            others = order[end : end + _AT_A_TIME]
            apart = p_above(np.repeat(order[first], len(others)), others) >= sure
            end += int(np.argmax(apart)) if apart.any() else len(others)
            if apart.any():
                break
        group[first:end] = number
        first = end
    return Arrangement(order, p_next, odds / odds.sum(), group)
