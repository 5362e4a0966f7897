"""Lists of different lengths, one a row, as two flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

_FEW = 1_000
"""Fewer lists are sooner read one by one than asked for in queries."""


@dataclass(frozen=True)
class Ragged:
    """The lists of n rows.

    Parameters
    ----------
    values
        (m,) the entries of all rows, row after row.
    offsets
        (n + 1,) where each row's entries begin, and the end.

    Examples
    --------
    >>> lists = Ragged(np.array([7, 8, 9]), np.array([0, 2, 2, 3]))
    >>> lists.take(np.array([2, 0])).values.tolist()
    [9, 7, 8]
    >>> lists.reduce(np.maximum, lists.values.astype(float)).tolist()
    [8.0, nan, 9.0]
    """

    values: NDArray[np.int64] | NDArray[np.uint64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        values: NDArray[np.int64] | NDArray[np.uint64],
        lengths: pl.Series | NDArray[np.int64] | NDArray[np.bool_],
    ) -> Ragged:
        """Join flat values with the length of each row's list."""
        if isinstance(lengths, pl.Series):
            lengths = lengths.fill_null(0).to_numpy()
        counts = lengths.astype(np.int64)
        return cls(values, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Number of entries of each row: (n,)."""
        return self.offsets[1:] - self.offsets[:-1]

    @cached_property
    def _filled(self) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which rows have entries: (n,); and where those of each of them begin."""
        filled = self.lengths > 0
        return filled, self.offsets[:-1][filled]

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The row of each entry: (m,), rising."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """Return the lists of some rows, in their order."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        entries = np.repeat(self.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return Ragged(self.values[entries], offsets)

    def shared(self, owners: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
        """Tell for each entry whether rows of at least so many owners (n,) have it: (m,).

        Examples
        --------
        >>> lists = Ragged(np.array([7, 8, 7, 7]), np.array([0, 2, 3, 4]))
        >>> lists.shared(np.array([1, 1, 2]), least=2).tolist()
        [True, False, True, True]
        """
        if least <= 1:
            return np.ones(len(self.values), bool)
        codes = np.unique(self.values, return_inverse=True)[1]
        n_codes = owners.max(initial=0) + 1
        pairs = np.unique(codes * n_codes + owners[self.rows])
        return np.asarray(np.bincount(pairs // n_codes)[codes] >= least)

    def keep(self, entries: NDArray[np.bool_]) -> Ragged:
        """Return the lists of all rows with only those entries (m,)."""
        lengths = np.bincount(self.rows[entries], minlength=len(self))
        return Ragged.of(self.values[entries], pl.Series(lengths))

    def reduce(self, how: np.ufunc, entries: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reduce one number per entry to one per row: (n,), NaN for an empty row."""
        result = np.full(len(self), np.nan)
        filled, begins = self._filled
        if len(begins):
            result[filled] = how.reduceat(entries, begins)
        return result


def entries(lists: pl.Series) -> tuple[list[str], NDArray[np.int64]]:
    """Return the entries of n lists of text, row after row (m,), and how many each has (n,).

    Examples
    --------
    >>> flat, lengths = entries(pl.Series([["a", "b"], None, ["c"]]))
    >>> flat, lengths.tolist()
    (['a', 'b', 'c'], [2, 0, 1])
    """
    if len(lists) < _FEW:
        rows = [row or () for row in lists.to_list()]
        lengths = np.array([len(row) for row in rows], np.int64)
        return [entry for row in rows for entry in row], lengths
    lengths = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    return lists.drop_nulls().explode(empty_as_null=False).to_list(), lengths
