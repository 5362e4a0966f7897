"""Tracks to predict on, from a Parquet file larger than memory, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from trackoracle.catalogs.adapter import OnInvalid
from trackoracle.catalogs.loading import adapter_of, typed_tracks
from trackoracle.catalogs.reading import damaged, named_once
from trackoracle.errors import InvalidValuesError, SourceError, SourceNotFoundError

_BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def count_rows(path: Path) -> int:
    """Count the rows of a Parquet file without reading them.

    Raises
    ------
    SourceError
        When it is missing, broken or without rows.
    """
    if not path.is_file():
        raise SourceNotFoundError(
            f"{path}: expected a Parquet file, got none there. Check the path.", path=str(path)
        )
    try:
        n_rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except _BROKEN as error:
        raise damaged(path, "Parquet", error) from error
    if not n_rows:
        raise SourceError(
            f"{path}: expected at least one row, got none. Export it again with its rows.",
            path=str(path),
        )
    return n_rows


def stream_tracks(
    path: Path,
    n_in_batch: int,
    *,
    columns: Mapping[str, str] | None = None,
    on_invalid: OnInvalid | None = None,
) -> Iterator[pl.DataFrame]:
    """Yield the tracks of a Parquet file, as `load_tracks` returns them, batch after batch.

    Parameters
    ----------
    path
        The file.
    n_in_batch
        Rows that are in memory at a time.
    columns, on_invalid
        As of `load_tracks`.

    Raises
    ------
    SourceError
        When it is missing, empty or broken.
    InvalidValuesError
        On impossible values, with `on_invalid="error"`.
    """
    for start in range(0, count_rows(path), n_in_batch):
        try:
            rows = pl.scan_parquet(path).slice(start, n_in_batch).collect()
        except _BROKEN as error:
            raise damaged(path, "Parquet", error) from error
        rows = named_once(path, rows)
        adapter = adapter_of(rows.columns)
        try:
            yield typed_tracks(adapter.prepare(rows, path), adapter, columns, on_invalid)
        except InvalidValuesError as error:
            if start:
                error.message = f"{path}, rows counted from row {start + 1:,}: {error}"
            raise
