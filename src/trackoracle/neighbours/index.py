"""An index over the tracks of a catalog, and what it answers.

The distance of two tracks is the root of the mean squared gap over the audio features that both
know, in standard deviations; another genre and each decade apart can be made to count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import ConfigError, SourceError
from trackoracle.neighbours.boxes import Boxes
from trackoracle.neighbours.coordinates import FEATURES, Points, Scale
from trackoracle.neighbours.genres import Genres, years
from trackoracle.neighbours.nearest import Nearest
from trackoracle.neighbours.recordings import Marks
from trackoracle.schema import Catalog

Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
Progress = Callable[[int, int, str], None]
Extra = Callable[[Rows], Points]
SHOWN = (
    "track_id", "track_name", "artists", "album_name", "genres", "release_date", "year", "decade",
    "popularity", *FEATURES,
)  # fmt: skip
"""Columns that an index keeps: what it compares by, and what people know a track by."""
MOST_WANTED = 10_000
LEAST_IN_COMMON = 0.5
"""Share of the asked track's features that another must know to be compared with it."""
_BLOCK = 65_536
YEARS_UNIT = 10.0


@dataclass(frozen=True)
class Wish:
    """How to compare.

    Parameters
    ----------
    k
        Tracks wanted.
    within_genre
        Only tracks that share a genre.
    genre_weight
        A track that shares no genre, or names none, counts as if every feature were so many
        standard deviations farther away (added in squares).
    era_weight
        The same for each decade between the releases; of a track that is not dated, as for the
        catalog's mean squared difference.
    """

    k: int = 10
    within_genre: bool = False
    genre_weight: float = 0.0
    era_weight: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MOST_WANTED:
            raise ConfigError(f"k: expected 1 to {MOST_WANTED:,} tracks, got {self.k:,}. Try 10.")
        for name in ("genre_weight", "era_weight"):
            weight = getattr(self, name)
            if not 0 <= weight <= 100:
                raise ConfigError(f"{name}: expected 0 to 100, got {weight:g}. Try 0.5.")


