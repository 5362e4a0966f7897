"""What an oracle's predictions depend on: along a column, of one track or over many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.errors import ConfigError, NotEnoughDataError
from trackoracle.explanations import (
    Resamples,
    accumulated,
    grid,
    having,
    quantile_edges,
    varied,
    varied_column,
)
from trackoracle.oracle.answers import answers
from trackoracle.schema import (
    DEPENDENCE_UNITS,
    Catalog,
    CheckedTracks,
    Dependence,
    DependenceMap,
    Given,
    Hit,
    Tier,
    check_tracks,
)
from trackoracle.settings import Settings

Values = NDArray[np.float64]
LEAST_TRACKS = 20
"""Fewer known values of a column tell no dependence over tracks."""
_MOST_LINES = 50


def predicted(bundle: Bundle, tracks: pl.DataFrame, level: float = 0.9) -> pl.DataFrame:
    """Predict checked tracks: `prediction` in the unit of dependence; of points also the interval.

    Inputs that follow from a column follow its new values: the whole recipe is applied.
    """
    checked = CheckedTracks(tracks, pl.Series("warning", [""]).new_from_index(0, len(tracks)), ())
    rows = answers(bundle, checked, level, None, Settings.from_environment().n_jobs)
    match bundle.target:
        case Hit():
            return rows.select(prediction="p_hit")
        case Tier(n_classes=n_tiers):
            expected = sum(i * pl.col(f"p_tier_{i}") for i in range(n_tiers))
            return rows.select(prediction=expected)
        case _:
            return rows.select(
                prediction="popularity", low="popularity_low", high="popularity_high"
            )


def track_dependence(
    bundle: Bundle,
    track: pl.DataFrame,
    column: str,
    values: Sequence[Given] | None,
    n_values: int,
    level: float,
) -> Dependence:
    """Predict one track along a column; see `Oracle.dependence`."""
    own = _one(check_tracks(track, bundle.contract).tracks)
    asked = _values(bundle, column, values, n_values)
    rows = predicted(bundle, _checked(bundle, varied(own, column, asked)), level)
    low, high = (
        tuple(rows[name].to_list()) if name in rows.columns else () for name in ("low", "high")
    )
    return Dependence(
        column=column,
        unit=DEPENDENCE_UNITS[bundle.target.name],
        kind="track",
        values=asked,
        prediction=tuple(rows["prediction"].to_list()),
        low=low,
        high=high,
        at=_own_value(own, column),
    )


def dependence_map(
    bundle: Bundle,
    tracks: pl.DataFrame,
    columns: tuple[str, str],
    values: tuple[Sequence[Given] | None, Sequence[Given] | None],
    n_values: int,
    n_tracks: int,
    seed: int,
) -> DependenceMap:
    """Predict over two columns; see `Oracle.dependence_map`."""
    if columns[0] == columns[1]:
        raise ConfigError(
            f"columns: expected two different ones, got {columns[0]!r} twice. Use dependence."
        )
    own = _drawn(_checked(bundle, tracks), n_tracks, seed)
    asked = [_values(bundle, c, v, n_values) for c, v in zip(columns, values, strict=True)]
    rows = _checked(bundle, varied(varied(own, columns[0], asked[0]), columns[1], asked[1]))
    told = predicted(bundle, rows)["prediction"].to_numpy()
    told = told.reshape(len(own), len(asked[0]), len(asked[1])).mean(axis=0)
    single = len(own) == 1
    return DependenceMap(
        columns=columns,
        unit=DEPENDENCE_UNITS[bundle.target.name],
        values=(asked[0], asked[1]),
        prediction=tuple(tuple(row) for row in told.tolist()),
        at=(_own_value(own, columns[0]), _own_value(own, columns[1])) if single else (None, None),
        n_tracks=len(own),
    )


def partial_dependence(
    bundle: Bundle,
    tracks: Catalog,
    column: str,
    values: Sequence[Given] | None,
    n_values: int,
    n_tracks: int,
    seed: int,
) -> Dependence:
    """Average predictions along a column; see `Oracle.partial_dependence`."""
    rows = _few(len(tracks.tracks), n_tracks, seed)
    own, keys = _checked(bundle, tracks.tracks[rows]), tracks.keys
    _enough(len(own), column)
    asked = _values(bundle, column, values, n_values)
    told = predicted(bundle, _checked(bundle, varied(own, column, asked)))["prediction"].to_numpy()
    each = told.reshape(len(own), len(asked))
    means = Resamples(keys.recording[rows], keys.weight[rows], seed=seed).means(each)
    return Dependence(
        column=column,
        unit=DEPENDENCE_UNITS[bundle.target.name],
        kind="partial",
        values=asked,
        prediction=tuple(m.value for m in means),
        low=tuple(m.low for m in means),
        high=tuple(m.high for m in means),
        n_tracks=len(own),
        each=tuple(tuple(line) for line in each[:_MOST_LINES].tolist()),
    )


def accumulated_effects(
    bundle: Bundle, tracks: Catalog, column: str, n_bins: int, n_tracks: int, seed: int
) -> Dependence:
    """Add up local effects along a column; see `Oracle.accumulated_effects`."""
    if varied_column(bundle.contract, column).role != "number":
        raise ConfigError(
            f"{column}: expected a column of numbers, whose neighbours are known, got a "
            f"{bundle.contract[column].role}. Use partial_dependence."
        )
    checked = _checked(bundle, tracks.tracks)
    known = np.flatnonzero(checked[column].is_not_null().to_numpy())
    rows = known[_few(len(known), n_tracks, seed)]
    _enough(len(rows), column)
    own, keys = checked[rows], tracks.keys
    given = own[column].to_numpy()
    edges = quantile_edges(given, n_bins)
    if len(edges) < 2:
        raise NotEnoughDataError(
            f"{column}: expected different values, got {given[0]:g} in all {len(rows):,} tracks. "
            "Use tracks that differ in it."
        )
    place = np.clip(np.searchsorted(edges, given, side="left") - 1, 0, len(edges) - 2)
    ends = [
        predicted(bundle, _checked(bundle, having(own, column, edges[place + side].tolist())))
        for side in (0, 1)
    ]
    moved = ends[1]["prediction"].to_numpy() - ends[0]["prediction"].to_numpy()
    resamples = Resamples(keys.recording[rows], keys.weight[rows], seed=seed)
    effect, low, high = accumulated(place, moved, len(edges) - 1, resamples)
    return Dependence(
        column=column,
        unit=DEPENDENCE_UNITS[bundle.target.name],
        kind="accumulated",
        values=tuple(edges.tolist()),
        prediction=tuple(effect.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        n_tracks=len(rows),
    )


def _checked(bundle: Bundle, tracks: pl.DataFrame) -> pl.DataFrame:
    return check_tracks(tracks, bundle.contract).tracks


def _values(
    bundle: Bundle, column: str, values: Sequence[Given] | None, n_values: int
) -> tuple[Given, ...]:
    seen = varied_column(bundle.contract, column)
    if values is None:
        return grid(seen, n_values)
    if not len(values):
        raise ConfigError(f"{column}: expected values to try, got none. Give some, or leave out.")
    return tuple(values)


def _one(tracks: pl.DataFrame) -> pl.DataFrame:
    if len(tracks) != 1:
        raise ConfigError(
            f"dependence: expected one track, got {len(tracks):,}. Give one, or use "
            "partial_dependence for the mean over several."
        )
    return tracks


def _own_value(track: pl.DataFrame, column: str) -> Given:
    value = track[column].to_list()[0]
    if isinstance(value, list):
        return "; ".join(map(str, value)) or None
    return value if value is None or isinstance(value, float | str) else str(value)


def _few(n: int, most: int, seed: int) -> NDArray[np.int64]:
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _drawn(tracks: pl.DataFrame, most: int, seed: int) -> pl.DataFrame:
    return tracks[_few(len(tracks), most, seed)]


def _enough(n: int, column: str) -> None:
    if n < LEAST_TRACKS:
        raise NotEnoughDataError(
            f"{column}: expected at least {LEAST_TRACKS} tracks that have it, got {n}. "
            "Use more tracks, or dependence for a single one."
        )
