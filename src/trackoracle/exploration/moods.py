"""Moods: the four quadrants of valence and energy, and five steps of valence.

The quadrants are those of Russell's circumplex (1980, J. Personality and Social Psychology 39)
with energy for arousal, divided at the middle of both scales. A border belongs to the mood
above it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import UnknownNameError

Values = NDArray[np.float64]
Ends = tuple[float, float]


@dataclass(frozen=True)
class Mood:
    """One mood: a range of valence, and of energy.

    Parameters
    ----------
    name, meaning
        As it is asked for, and a few words for people.
    valence, energy
        From, to below; 1 is within the uppermost.
    """

    name: str
    meaning: str
    valence: Ends
    energy: Ends = (0.0, 1.0)

    def holds(self, valence: Values, energy: Values) -> NDArray[np.bool_]:
        """Tell which tracks have this mood: (n,), False where its columns are missing (NaN)."""
        held = _within(valence, self.valence)
        return held if self.energy == (0.0, 1.0) else held & _within(energy, self.energy)


def _within(values: Values, ends: Ends) -> NDArray[np.bool_]:
    low, high = ends
    return (values >= low) & ((values <= high) if high >= 1 else (values < high))


QUADRANTS = (
    Mood("happy", "positive and energetic", (0.5, 1.0), (0.5, 1.0)),
    Mood("tense", "negative and energetic", (0.0, 0.5), (0.5, 1.0)),
    Mood("sad", "negative and quiet", (0.0, 0.5), (0.0, 0.5)),
    Mood("calm", "positive and quiet", (0.5, 1.0), (0.0, 0.5)),
)
"""The quadrants, anticlockwise from the upper right of the map (valence across, energy up)."""
VALENCE_MOODS = (
    Mood("gloomy", "valence below .2", (0.0, 0.2)),
    Mood("melancholic", "valence .2 to .4", (0.2, 0.4)),
    Mood("neutral", "valence .4 to .6", (0.4, 0.6)),
    Mood("cheerful", "valence .6 to .8", (0.6, 0.8)),
    Mood("euphoric", "valence .8 and more", (0.8, 1.0)),
)
MOODS = {mood.name: mood for mood in (*QUADRANTS, *VALENCE_MOODS)}


def mood_named(name: str) -> Mood:
    """Return a mood by its name.

    Raises
    ------
    UnknownNameError
        Naming the nearest there is.

    Examples
    --------
    >>> mood_named("Calm").meaning
    'positive and quiet'
    """
    mood = MOODS.get(name.strip().lower())
    if mood is None:
        raise UnknownNameError("mood", name, MOODS)
    return mood


def mood_codes(tracks: pl.DataFrame, moods: tuple[Mood, ...] = QUADRANTS) -> NDArray[np.int64]:
    """Return the place of each track's mood among some that do not overlap: (n,), -1 for none.

    Parameters
    ----------
    tracks
        (n, k) track columns; without valence (or energy, where the moods ask for it) no track
        has a mood.
    moods
        `QUADRANTS` or `VALENCE_MOODS`.

    Examples
    --------
    >>> rows = pl.DataFrame({"valence": [0.9, 0.1, None], "energy": [0.5, 0.2, 0.3]})
    >>> [QUADRANTS[i].name if i >= 0 else None for i in mood_codes(rows)]
    ['happy', 'sad', None]
    """
    valence, energy = (numbers(tracks, name) for name in ("valence", "energy"))
    codes = np.full(len(tracks), -1, np.int64)
    for i, mood in enumerate(moods):
        codes[mood.holds(valence, energy)] = i
    return codes


def numbers(tracks: pl.DataFrame, column: str) -> Values:
    """Return a column's numbers: (n,), NaN where missing, as everywhere without the column."""
    if column not in tracks.columns:
        return np.full(len(tracks), np.nan)
    return tracks[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
