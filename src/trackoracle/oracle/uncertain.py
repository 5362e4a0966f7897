"""Tracks whose audio features were estimated: asked many times over, within their errors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import ERROR_LEVEL, ESTIMATED, bounds

N_DRAWS = 128
"""Times that a track with errors is asked; half of the draws mirror the others."""
_LEVELS = np.array([0.0, (1 - ERROR_LEVEL) / 2, 0.5, (1 + ERROR_LEVEL) / 2, 1.0])
_TAIL = 0.4
"""How far a feature may lie beyond a bound, in units of the way there."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """Tracks as they are asked: those with errors stand there several times.

    Parameters
    ----------
    tracks
        (m, k) in the order of the n tracks, the draws of one beside each other.
    starts
        (n,) where each track's rows begin.
    n_each
        (n,) how many they are.
    """

    tracks: pl.DataFrame
    starts: NDArray[np.int64]
    n_each: NDArray[np.int64]

    @property
    def is_drawn(self) -> bool:
        """Whether any track has an error."""
        return len(self.tracks) > len(self.starts)

    def mean(self, values: Any) -> Any:
        """Average over the rows of each track: (m, ...) to (n, ...)."""
        if not self.is_drawn:
            return values
        shape = (-1, *[1] * (values.ndim - 1))
        return np.add.reduceat(values, self.starts, axis=0) / self.n_each.reshape(shape)


def estimated_columns(tracks: pl.DataFrame) -> list[str]:
    """Return the columns that have bounds in any of these tracks."""
    return [
        name
        for name in ESTIMATED
        if name in tracks.columns
        and all(bound in tracks.columns for bound in bounds(name))
        and tracks[bounds(name)[0]].null_count() < len(tracks)
    ]


def estimated(tracks: pl.DataFrame) -> pl.Series:
    """List for each track the columns that were estimated: (n,) text, joined by `;`."""
    names = estimated_columns(tracks)
    if not names:
        return pl.Series("estimated", [""]).new_from_index(0, len(tracks))
    told = [pl.when(_has_error(name)).then(pl.lit(name)) for name in names]
    return tracks.select(pl.concat_str(told, separator=";", ignore_nulls=True)).to_series()


def draw(tracks: pl.DataFrame, n_draws: int = N_DRAWS) -> Drawn:
    """Ask of tracks with errors what they may really be, each an even number of times.

    Between its bounds a feature lies with `ERROR_LEVEL`, beyond them within 0 and 1 and not far,
    and its mean is its estimate; features err together as the estimators were seen to. Draws are
    seeded by the recording's hash, or by what is told of it, so that the same track is always
    asked the same.
    """
    names, n = estimated_columns(tracks), len(tracks)
    n_each = np.ones(n, np.int64)
    if names:
        uncertain = tracks.select(pl.any_horizontal(_has_error(name) for name in names))
        n_each[uncertain.to_series().to_numpy()] = n_draws
    starts = np.cumsum(n_each) - n_each
    if not names or n_each.max(initial=1) == 1:
        return Drawn(tracks, starts, n_each)
    rows = np.repeat(np.arange(n), n_each)
    told = tracks.select(_values(names)).to_numpy().reshape(n, len(names), 3)
    drawn = tracks[rows]
    values = told[rows, :, 0]
    for row in np.flatnonzero(n_each > 1).tolist():
        place = slice(starts[row], starts[row] + n_draws)
        values[place] = _draws(told[row], names, n_draws, _seed(tracks, row, told[row]))
    columns = [
        pl.Series(name, values[:, i]).fill_nan(None).cast(tracks[name].dtype)
        for i, name in enumerate(names)
    ]
    return Drawn(drawn.with_columns(columns), starts, n_each)


def _has_error(name: str) -> pl.Expr:
    low, high = bounds(name)
    return pl.all_horizontal(pl.col(c).is_not_null() for c in (name, low, high))


def _values(names: list[str]) -> list[pl.Expr]:
    columns = [column for name in names for column in (name, *bounds(name))]
    return [pl.col(column).cast(pl.Float64) for column in columns]


def _draws(told: Values, names: list[str], n_draws: int, seed: int) -> Values:
    """Draw what one track's features may be: (n_draws, k)."""
    from scipy.special import ndtr

    from trackoracle.audio import error_correlation

    places = [ESTIMATED.index(name) for name in names]
    joint = np.linalg.cholesky(error_correlation()[np.ix_(places, places)])
    half = np.random.default_rng(seed).standard_normal((n_draws // 2, len(names)))
    levels = ndtr(np.vstack([half, -half]) @ joint.T)
    drawn: Values = np.empty_like(levels)
    for i, own in enumerate(told):
        has_error = not np.isnan(own).any()
        drawn[:, i] = np.interp(levels[:, i], _LEVELS, _knots(*own)) if has_error else own[0]
    return drawn


def _knots(value: float, low: float, high: float) -> Values:
    """Return what a feature is at `_LEVELS`: its bounds are kept, and its mean where it can be."""
    low, high = min(low, value), max(high, value)
    least, most = max(low - _TAIL * (value - low), 0.0), min(high + _TAIL * (high - value), 1.0)
    beyond = (1 - ERROR_LEVEL) / 2
    within = value - beyond * (least + low + high + most) / 2
    middle = 2 * within / ERROR_LEVEL - (low + high) / 2
    return np.array([least, low, np.clip(middle, low, high), high, most])


def _seed(tracks: pl.DataFrame, row: int, told: Values) -> int:
    heard = tracks["file_hash"][row] if "file_hash" in tracks.columns else None
    content = told.tobytes() if heard is None else str(heard).encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())
