"""What the sections read of a catalog: columns as shown, the target, and whose a track is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import TRACK_COLUMNS, Catalog

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
NUMBERS = (
    "duration_ms", "tempo", "loudness", "danceability", "energy", "valence", "acousticness",
    "instrumentalness", "speechiness", "liveness", "chorus_hit", "sections",
    "artist_popularity", "artist_followers",
)  # fmt: skip
"""Numeric columns in the order in which they are shown; those of the user follow."""
LEVELS = ("explicit", "mode", "key", "time_signature")
_SHOWN = {"duration_ms": ("duration", "min", 1 / 60_000)}
"""Columns shown in another unit: name, unit and factor."""
N_PARTS = 5
"""Equal parts by the target."""


@dataclass(frozen=True)
class Seen:
    """A catalog as the sections read it.

    Parameters
    ----------
    catalog
        The tracks.
    target
        "popularity", "hit" or None.
    """

    catalog: Catalog
    target: str | None

    @classmethod
    def of(cls, catalog: Catalog) -> Seen:
        """Choose the target: popularity, or else hit, where any track has a value."""
        return cls(
            catalog, next((t for t in ("popularity", "hit") if _has(catalog.tracks, t)), None)
        )

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Numeric columns with any value: the name shown to the column."""
        tracks = self.catalog.tracks
        own = [name for name in self.catalog.other if tracks[name].dtype.is_numeric()]
        found = [name for name in (*NUMBERS, *own) if _has(tracks, name)]
        return {_SHOWN.get(name, (name,))[0]: name for name in found}

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Columns of few levels with any value."""
        return tuple(name for name in LEVELS if _has(self.catalog.tracks, name))

    def unit(self, name: str) -> str:
        """Return the unit of a column as shown."""
        column = self.numbers.get(name, name)
        if column in _SHOWN:
            return _SHOWN[column][1]
        return TRACK_COLUMNS[column].unit if column in TRACK_COLUMNS else ""

    def values(self, name: str) -> Values:
        """Return a column as shown, NaN where it is missing: (n,)."""
        column = self.numbers.get(name, name)
        read = self.catalog.tracks[column].cast(pl.Float64, strict=False).to_numpy()
        values = np.where(np.isfinite(read), read, np.nan)
        return values * _SHOWN[column][2] if column in _SHOWN else values

    def is_share(self, name: str) -> bool:
        """Tell whether a column goes from 0 to 1."""
        known = TRACK_COLUMNS.get(self.numbers.get(name, name))
        return known is not None and (known.low, known.high, known.whole) == (0.0, 1.0, False)

    @cached_property
    def y(self) -> Values:
        """The target, hits as 100 and misses as 0: (n,), NaN where it is not known."""
        if self.target is None:
            return np.full(len(self.catalog), np.nan)
        return self.values(self.target) * (100.0 if self.target == "hit" else 1.0)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which tracks have a target: (n,)."""
        return ~np.isnan(self.y)

    @property
    def artists(self) -> Codes:
        """Code of the first artist, by which intervals take tracks together: (n,)."""
        return self.catalog.keys.first_artist

    @cached_property
    def parts(self) -> tuple[tuple[str, ...], Codes]:
        """Equal parts by the target: their names, and each track's, -1 without a target: (n,).

        Ties stay together, so parts may be unequal, and fewer.
        """
        if self.target is None or not self.known.any():
            return (), np.full(len(self.y), -1)
        known = self.y[self.known]
        cuts = np.unique(np.quantile(known, np.arange(1, N_PARTS) / N_PARTS, method="lower"))
        codes = np.where(self.known, np.searchsorted(cuts, np.nan_to_num(self.y)), -1)
        present, codes[self.known] = np.unique(codes[self.known], return_inverse=True)
        names = []
        for part in range(len(present)):
            own = self.y[codes == part]
            ends = f"{own.min():.3g}", f"{own.max():.3g}"
            names.append(ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}")
        if self.target == "hit":
            names = ["hit" if name == "100" else "miss" for name in names]
        return tuple(names), codes


def _has(tracks: pl.DataFrame, name: str) -> bool:
    return name in tracks.columns and tracks[name].null_count() < len(tracks)
