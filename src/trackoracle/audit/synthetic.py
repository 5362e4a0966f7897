"""Rows that no service ever gave: interpolated by oversampling, before any split."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audit.findings import Notebook, by_share, percent, row_numbers
from trackoracle.audit.subject import Subject
from trackoracle.schema import TRACK_COLUMNS

_WHOLE = tuple(
    name for name, column in TRACK_COLUMNS.items() if column.whole and column.group is not None
)
_MOSTLY = 0.5
"""A column is one of whole numbers when at least half of its values are."""
_MEASURED = ("danceability", "energy", "valence", "loudness", "tempo")
"""Services give these with three or four decimals, also where the value is small."""
_SHORT, _LONG, _DECIMALS = 5, 8, 10
_LEAST_LONG_COLUMNS = 3


def check_synthetic_rows(subject: Subject, notebook: Notebook) -> None:
    """Look for values between those that services give.

    SMOTE and its kin draw rows between two real ones; half a key gives them away, or an
    energy of sixteen decimals where all others have three.
    """
    _fractions(subject, notebook)
    _decimals(subject, notebook)


def _fractions(subject: Subject, notebook: Notebook) -> None:
    fractional = np.zeros(len(subject), bool)
    told_by = []
    for name in _WHOLE:
        theirs = subject.theirs.get(name, name)
        if theirs not in subject.original.columns:
            continue
        values = subject.original[theirs]
        if values.dtype == pl.Boolean:
            continue
        numbers = values.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        broken = np.isfinite(numbers) & (np.abs(numbers - np.round(numbers)) > 1e-6)
        if broken.any() and broken.mean() <= _MOSTLY:
            told_by.append(theirs)
            fractional |= broken
    _add(
        subject,
        fractional,
        "Rows hold fractions of keys, modes or beats: they were interpolated between others.",
        told_by,
        notebook,
    )


def _decimals(subject: Subject, notebook: Notebook) -> None:
    n_long = np.zeros(len(subject), np.int64)
    told_by = []
    for name in _MEASURED:
        theirs = subject.theirs.get(name, name)
        if theirs not in subject.original.columns:
            continue
        # 0.57 computed may be written with sixteen decimals, of which ten are noise.
        numbers = subject.original[theirs].cast(pl.Float64, strict=False).round(_DECIMALS)
        decimals = numbers.cast(pl.String).str.extract(r"\.(\d+)$")
        digits = decimals.str.len_chars().fill_null(0).to_numpy()
        if np.quantile(digits, 0.1) <= _SHORT and (digits >= _LONG).any():
            told_by.append(theirs)
            n_long += digits >= _LONG
    rows = n_long >= _LEAST_LONG_COLUMNS
    what = "Rows hold far more decimals than the others: they were computed, not measured."
    _add(subject, rows if rows.mean() <= 0.9 else rows & False, what, told_by, notebook)


def _add(
    subject: Subject,
    rows: NDArray[np.bool_],
    what: str,
    told_by: list[str],
    notebook: Notebook,
) -> None:
    n = int(rows.sum())
    notebook.add(
        "synthetic_rows",
        by_share(n, len(subject)),
        n,
        what,
        evidence=f"{n:,} of {len(subject):,} rows ({percent(n, len(subject))}), told by "
        f"{', '.join(told_by)}",
        examples=row_numbers(np.flatnonzero(rows)),
        fix="Go back to the rows before oversampling; oversample inside training parts only.",
    )
