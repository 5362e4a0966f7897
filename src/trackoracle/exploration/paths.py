"""An order of tracks in which neighbours go together in tempo and energy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

TEMPO_UNIT, ENERGY_UNIT = 0.1, 0.1
"""A step of a tenth of an octave (7 %) counts as much as one of a tenth of energy."""
OTHER_TIME = 0.25
"""What half or double time costs beside, in the same unit: a beat goes on, but not the feel."""
_MOST_SWAPS = 2_000


def tempo_ratio(before: float, after: float) -> float:
    """Return by which factor a tempo differs from another, at the nearest of three times.

    Examples
    --------
    >>> round(tempo_ratio(85, 174), 3), tempo_ratio(120, 60), tempo_ratio(100, 110)
    (1.024, 1.0, 1.1)
    """
    octaves = np.log2(after / before)
    return float(2 ** (octaves - np.clip(np.round(octaves), -1, 1)))


def step_costs(tempo: Values, energy: Values) -> Values:
    """Return what each step from track to track costs: (n, n), symmetric.

    A value that is not known costs as much as the mean step of those that are.
    """
    octaves = np.log2(tempo[:, None] / tempo[None, :])
    times = np.clip(np.round(octaves), -1, 1)
    fast = np.abs(octaves - times) / TEMPO_UNIT + OTHER_TIME * np.abs(times)
    loud = np.abs(energy[:, None] - energy[None, :]) / ENERGY_UNIT
    return _filled(fast) + _filled(loud)


def _filled(costs: Values) -> Values:
    missing = np.isnan(costs)
    return np.where(missing, 0.0 if missing.all() else costs[~missing].mean(), costs)


def smooth_order(tempo: Values, energy: Values) -> NDArray[np.int64]:
    """Return an order in which steps are small: (n,), the calmer end first.

    The nearest unvisited track is taken from every possible start, and the best of these paths is
    improved until no reversal of a part makes it shorter (2-opt).

    Examples
    --------
    >>> smooth_order(np.array([80.0, 120, 162, 124]), np.array([0.2, 0.6, 0.25, 0.5])).tolist()
    [0, 2, 3, 1]
    """
    n = len(tempo)
    if n < 2:
        return np.arange(n)
    costs = step_costs(tempo, energy)
    best = min((_greedy(costs, start) for start in range(n)), key=lambda p: path_cost(costs, p))
    best = _shortened(costs, best)
    ends = energy[best[[0, -1]]]
    return best[::-1] if ends[0] > ends[1] else best


def path_cost(costs: Values, path: NDArray[np.int64]) -> float:
    """Return the sum of a path's steps."""
    return float(costs[path[:-1], path[1:]].sum())


def _greedy(costs: Values, start: int) -> NDArray[np.int64]:
    left = costs.copy()
    path = np.empty(len(costs), np.int64)
    path[0] = start
    for i in range(1, len(costs)):
        left[:, path[i - 1]] = np.inf
        path[i] = left[path[i - 1]].argmin()
    return path


def _shortened(costs: Values, path: NDArray[np.int64]) -> NDArray[np.int64]:
    """Reverse the part that shortens the path most, as long as there is one."""
    n = len(path)
    # Both ends are free: a place that costs nothing to reach stands before and after.
    padded = np.zeros((n + 1, n + 1))
    padded[:n, :n] = costs
    around = np.concatenate([[n], path, [n]])
    for _ in range(_MOST_SWAPS):
        before, first, last, after = around[:-2], around[1:-1], around[1:-1], around[2:]
        now = padded[before, first][:, None] + padded[last, after][None, :]
        then = padded[before[:, None], last[None, :]] + padded[first[:, None], after[None, :]]
        gain = np.triu(now - then, 1)
        i, j = np.unravel_index(gain.argmax(), gain.shape)
        if gain[i, j] <= 1e-9:
            break
        around[i + 1 : j + 2] = around[i + 1 : j + 2][::-1]
    return around[1:-1]
