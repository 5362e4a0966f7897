"""What the target goes with: two groups, several, or along a column; corrected together."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.exploration.effects import (
    Comparison,
    compare_along,
    compare_many,
    compare_two,
    corrected,
)
from trackoracle.exploration.genres import LEAST, MOST
from trackoracle.exploration.moods import MOODS, mood
from trackoracle.exploration.seen import Codes, Seen
from trackoracle.exploration.targets import level_name

_HALF = 0.5
"""Above it a track is instrumental, by the Web API reference; of acousticness it is the middle."""
_LIVE = 0.8
"""Above it a track was most likely performed before an audience, by the same reference."""
Truth = NDArray[np.float64]


def comparisons_of(seen: Seen) -> tuple[Comparison, ...]:
    """Ask every question that the catalog's columns allow."""
    if seen.target is None:
        return ()
    asked = [*_of_two(seen), *_of_many(seen), *_along(seen)]
    return corrected([test for test in asked if test is not None])


def _of_two(seen: Seen) -> list[Comparison | None]:
    """Compare two groups; 1 for the first group, 0 for the second, NaN for neither."""
    found: list[Comparison | None] = []
    for code, names, truth in _splits(seen):
        kept = seen.known & ~np.isnan(truth)
        if kept.any():
            y, first = seen.y[kept], truth[kept] == 1
            found.append(compare_two(code, names, y, first, seen.artists[kept]))
    return found


def _splits(seen: Seen) -> list[tuple[str, tuple[str, str], Truth]]:
    tracks = seen.catalog.tracks
    asked: list[tuple[str, tuple[str, str], Truth]] = []
    if "explicit" in seen.levels:
        asked.append(("explicit", ("explicit", "not explicit"), seen.values("explicit")))
    if "mode" in seen.levels:
        asked.append(("mode", ("major", "minor"), seen.values("mode")))
    if "time_signature" in seen.levels:
        beats = seen.values("time_signature")
        four = np.where(np.isnan(beats), np.nan, beats == 4)
        asked.append(("four_beats", ("four beats in a bar", "other bars"), four))
    for column, border, names in (
        ("instrumentalness", _HALF, ("instrumental", "with vocals")),
        ("acousticness", _HALF, ("acoustic", "not acoustic")),
        ("liveness", _LIVE, ("live", "not live")),
    ):
        if column in seen.numbers:
            values = seen.values(column)
            asked.append((names[0], names, np.where(np.isnan(values), np.nan, values > border)))
    for code, column, names in (
        ("collaboration", "artists", ("several artists", "one artist")),
        ("several_genres", "genres", ("several genres", "one genre")),
    ):
        if column in tracks.columns:
            n = tracks[column].list.len().cast(pl.Float64).fill_null(0).to_numpy()
            asked.append((code, names, np.where(n == 0, np.nan, n > 1)))
    return asked


def _of_many(seen: Seen) -> list[Comparison | None]:
    found: list[Comparison | None] = []
    if "genres" in seen.catalog.tracks.columns:
        found.append(_first_genres(seen))
    for column in ("key", "time_signature"):
        if column in seen.levels:
            values = seen.values(column)
            present = np.unique(values[~np.isnan(values)])
            codes = np.searchsorted(present, np.nan_to_num(values, nan=present[0]))
            codes[np.isnan(values)] = -1
            names = [level_name(column, int(level)) for level in present]
            found.append(_many(seen, column, names, codes))
    if "valence" in seen.numbers:
        found.append(_many(seen, "mood", list(MOODS), mood(seen.values("valence"))))
    return found


def _first_genres(seen: Seen) -> Comparison | None:
    """Compare by the first genre alone, so that each track counts once."""
    first = seen.catalog.tracks["genres"].list.first()
    counted = first.drop_nulls().value_counts()
    kept = counted.filter(pl.col("count") >= LEAST).sort(
        ["count", first.name], descending=[True, False]
    )
    names = kept[first.name].head(MOST).to_list()
    if not names:
        return None
    codes = first.replace_strict({name: i for i, name in enumerate(names)}, default=-1)
    return _many(seen, "genre", names, codes.cast(pl.Int64).to_numpy())


def _many(seen: Seen, code: str, names: list[str], codes: Codes) -> Comparison | None:
    kept = seen.known & (codes >= 0)
    if not kept.any():
        return None
    return compare_many(code, names, seen.y[kept], codes[kept], seen.artists[kept])


def _along(seen: Seen) -> list[Comparison | None]:
    found = []
    for name in seen.numbers:
        values = seen.values(name)
        kept = seen.known & ~np.isnan(values)
        found.append(compare_along(name, seen.y[kept], values[kept], seen.artists[kept]))
    return found
