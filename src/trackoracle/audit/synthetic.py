"""Rows that no service ever gave: interpolated by oversampling, before any split."""

from __future__ import annotations

import numpy as np
import polars as pl

from trackoracle.audit.findings import Notebook, by_share, percent
from trackoracle.audit.subject import Subject
from trackoracle.schema import TRACK_COLUMNS

_WHOLE = tuple(
    name for name, column in TRACK_COLUMNS.items() if column.whole and column.group is not None
)
_MOSTLY = 0.5
"""A column is one of whole numbers when at least half of its values are."""


def check_synthetic_rows(subject: Subject, notebook: Notebook) -> None:
    """Look for fractions in columns of whole numbers: keys, modes, beats, explicit flags.

    SMOTE and its kin draw rows between two real ones; half a key gives them away.
    """
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
    n = int(fractional.sum())
    notebook.add(
        "synthetic_rows",
        by_share(n, len(subject)),
        n,
        "Rows hold fractions of keys, modes or beats: they were interpolated between others.",
        evidence=f"{n:,} of {len(subject):,} rows ({percent(n, len(subject))}), told by "
        f"{', '.join(told_by)}",
        examples=tuple(f"row {i + 1}" for i in np.flatnonzero(fractional)[:3]),
        fix="Go back to the rows before oversampling; oversample inside training parts only.",
    )
