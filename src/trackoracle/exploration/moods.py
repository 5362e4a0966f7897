"""Moods: four quadrants of valence and energy, and five steps of valence.

Quadrants are those of Russell's circumplex of affect (1980, J. Personality and Social Psychology
39), with valence as pleasantness and energy as arousal. The middle of both scales divides them;
a value on a border belongs to the higher side.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import UnknownNameError

Values = NDArray[np.float64]

QUADRANTS = ("sad", "calm", "angry", "happy")
"""Valence low and energy low; valence high alone; energy high alone; both high."""
MOODS = ("very dark", "dark", "neutral", "bright", "very bright")
"""Fifths of the scale of valence."""
_MIDDLE = 0.5


def quadrant(valence: Values, energy: Values) -> NDArray[np.int64]:
    """Return the place of each track in `QUADRANTS`: (n,), -1 where either is missing.

    Examples
    --------
    >>> [QUADRANTS[i] for i in quadrant(np.array([0.2, 0.9]), np.array([0.8, 0.5]))]
    ['angry', 'happy']
    """
    found = (valence >= _MIDDLE) + 2 * (energy >= _MIDDLE).astype(np.int64)
    return np.where(np.isnan(valence) | np.isnan(energy), -1, found)


def mood(valence: Values) -> NDArray[np.int64]:
    """Return the place of each track in `MOODS`: (n,), -1 where valence is missing.

    Examples
    --------
    >>> [MOODS[i] for i in mood(np.array([0.0, 0.5, 1.0]))]
    ['very dark', 'neutral', 'very bright']
    """
    steps = np.minimum(np.nan_to_num(valence) * len(MOODS), len(MOODS) - 1).astype(np.int64)
    return np.where(np.isnan(valence), -1, steps)


def in_mood(tracks: pl.DataFrame, name: str) -> NDArray[np.bool_]:
    """Tell which tracks have a mood, a quadrant or a step of valence: (n,).

    Parameters
    ----------
    tracks
        (n, k) track columns; what misses a column that the mood asks for has none.
    name
        One of `QUADRANTS` or `MOODS`, in any case; "very-dark" is "very dark".

    Raises
    ------
    UnknownNameError
        Naming the nearest there is.

    Examples
    --------
    >>> rows = pl.DataFrame({"valence": [0.9, 0.1, None], "energy": [0.5, 0.2, 0.3]})
    >>> in_mood(rows, "happy").tolist(), in_mood(rows, "very-dark").tolist()
    ([True, False, False], [False, True, False])
    """
    valence, energy = (numbers(tracks, column) for column in ("valence", "energy"))
    asked = name.strip().lower().replace("-", " ")
    if asked in QUADRANTS:
        return np.asarray(quadrant(valence, energy) == QUADRANTS.index(asked))
    if asked in MOODS:
        return np.asarray(mood(valence) == MOODS.index(asked))
    raise UnknownNameError("mood", name, (*QUADRANTS, *MOODS))


def numbers(tracks: pl.DataFrame, column: str) -> Values:
    """Return a column's numbers: (n,), NaN where missing, as everywhere without the column."""
    if column not in tracks.columns:
        return np.full(len(tracks), np.nan)
    return tracks[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
