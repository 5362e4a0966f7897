"""Which tracks share a genre, and how many years lie between tracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import UnknownNameError
from trackoracle.schema import entries

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Genres:
    """The tracks of each genre.

    Parameters
    ----------
    names
        Genres without regard to case, each with its place.
    rows, begins
        (m,) rows genre after genre, and (g + 1,) where each genre's rows begin, and the end.
    n_tracks
        Of the catalog.
    """

    names: dict[str, int]
    rows: NDArray[np.int64]
    begins: NDArray[np.int64]
    n_tracks: int

    @classmethod
    def of(cls, tracks: pl.DataFrame) -> Genres:
        """Collect them; a catalog without genres has none."""
        if "genres" not in tracks.columns:
            return cls({}, np.empty(0, np.int64), np.zeros(1, np.int64), len(tracks))
        flat, lengths = entries(tracks["genres"])
        names: dict[str, int] = {}
        codes = np.array([names.setdefault(_plain(name), len(names)) for name in flat], np.int64)
        rows = np.repeat(np.arange(len(tracks)), lengths)
        order = np.argsort(codes, kind="stable")
        begins = np.searchsorted(codes[order], np.arange(len(names) + 1))
        return cls(names, rows[order], begins, len(tracks))

    def sharing(self, wanted: list[str]) -> Flags:
        """Tell which tracks have any of some genres: (n,)."""
        found = np.zeros(self.n_tracks, bool)
        for name in {_plain(name) for name in wanted}:
            place = self.names.get(name)
            if place is not None:
                found[self.rows[self.begins[place] : self.begins[place + 1]]] = True
        return found

    def required(self, wanted: list[str]) -> Flags:
        """Tell it as `sharing` does; raises UnknownNameError where the catalog has none of them."""
        if not any(_plain(name) in self.names for name in wanted):
            raise UnknownNameError("genre", ", ".join(wanted), self.names)
        return self.sharing(wanted)


def _plain(name: str) -> str:
    return name.strip().lower()


def years(tracks: pl.DataFrame) -> Values:
    """Return the year of release of each track, else its decade's first: (n,), NaN if unknown.

    Examples
    --------
    >>> years(pl.DataFrame({"year": [1999, None], "decade": [None, 1960]})).tolist()
    [1999.0, 1960.0]
    """
    ways = [
        pl.col("release_date").dt.year() if name == "release_date" else pl.col(name)
        for name in ("release_date", "year", "decade")
        if name in tracks.columns and (name != "release_date" or tracks[name].dtype.is_temporal())
    ]
    if not ways:
        return np.full(len(tracks), np.nan)
    found = tracks.select(pl.coalesce(way.cast(pl.Float64) for way in ways).alias("year"))
    return found["year"].fill_null(np.nan).to_numpy()
