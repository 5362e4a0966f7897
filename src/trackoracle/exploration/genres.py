"""Genres: how many tracks, how popular, how they sound, and what sets them apart."""

from __future__ import annotations

import numpy as np
import polars as pl

from trackoracle.exploration.results import Genre, Genres
from trackoracle.exploration.seen import Codes, Seen, Values
from trackoracle.exploration.spreads import groups_of
from trackoracle.features import family

LEAST = 30
"""A genre of fewer tracks is counted, not described."""
MOST = 300
"""No more genres than these are described: those with the most tracks."""
_NAMED = 8


def genres_of(seen: Seen) -> Genres | None:
    """Describe the genres; None where no genre has `LEAST` tracks."""
    tracks = seen.catalog.tracks
    if "genres" not in tracks.columns:
        return None
    rows, names = _entries(tracks["genres"])
    counted = names.value_counts().sort(["count", "genres"], descending=[True, False])
    kept = counted.filter(pl.col("count") >= LEAST).head(MOST)["genres"].to_list()
    if not kept:
        return None
    places = names.replace_strict({name: i for i, name in enumerate(kept)}, default=-1)
    codes = places.cast(pl.Int64).to_numpy()
    rows, codes = rows[codes >= 0], codes[codes >= 0]
    described = _described(seen, kept, rows, codes)
    distinct = sorted(
        ((name, _between(seen.values(name)[rows], codes)) for name in seen.numbers),
        key=lambda pair: -pair[1],
    )
    told = [g for g in described if g.target is not None]
    spread = {g.name: g.target.q3 - g.target.q1 for g in told if g.target}
    by_spread = sorted(spread, key=lambda name: (spread[name], name))
    n_unlabelled = int((tracks["genres"].list.len().fill_null(0) == 0).sum())
    return Genres(
        n_genres=len(counted),
        n_unlabelled=n_unlabelled,
        least=LEAST,
        genres=described,
        distinct=tuple(distinct),
        consistent=tuple(by_spread[:_NAMED]) if len(by_spread) > 1 else (),
        polarised=tuple(by_spread[::-1][:_NAMED]) if len(by_spread) > 1 else (),
        families=_families(seen, kept, rows, codes),
        edges=tuple(_EDGES.tolist()),
    )


_EDGES = np.linspace(0, 100, 21)


def _entries(genres: pl.Series) -> tuple[Codes, pl.Series]:
    """Return the row and the name of each genre of each track, once."""
    listed = pl.DataFrame({"row": np.arange(len(genres)), "genres": genres})
    long = listed.with_columns(pl.col("genres").list.unique(maintain_order=True)).explode("genres")
    long = long.drop_nulls()
    return long["row"].to_numpy(), long["genres"]


def _described(seen: Seen, names: list[str], rows: Codes, codes: Codes) -> tuple[Genre, ...]:
    y = seen.y[rows]
    known = ~np.isnan(y)
    targets = {group.name: group for group in groups_of(y, codes, names, seen.artists[rows])}
    sizes = np.bincount(codes, minlength=len(names))
    n_known = np.bincount(codes[known], minlength=len(names))
    zeros = np.bincount(codes[known & (y == 0)], minlength=len(names))
    bins = np.clip(np.searchsorted(_EDGES, y[known], "right") - 1, 0, len(_EDGES) - 2)
    cells = np.bincount(codes[known] * 20 + bins, minlength=20 * len(names)).reshape(-1, 20)
    features = _quartiles(seen, names, rows, codes)
    return tuple(
        Genre(
            name,
            family(name),
            int(sizes[i]),
            targets.get(name),
            float(zeros[i] / n_known[i]) if n_known[i] else None,
            features[i],
            tuple(cells[i].tolist()) if n_known[i] else (),
        )
        for i, name in enumerate(names)
    )


def _quartiles(
    seen: Seen, names: list[str], rows: Codes, codes: Codes
) -> list[dict[str, tuple[float, float, float, float]]]:
    """Return for each genre the quartiles and the mean of each numeric column."""
    found: list[dict[str, tuple[float, float, float, float]]] = [{} for _ in names]
    for column in seen.numbers:
        values = pl.Series("v", seen.values(column)[rows], nan_to_null=True)
        by = pl.DataFrame({"g": codes, "v": values}).drop_nulls().group_by("g", maintain_order=True)
        told = by.agg(
            *(pl.col("v").quantile(q, "linear").alias(str(q)) for q in (0.25, 0.5, 0.75)),
            pl.col("v").mean().alias("mean"),
        )
        for place, q1, median, q3, mean in told.iter_rows():
            found[place][column] = (q1, median, q3, mean)
    return found


def _between(values: Values, codes: Codes) -> float:
    """Return the share of the variance that lies between groups (eta squared)."""
    known = ~np.isnan(values)
    values, codes = values[known], codes[known]
    total = float(values.var()) if len(values) else 0.0
    if total == 0:
        return 0.0
    counts = np.bincount(codes)
    means = np.bincount(codes, values) / np.maximum(counts, 1)
    return float((counts * (means - values.mean()) ** 2).sum()) / (total * len(values))


def _families(
    seen: Seen, names: list[str], rows: Codes, codes: Codes
) -> tuple[tuple[str, int, dict[str, float]], ...]:
    """Return the families' means of each column, in standard deviations from the mean of all."""
    of = [family(name) for name in names]
    families = sorted(set(of))
    place = np.array([families.index(name) for name in of])
    # A track of two genres of one family counts once in it.
    once = np.unique(rows * len(families) + place[codes])
    rows, codes = once // len(families), once % len(families)
    counts = np.bincount(codes, minlength=len(families))
    means: list[dict[str, float]] = [{} for _ in families]
    for column in seen.numbers:
        values = seen.values(column)
        centre, deviation = float(np.nanmean(values)), float(np.nanstd(values))
        own = values[rows]
        known = ~np.isnan(own)
        n = np.bincount(codes[known], minlength=len(families))
        sums = np.bincount(codes[known], own[known] - centre, minlength=len(families))
        for i in np.flatnonzero(n if deviation > 0 else np.zeros(0)):
            means[i][column] = float(sums[i] / n[i] / deviation)
    told = zip(families, counts.tolist(), means, strict=True)
    return tuple(sorted(told, key=lambda item: -item[1]))
