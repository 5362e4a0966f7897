"""What of the matrix a network sees: numbers in pieces, categories, and what is missing.

A number is told by where it lies between quantiles of the training rows (piecewise linear
encoding, and a small embedding of it for each number; Gorishniy, Rubachev and Babenko 2022,
arXiv 2203.05556), or standardised. A missing one is told as missing where training rows had it
missing, and counts as typical where none had. The levels of a category share one embedding: a
track's is the sum of its levels', and a level that no training row had adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.models.candidate import Matrix
from trackoracle.models.networks.tensors import Array, Arrays

Rows = NDArray[np.int64]
_CHUNK = 8_192
_MOST_SAMPLED = 50_000
"""Rows that quantiles are taken from; more move them by less than a piece is wide."""
_MOST_RATE = 1e30
"""Keeps one over the narrowest piece a number."""


@dataclass(frozen=True)
class Inputs:
    """Which inputs a network sees, and how, as fitted on its training rows.

    Parameters
    ----------
    numbers
        (p,) their places in the matrix.
    tells_missing
        (p,) whether a missing number is told as missing; else it counts as `fill`.
    categories
        Places of the levels of each category.
    fill
        (p,) typical value of each number.
    low, rate
        (p, t) where each piece of a number begins, and one over its width; 0 where it has none.
        With one piece that is not `bounded`: mean, and one over the deviation.
    bounded
        Whether numbers are told by pieces.
    """

    numbers: Rows
    tells_missing: NDArray[np.bool_]
    categories: tuple[Rows, ...]
    fill: Array
    low: Array
    rate: Array
    bounded: bool

    @property
    def n_pieces(self) -> int:
        """Pieces of a number."""
        return int(self.low.shape[1])

    def arrays(self) -> Arrays:
        """Return what is kept in the file of arrays."""
        return {"inputs.fill": self.fill, "inputs.low": self.low, "inputs.rate": self.rate}

    def facts(self) -> dict[str, Any]:
        """Return the rest, as plain data."""
        return {
            "numbers": self.numbers.tolist(),
            "tells_missing": self.numbers[self.tells_missing].tolist(),
            "categories": [places.tolist() for places in self.categories],
            "bounded": self.bounded,
        }


def fit_inputs(
    matrix: Matrix, names: tuple[str, ...], rows: Rows, n_pieces: int, random: np.random.Generator
) -> Inputs:
    """Fit on some rows of the matrix, which is gone through in chunks and never copied.

    Inputs that no row knows, or that are the same in all, are left out. Levels of one category
    are told by their names, as "genres=rock"; without pieces they are numbers like others.

    Examples
    --------
    >>> matrix = np.array([[0, 1, 5], [4, 0, 5], [np.nan, 0, 5]], np.float32)
    >>> names = ("energy", "genres=rock", "tempo")
    >>> found = fit_inputs(matrix, names, np.arange(3), 2, np.random.default_rng(0))
    >>> found.numbers.tolist(), found.tells_missing.tolist(), found.low.tolist()
    ([0], [True], [[0.0, 2.0]])
    >>> [places.tolist() for places in found.categories]
    [[1]]
    """
    seen = _Seen.of(matrix, rows)
    tells = np.flatnonzero(seen.is_missing & seen.is_known | (seen.high > seen.low))
    prefix = [name.split("=", 1)[0] if "=" in name and n_pieces else "" for name in names]
    numbers = np.array([i for i in tells if not prefix[i]], np.int64)
    groups = dict.fromkeys(prefix[i] for i in tells if prefix[i])
    categories = tuple(
        np.array([i for i in range(len(names)) if prefix[i] == group], np.int64) for group in groups
    )
    if n_pieces:
        sample = np.sort(random.choice(rows, min(len(rows), _MOST_SAMPLED), replace=False))
        fill, low, rate = _pieces(matrix, sample, numbers, n_pieces)
    else:
        fill, low, rate = _standardised(matrix, rows, numbers, seen)
    # A number that is missing in none of the rows has no embedding of missing to learn.
    tells_missing = seen.is_missing[numbers]
    return Inputs(numbers, tells_missing, categories, fill, low, rate, n_pieces > 0)


@dataclass(frozen=True)
class _Seen:
    """What rows have in each input: (d,) each."""

    n_known: Rows
    total: NDArray[np.float64]
    low: Array
    high: Array
    n_rows: int

    @property
    def is_known(self) -> NDArray[np.bool_]:
        return self.n_known > 0

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        return self.n_known < self.n_rows

    @classmethod
    def of(cls, matrix: Matrix, rows: Rows) -> _Seen:
        d = matrix.shape[1]
        n_known, total = np.zeros(d, np.int64), np.zeros(d)
        low, high = np.full(d, np.inf, np.float32), np.full(d, -np.inf, np.float32)
        for chunk in chunks_of(matrix, rows):
            n_known += (~np.isnan(chunk)).sum(axis=0)
            total += np.nansum(chunk, axis=0, dtype=np.float64)
            low, high = np.fmin(low, np.fmin.reduce(chunk)), np.fmax(high, np.fmax.reduce(chunk))
        return cls(n_known, total, low, high, len(rows))


def chunks_of(matrix: Matrix, rows: Rows, size: int = _CHUNK) -> Iterator[Matrix]:
    """Give rows of a matrix, some at a time."""
    for start in range(0, len(rows), size):
        yield matrix[rows[start : start + size]]


def _pieces(
    matrix: Matrix, sample: Rows, numbers: Rows, n_pieces: int
) -> tuple[Array, Array, Array]:
    """Return typical values, and where the pieces between quantiles begin and how wide they are.

    Equal quantiles are one, so that a number of few values has few pieces.
    """
    fill = np.zeros(len(numbers), np.float32)
    low, rate = (np.zeros((len(numbers), n_pieces), np.float32) for _ in range(2))
    for k, place in enumerate(numbers):
        column = matrix[sample, place]
        known = column[~np.isnan(column)]
        if not len(known):
            continue
        fill[k] = np.median(known)
        knots = np.unique(np.quantile(known, np.linspace(0, 1, n_pieces + 1)).astype(np.float32))
        widths = np.diff(knots.astype(np.float64))
        low[k, : len(widths)], rate[k, : len(widths)] = (
            knots[:-1],
            np.minimum(1 / widths, _MOST_RATE),
        )
    return fill, low, rate


def _standardised(
    matrix: Matrix, rows: Rows, numbers: Rows, seen: _Seen
) -> tuple[Array, Array, Array]:
    """Return means as typical values, and one piece each: mean and one over the deviation."""
    known = np.maximum(seen.n_known[numbers], 1)
    mean = (seen.total[numbers] / known).astype(np.float32)
    squares = np.zeros(len(numbers))
    for chunk in chunks_of(matrix, rows):
        squares += np.nansum((chunk[:, numbers] - mean) ** 2, axis=0, dtype=np.float64)
    deviation = np.sqrt(squares / known)
    rate = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return mean, mean[:, None], np.minimum(rate, _MOST_RATE)[:, None].astype(np.float32)
