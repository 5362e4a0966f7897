"""Tables as files: the endings that can be written, for whoever writes one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from trackoracle.atomic import replacing
from trackoracle.errors import OutputError

_SINKS: dict[str, Callable[[pl.LazyFrame, Path], Any]] = {
    ".csv": lambda rows, path: _flat(rows).sink_csv(path),
    ".tsv": lambda rows, path: _flat(rows).sink_csv(path, separator="\t"),
    ".parquet": lambda rows, path: rows.sink_parquet(path),
    ".jsonl": lambda rows, path: rows.sink_ndjson(path),
}


def check_table_path(path: Path) -> None:
    """Refuse an ending that no table is written with, before any work.

    Raises
    ------
    OutputError
        Naming the endings.
    """
    if path.suffix.lower() not in _SINKS:
        raise OutputError(
            f"{path}: expected one of {', '.join(_SINKS)}, got "
            f"{path.suffix or 'no ending'!r}. Rename the output."
        )


def write_table(rows: pl.DataFrame | pl.LazyFrame, path: Path) -> None:
    """Write a table whole or not at all; the ending says the format.

    Parameters
    ----------
    rows
        A frame, or a query whose rows need not be in memory together. In text, lists
        are joined by ";", as the catalog formats do.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tracks.csv"
    >>> write_table(pl.DataFrame({"genres": [["pop", "rock"], None]}), path)
    >>> path.read_text().split()
    ['genres', 'pop;rock']
    """
    check_table_path(path)
    with replacing(path) as temporary:
        try:
            _SINKS[path.suffix.lower()](rows.lazy(), temporary)
        except pl.exceptions.ComputeError as error:  # how Polars says that the disk is full
            raise OSError(str(error)) from error


def _flat(rows: pl.LazyFrame) -> pl.LazyFrame:
    lists = [name for name, dtype in rows.collect_schema().items() if isinstance(dtype, pl.List)]
    return rows.with_columns(pl.col(lists).list.join(";")) if lists else rows
