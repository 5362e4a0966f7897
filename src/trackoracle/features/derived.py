"""Model inputs that follow from one row alone: nothing is fitted.

Each derived input names the columns it needs; with any of them missing it is
missing too, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.schema import InputGroup

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Derived:
    """One derived input.

    Parameters
    ----------
    name, group
        As the explanation shows it.
    needs
        Columns that the formula takes, in its order.
    formula
        Arrays (n,) to an array (n,); NaN in, NaN out.
    """

    name: str
    group: InputGroup
    needs: tuple[str, ...]
    formula: Callable[..., Values]

    def values(self, columns: Mapping[str, Values]) -> Values:
        """Apply the formula to the columns of n rows."""
        return self.formula(*(columns[name] for name in self.needs))


def _above(threshold: float) -> Callable[[Values], Values]:
    return lambda x: np.where(np.isnan(x), np.nan, (x > threshold).astype(np.float64))


def _fifths(turn: Callable[[Values], Values]) -> Callable[[Values], Values]:
    # Seven semitones are one step on the circle of fifths; key -1 means none was found.
    return lambda key: np.where(key < 0, np.nan, turn(2 * np.pi * (key * 7 % 12) / 12))


def _mood(valence: Values, energy: Values) -> Values:
    """Angle in the valence-arousal plane, degrees (Russell 1980, circumplex model of affect)."""
    return np.degrees(np.arctan2(energy - 0.5, valence - 0.5))


DERIVED: tuple[Derived, ...] = (
    Derived("energy_x_valence", "audio", ("energy", "valence"), np.multiply),
    Derived("loudness_x_danceability", "audio", ("loudness", "danceability"), np.multiply),
    Derived("energy_x_loudness", "audio", ("energy", "loudness"), np.multiply),
    Derived("mood_angle", "audio", ("valence", "energy"), _mood),
    Derived("key_fifths_x", "audio", ("key",), _fifths(np.cos)),
    Derived("key_fifths_y", "audio", ("key",), _fifths(np.sin)),
    # Thresholds of the Spotify Web API reference: above .5 likely instrumental, above .8 live.
    Derived("is_acoustic", "audio", ("acousticness",), _above(0.5)),
    Derived("is_instrumental", "audio", ("instrumentalness",), _above(0.5)),
    Derived("is_live", "audio", ("liveness",), _above(0.8)),
)
