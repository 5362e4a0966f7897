"""Tracks with other values in one column: what dependence is read from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.schema import Contract, ContractColumn, Given

_MOST_WHOLE = 40
"""Whole numbers up to so many are all tried."""


def varied_column(contract: Contract, name: str) -> ContractColumn:
    """Return a column that can be varied, or say which can."""
    known = [c.name for c in contract.columns]
    if name not in known:
        raise UnknownNameError("column", name, known)
    return contract[name]


def grid(column: ContractColumn, n_values: int) -> tuple[Given, ...]:
    """Return values of a column over what was seen in training.

    Raises
    ------
    ConfigError
        Of texts and dates, whose values must be given.
    """
    if n_values < 2:
        raise ConfigError(f"n_values: expected at least 2, got {n_values}. Try 25.")
    if column.role == "category":
        return column.levels
    if column.role != "number" or column.seen_low is None or column.seen_high is None:
        raise ConfigError(
            f"{column.name}: expected values to try, got none, and there are no usual ones of a "
            f"{column.role}. Give values=[...]."
        )
    if column.whole:
        whole = np.arange(np.ceil(column.seen_low), np.floor(column.seen_high) + 1)
        if len(whole) > _MOST_WHOLE:
            whole = np.unique(np.rint(np.linspace(whole[0], whole[-1], n_values)))
        return tuple(whole.tolist())
    return tuple(np.linspace(column.seen_low, column.seen_high, n_values).tolist())


def varied(tracks: pl.DataFrame, column: str, values: Sequence[Given]) -> pl.DataFrame:
    """Return every track with every value: (n v, k), all values of the first track first."""
    n = len(tracks)
    rows = tracks[np.repeat(np.arange(n), len(values))]
    return rows.with_columns(_series(tracks, column, list(values) * n))


def having(tracks: pl.DataFrame, column: str, values: Sequence[Given]) -> pl.DataFrame:
    """Return tracks with one value each: (n, k)."""
    return tracks.with_columns(_series(tracks, column, list(values)))


def _series(tracks: pl.DataFrame, column: str, values: list[Given]) -> pl.Series:
    dtype = tracks.schema.get(column)
    if isinstance(dtype, pl.List):
        lists = [None if v is None else [v] if isinstance(v, str) else v for v in values]
        return pl.Series(column, lists, dtype)
    return pl.Series(column, values, strict=False)


def quantile_edges(values: NDArray[np.float64], n_bins: int) -> NDArray[np.float64]:
    """Return rising edges that hold about as many values each: (b + 1,), at least two of them.

    Examples
    --------
    >>> quantile_edges(np.array([0.0, 0, 0, 1, 2, 3]), 3).tolist()
    [0.0, 2.0, 3.0]
    """
    shares = np.linspace(0, 1, n_bins + 1)
    return np.unique(np.quantile(values, shares, method="higher"))
