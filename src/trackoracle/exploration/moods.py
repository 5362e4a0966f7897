"""Moods: four quadrants of valence and energy, and five steps of valence.

Quadrants are those of Russell's circumplex of affect (1980), with valence as pleasantness and
energy as arousal. The middle of both scales divides them; a value on a border belongs to the
higher side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

QUADRANTS = ("sad", "calm", "angry", "happy")
"""Valence low and energy low; valence high alone; energy high alone; both high."""
MOODS = ("very dark", "dark", "neutral", "bright", "very bright")
"""Fifths of the scale of valence."""
_MIDDLE = 0.5


def quadrant(valence: NDArray[np.float64], energy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place of each track in `QUADRANTS`: (n,), -1 where either is missing.

    Examples
    --------
    >>> [QUADRANTS[i] for i in quadrant(np.array([0.2, 0.9]), np.array([0.8, 0.5]))]
    ['angry', 'happy']
    """
    found = (valence >= _MIDDLE) + 2 * (energy >= _MIDDLE).astype(np.int64)
    return np.where(np.isnan(valence) | np.isnan(energy), -1, found)


def mood(valence: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place of each track in `MOODS`: (n,), -1 where valence is missing.

    Examples
    --------
    >>> [MOODS[i] for i in mood(np.array([0.0, 0.5, 1.0]))]
    ['very dark', 'neutral', 'very bright']
    """
    steps = np.minimum(np.nan_to_num(valence) * len(MOODS), len(MOODS) - 1).astype(np.int64)
    return np.where(np.isnan(valence), -1, steps)