@dataclass(frozen=True, eq=False)
class Found:
    """What is near one track: rows of the catalog (m,), the nearest first, and how far they are.

    Parameters
    ----------
    distance, audio
        (m,) in all, and by audio features alone.
    gaps
        (m, f) in each feature, NaN where either track misses it.
    """

    rows: Rows
    distance: NDArray[np.float64]
    audio: NDArray[np.float64]
    gaps: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """An index over the tracks of a catalog.

    Parameters
    ----------
    tracks
        (n, k) the columns of `SHOWN` that there are.
    recording
        (n,) the code of each track's recording.
    marks
        By what a recording is recognised.
    scale, boxes, genres
        How features become coordinates; tracks that know all of them; tracks by genre.
    partial, partial_rows
        (m, c) and (m,): tracks that miss some of them, looked at one and all.

    Examples
    --------
    >>> from trackoracle.catalogs import load_catalog
    >>> index = Neighbours.of(load_catalog("sample"))
    >>> found = index.near(index.tracks[:1], Wish(k=3), row=0)
    >>> len(found.rows), bool((np.diff(found.distance) >= 0).all())
    (3, True)
    """

    tracks: pl.DataFrame
    recording: Rows
    marks: Marks
    scale: Scale
    boxes: Boxes
    genres: Genres
    partial: Points
    partial_rows: Rows
    years: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, catalog: Catalog, progress: Progress | None = None) -> Neighbours:
        """Build the index of a catalog; raises SourceError where no feature tells tracks apart."""
        told = progress or _silent
        told(0, 3, "recordings")
        recording = catalog.keys.recording.astype(np.int32)
        marks = Marks.of(catalog.tracks, recording)
        told(1, 3, "features")
        shown = catalog.tracks.select(name for name in SHOWN if name in catalog.tracks.columns)
        # A few rows of a table in several chunks cost as much as many.
        index = cls.assembled(shown.rechunk(), recording, marks)
        told(3, 3, "")
        return index

    @classmethod
    def assembled(
        cls, tracks: pl.DataFrame, recording: Rows, marks: Marks, places: Rows | None = None
    ) -> Neighbours:
        """Put an index together; `places` of the complete tracks in boxes, where known.

        Raises ValueError where the places are none.
        """
        scale = Scale.of(tracks)
        points = scale.points(tracks)
        complete = ~np.isnan(points).any(axis=1)
        rows = np.flatnonzero(complete).astype(np.int32)
        if places is None:
            boxes = Boxes.of(points[rows], rows)
        else:
            given = np.sort(places[places >= 0])
            if not np.array_equal(given, np.arange(len(rows))):
                raise ValueError("boxes: expected each complete track once, got others")
            boxes = Boxes.placed(points[rows], rows, places)
        partial_rows = np.flatnonzero(~complete).astype(np.int32)
        return cls(
            tracks, recording, marks, scale, boxes, Genres.of(tracks), points[partial_rows],
            partial_rows, years(tracks),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.tracks)

    def row_of(self, track: str) -> int:
        """Return the row of a track, by its id, else by its row's number from 1."""
        if "track_id" in self.tracks.columns:
            found = np.flatnonzero((self.tracks["track_id"] == track).fill_null(False).to_numpy())
            if len(found):
                return int(found[0])
        if track.isdecimal() and len(track) < 19 and 1 <= int(track) <= len(self):
            return int(track) - 1
        raise SourceError(
            f"track: expected an id of the catalog or a row from 1 to {len(self):,}, got "
            f"{track!r}. Give one of these."
        )

    def near(self, track: pl.DataFrame, wish: Wish, *, row: int | None = None) -> Found:
        """Find the tracks that are most like one, each another recording than it.

        Parameters
        ----------
        track
            (1, k) typed track columns.
        row
            Its row, where it is a track of the catalog.

        Raises
        ------
        SourceError
            When it knows no feature by which the catalog is compared.
        UnknownNameError
            Within its genre, where the catalog has none of that name.
        """
        point = self.scale.points(track)[0]
        known = ~np.isnan(point[self.scale.begins])
        if not known.any():
            raise SourceError(
                f"similar: expected a track with any of {', '.join(self.scale.features)}, got one "
                "with none of them. Give it audio features, or a recording."
            )
        own = self.recording[[row]] if row is not None else self.marks.recordings_of(track)
        extra = self._extra(track, wish, own)
        # Squared gaps are summed; their mean over the track's features is the squared distance.
        n_known = np.float32(known.sum())
        nearest = Nearest(wish.k, self.recording)

        def take(squared: Points, rows: Rows) -> float:
            total = squared / n_known + extra(rows)
            return nearest.take(total, rows) * float(n_known)

        self.boxes.search(point, take)
        for start in range(0, len(self.partial), _BLOCK):
            part = slice(start, start + _BLOCK)
            rows = self.partial_rows[part]
            nearest.take(self._partly(point, known, self.partial[part]) + extra(rows), rows)
        return self._found(point, nearest.rows, extra)

    def distances(self, row: int, others: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how far one track is from some, by audio alone: (m,).

        Infinite where they have too few features in common.
        """
        point = self.scale.points(self.tracks[row : row + 1])[0]
        known = ~np.isnan(point[self.scale.begins])
        points = self.scale.points(self.tracks[others])
        return np.sqrt(self._partly(point, known, points).astype(np.float64))

    def _partly(self, point: Points, known: Flags, others: Points) -> Points:
        """Return the mean squared gap over what both know, infinite where it is too little."""
        squared = self.scale.gaps(point, others) ** 2
        both = ~np.isnan(squared)
        n_both = both.sum(axis=1)
        enough = n_both >= max(1, LEAST_IN_COMMON * known.sum())
        mean = np.where(both, squared, 0).sum(axis=1) / np.maximum(n_both, 1)
        return np.where(enough, mean, np.inf).astype(np.float32)

    def _extra(self, track: pl.DataFrame, wish: Wish, own: Rows) -> Extra:
        """Return what is added to the squared distance of rows: infinite for those left out."""
        genres, shares = genres_of(track), None
        year = years(track)[0] if wish.era_weight else np.nan
        if wish.within_genre:
            if not genres:
                raise ConfigError(
                    "within_genre: expected a track with a genre, got one without. Name it in "
                    "the column genres, or leave the option out."
                )
            shares, other = self.genres.required(genres), np.inf
        elif wish.genre_weight and genres:
            shares, other = self.genres.sharing(genres), wish.genre_weight**2

        def extra(rows: Rows) -> Points:
            added = np.zeros(len(rows), np.float32)
            if shares is not None:
                added[~shares[rows]] = other
            if not np.isnan(year):
                apart = np.square((self.years[rows] - year) / YEARS_UNIT)
                apart[np.isnan(apart)] = self._usual_apart
                added += (wish.era_weight**2 * apart).astype(np.float32)
            recording = self.recording[rows]
            for code in own:
                added[recording == code] = np.inf
            return added

        return extra

    @cached_property
    def _usual_apart(self) -> float:
        """The mean squared number of decades between two tracks of the catalog."""
        dated = self.years[~np.isnan(self.years)]
        return float(2 * np.var(dated / YEARS_UNIT)) if len(dated) else 0.0

    def _found(self, point: Points, rows: Rows, extra: Extra) -> Found:
        gaps = self.scale.gaps(point, self.scale.points(self.tracks[rows]))
        audio = np.nanmean(gaps**2, axis=1) if len(rows) else np.empty(0)
        distance = np.sqrt(audio + extra(rows))
        order = np.lexsort((rows, distance))
        return Found(rows[order], distance[order], np.sqrt(audio[order]), gaps[order])


def _silent(n_done: int, n_all: int, last: str) -> None:
    return None


def genres_of(track: pl.DataFrame) -> list[str]:
    """Return the genres of one track (1, k)."""
    names = track["genres"].to_list()[0] if "genres" in track.columns else None
    return [str(name) for name in names or () if name]
