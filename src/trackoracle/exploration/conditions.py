"""Conditions on tracks, and what to say when none is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import ConfigError, MissingColumnError, NoTracksError, UnknownNameError
from trackoracle.exploration.moods import MOODS, QUADRANTS, in_mood, numbers
from trackoracle.schema import Condition

Flags = NDArray[np.bool_]
Ends = tuple[float | None, float | None]
Near = Callable[[Flags], str]


@dataclass(frozen=True, eq=False)
class Filter:
    """One condition: which tracks meet it (n,), and what comes nearest among others that do not.

    Parameters
    ----------
    what
        As people say it.
    nearest
        Says the nearest choice of which some tracks (n,) are left.
    """

    what: str
    met: Flags
    nearest: Near

    @property
    def told(self) -> Condition:
        """What a result tells of it."""
        return Condition(self.what, int(self.met.sum()))


def filters_of(
    tracks: pl.DataFrame,
    *,
    mood: str | None,
    genre: str | None,
    min_popularity: float | None,
    ranges: Mapping[str, Ends],
) -> list[Filter]:
    """Read the conditions that are given; see `make_playlist` for what they mean and raise."""
    found = []
    if mood is not None:
        found.append(_mood(tracks, mood))
    if genre is not None:
        found.append(_genre(tracks, genre))
    if min_popularity is not None:
        ends = (min_popularity, None)
        found.append(
            _range(tracks, "popularity", ends, f"popularity of {min_popularity:g} or more")
        )
    found += [_range(tracks, name, ends) for name, ends in ranges.items()]
    return found


def _mood(tracks: pl.DataFrame, mood: str) -> Filter:
    def nearest(others: Flags) -> str:
        counts = {name: int((in_mood(tracks, name) & others).sum()) for name in names}
        most = max(counts, key=lambda name: counts[name])
        return f"mood {most!r} ({_n(counts[most])})" if counts[most] else ""

    met = in_mood(tracks, mood)
    names = QUADRANTS if mood.strip().lower() in QUADRANTS else MOODS
    needed = ("valence", "energy") if names is QUADRANTS else ("valence",)
    _require(tracks, needed, "mood")
    return Filter(f"mood {mood!r}", met, nearest)


def _genre(tracks: pl.DataFrame, genre: str) -> Filter:
    _require(tracks, ("genres",), "genre")
    wanted = genre.strip().lower()
    entries = (
        tracks.lazy()
        .select("genres")
        .with_row_index("row")
        .explode("genres")
        .select("row", pl.col("genres").str.strip_chars().str.to_lowercase().alias("genre"))
        .drop_nulls()
        .collect()
    )
    met = np.zeros(len(tracks), bool)
    met[entries.filter(pl.col("genre") == wanted)["row"].to_numpy()] = True
    if not met.any():
        raise UnknownNameError("genre", genre, entries["genre"].unique().to_list())

    def nearest(others: Flags) -> str:
        left = entries.filter(pl.lit(pl.Series(others)).gather(pl.col("row")))
        counts = (
            left["genre"].value_counts(sort=True).sort(["count", "genre"], descending=[True, False])
        )
        if counts.is_empty():
            return ""
        name, n = counts.row(0)
        return f"genre {name!r} ({_n(n)})"

    return Filter(f"genre {genre!r}", met, nearest)


def _range(tracks: pl.DataFrame, column: str, ends: Ends, what: str | None = None) -> Filter:
    known = [name for name, dtype in tracks.schema.items() if dtype.is_numeric()]
    if column not in known:
        if column == "popularity":
            _require(tracks, (column,), "min_popularity")
        raise UnknownNameError("range", column, known)
    low, high = (-np.inf if ends[0] is None else ends[0]), (np.inf if ends[1] is None else ends[1])
    if not low <= high:
        raise ConfigError(
            f"{column}: expected a lower end below the upper one, got {low:g} to {high:g}. "
            "Exchange them."
        )
    _require(tracks, (column,), column)
    values = numbers(tracks, column)

    def nearest(others: Flags) -> str:
        left = values[others & ~np.isnan(values)]
        if not len(left):
            return ""
        away = np.maximum(low - left, left - high)
        value = float(left[away.argmin()])
        return f"{column} {value:.10g}"

    return Filter(what or _range_text(column, ends), (values >= low) & (values <= high), nearest)


def _range_text(column: str, ends: Ends) -> str:
    low, high = ends
    if low is None and high is None:
        return f"{column} that is known"
    if low is None:
        return f"{column} up to {high:g}"
    return f"{column} {low:g} to {high:g}" if high is not None else f"{column} of {low:g} or more"


def _require(tracks: pl.DataFrame, columns: tuple[str, ...], what: str) -> None:
    for name in columns:
        if name not in tracks.columns or tracks[name].null_count() == len(tracks):
            raise MissingColumnError(
                f"{what}: expected a catalog that tells {name}, got one without any. "
                "Leave the condition out, or map the column.",
                column=name,
            )


def kept(n: int, filters: list[Filter]) -> Flags:
    """Return which of n tracks meet every condition: (n,).

    Raises
    ------
    NoTracksError
        When none does: naming the condition that left none, and the nearest choice that leaves
        some.
    """
    left = np.ones(n, bool)
    for one in filters:
        if not (left & one.met).any():
            raise _none_left(filters, one, left)
        left &= one.met
    return left


def _none_left(filters: list[Filter], emptied: Filter, before: Flags) -> NoTracksError:
    """Say which condition emptied the result, and what the nearest choice is."""
    # The last one that left none is blamed; another choice of it may not help where later
    # conditions leave none either.
    choices = [emptied, *(one for one in filters if one is not emptied)]
    advice = ""
    for one in choices:
        others = np.ones(len(before), bool)
        for other in filters:
            others &= other.met | (other is one)
        advice = one.nearest(others) if others.any() else ""
        if advice:
            break
    if not advice:
        advice = emptied.nearest(before)
        suffix = f", with the conditions before it alone: {advice}" if advice else ""
        advice = f"nothing, whichever one condition is changed{suffix}"
    alone = int(emptied.met.sum())
    counted = f"alone it leaves {_n(alone)}"
    if emptied is not filters[0]:
        counted += f", the conditions before it {_n(int(before.sum()))}"
    return NoTracksError(
        f"playlist: expected tracks that meet every condition, got none: {emptied.what} leaves "
        f"none ({counted}). The nearest choice that leaves some: {advice}.",
        condition=emptied.what,
        nearest=advice,
    )


def _n(count: int) -> str:
    return f"{count:,} track{'' if count == 1 else 's'}"
