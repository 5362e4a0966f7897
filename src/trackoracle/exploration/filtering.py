"""Filters: which tracks of a catalog someone wants to see, asked many times over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.exploration.conditions import Ends, Flags
from trackoracle.exploration.moods import numbers
from trackoracle.features import family
from trackoracle.schema import Catalog

Places = NDArray[np.int64]
YEAR = "year"


@dataclass(frozen=True)
class TrackFilter:
    """Which tracks are wanted; what is left out asks for nothing.

    Parameters
    ----------
    text
        Words, or their parts, each of which stands in the title or in a credit; case and accents
        do not count.
    families, genres
        Tracks of any of these families of genres, and of any of these genres.
    explicit
        Whether their lyrics are marked explicit.
    ranges
        By numeric column, or `year` of release, the least and the most; None for no end. What
        does not know the column does not meet it.
    """

    text: str = ""
    families: Sequence[str] = ()
    genres: Sequence[str] = ()
    explicit: bool | None = None
    ranges: Mapping[str, Ends] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        told = (self.text.strip(), self.families, self.genres, self.ranges)
        return any(map(bool, told)) or self.explicit is not None


@dataclass(frozen=True, eq=False)
class Sieve:
    """A catalog that answers filters; what answering needs is prepared on first use.

    Examples
    --------
    >>> import trackoracle as to
    >>> sieve = Sieve(to.load_catalog("sample"))
    >>> rows = sieve.rows(TrackFilter(families=["metal"], ranges={"energy": (0.8, None)}))
    >>> bool((sieve.catalog.tracks["energy"].to_numpy()[rows] >= 0.8).all())
    True
    """

    catalog: Catalog

    def rows(self, wanted: TrackFilter) -> Places:
        """Return the rows that meet a filter, in the order of the catalog: (m,).

        Raises
        ------
        UnknownNameError
            On a range of a column that is no number of the catalog.
        ConfigError
            On a range whose ends are exchanged.
        """
        left = np.ones(len(self.catalog), bool)
        for name, ends in wanted.ranges.items():
            left &= self._within(name, ends)
        if wanted.explicit is not None:
            left &= self.values("explicit") == float(wanted.explicit)
        if wanted.families or wanted.genres:
            left &= self._of_genres(wanted)
        for word in wanted.text.split():
            left &= self._named(word)
        return np.flatnonzero(left).astype(np.int64)

    @cached_property
    def years(self) -> NDArray[np.float64]:
        """The year of release: (n,), NaN where it is not known."""
        released = self.catalog.keys.released
        years = released.astype("datetime64[Y]").astype(np.int64) + 1970.0
        return np.where(np.isnat(released), np.nan, years)

    def values(self, column: str) -> NDArray[np.float64]:
        """Return a numeric column, or the `year` of release: (n,), NaN where it is not known."""
        tracks = self.catalog.tracks
        if column == YEAR:
            return self.years
        known = [name for name, dtype in tracks.schema.items() if dtype.is_numeric()]
        if column not in known:
            raise UnknownNameError("range", column, [*known, YEAR])
        return numbers(tracks, column)

    @cached_property
    def genres(self) -> dict[str, int]:
        """Each genre of the catalog and its number of tracks, by name."""
        counts = self._entries["genre"].value_counts()
        return dict(sorted(counts.iter_rows()))

    def _within(self, column: str, ends: Ends) -> Flags:
        low, high = ends
        low, high = -np.inf if low is None else low, np.inf if high is None else high
        if not low <= high:
            raise ConfigError(
                f"{column}: expected a lower end below the upper one, got {low:g} to {high:g}. "
                "Exchange them."
            )
        values = self.values(column)
        return (values >= low) & (values <= high)

    @cached_property
    def _entries(self) -> pl.DataFrame:
        """One row for each genre of each track: its row, and the genre."""
        tracks = self.catalog.tracks
        if "genres" not in tracks.columns:
            return pl.DataFrame(schema={"row": pl.UInt32, "genre": pl.String})
        listed = tracks.select(pl.col("genres").alias("genre")).with_row_index("row")
        entries = listed.explode("genre").drop_nulls()
        return entries.with_columns(pl.col("genre").str.strip_chars().cast(pl.Categorical))

    def _of_genres(self, wanted: TrackFilter) -> Flags:
        """Return which tracks have one of the families, and one of the genres: (n,)."""
        left = np.ones(len(self.catalog), bool)
        families = [name for name in self.genres if family(name) in wanted.families]
        for asked, names in ((wanted.families, families), (wanted.genres, wanted.genres)):
            if asked:
                of = self._entries.filter(pl.col("genre").cast(pl.String).is_in(list(names)))
                met = np.zeros(len(self.catalog), bool)
                met[of["row"].to_numpy()] = True
                left &= met
        return left

    @cached_property
    def _names(self) -> pl.Series:
        """Title and credits of each track in one text without case and accents: (n,)."""
        tracks = self.catalog.tracks
        given = [name for name in ("track_name", "artists") if name in tracks.columns]
        if not given:
            return pl.Series([""] * len(tracks), dtype=pl.String)
        texts = [
            pl.col(name).list.join("\n") if tracks.schema[name] == pl.List(pl.String)
            else pl.col(name)
            for name in given
        ]  # fmt: skip
        joined = pl.concat_str(texts, separator="\n", ignore_nulls=True)
        return tracks.select(_folded(joined).alias("names"))["names"]

    def _named(self, word: str) -> Flags:
        form = pl.select(_folded(pl.lit(word))).item()
        return np.asarray(self._names.str.contains(form, literal=True).to_numpy(), bool)


def _folded(text: pl.Expr) -> pl.Expr:
    """Put text in small letters without accents; its words stay apart, since parts are sought."""
    return text.str.normalize("NFKD").str.replace_all(r"[\u0300-\u036f]", "").str.to_lowercase()
