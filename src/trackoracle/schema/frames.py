"""Tables of other libraries: in as Polars, out in the kind that came in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from trackoracle.errors import SourceError
from trackoracle.optional import require
from trackoracle.schema.heard import Heard, Unheard

Rows = Any
"""A Polars or pandas frame, a mapping (one track), what was heard, or a sequence of these."""


def as_polars(rows: Rows) -> tuple[pl.DataFrame, Callable[[pl.DataFrame], Any]]:
    """Return rows as a Polars frame, and the way back to the kind that came in.

    Raises
    ------
    SourceError
        When `rows` is none of the accepted kinds.

    Examples
    --------
    >>> frame, back = as_polars({"tempo": 120.0})
    >>> frame.shape
    (1, 1)
    """
    if isinstance(rows, pl.DataFrame):
        return rows, lambda frame: frame
    if isinstance(rows, pl.LazyFrame):
        return rows.collect(), lambda frame: frame
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(rows, pandas.DataFrame):
        require("pyarrow", extra="pandas")
        return pl.from_pandas(rows), lambda frame: frame.to_pandas()
    if isinstance(rows, Heard):
        rows = rows.row()
    if isinstance(rows, Mapping):
        return _of_mappings([rows]), lambda frame: frame
    if isinstance(rows, Sequence) and not isinstance(rows, str | bytes):
        rows = [row.row() if isinstance(row, Heard) else row for row in rows]
        for row in rows:
            if isinstance(row, Unheard):
                raise SourceError(f"not heard: {row.reason} Leave it out of the tracks.")
        if not all(isinstance(row, Mapping) for row in rows):
            raise SourceError(
                "tracks: expected mappings of column to value, got other objects in the list. "
                'Give [{"tempo": 120.0, ...}, ...].'
            )
        return _of_mappings(rows), lambda frame: frame
    raise SourceError(
        f"tracks: expected a frame, a mapping or a list of mappings, got {type(rows).__name__}. "
        "Read a table with load_tracks, a recording with listen."
    )


def _of_mappings(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    try:
        frame = pl.DataFrame([dict(row) for row in rows], infer_schema_length=None, strict=False)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise SourceError(
            "tracks: expected values of one kind in each column, got several "
            f"({str(error).split(chr(10), 1)[0]}). Give single values or lists throughout."
        ) from error
    if rows and not frame.columns:
        raise SourceError(
            "tracks: expected columns with values, got none. "
            'Give at least one, as {"tempo": 120.0}.'
        )
    return frame
