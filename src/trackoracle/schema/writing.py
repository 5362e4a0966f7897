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

WRITTEN_ENDINGS = tuple(_SINKS)


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


_FORMULA = r"(^|;)([=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"
"""How a cell begins that a spreadsheet may take for a formula (OWASP, CSV Injection), also in full
width. Some divide a text at its ";", by which lists are joined."""


def without_formulas(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows for a spreadsheet: what it may take for a formula begins with an apostrophe.

    Examples
    --------
    >>> rows = pl.DataFrame({"title": ["=1+1", "1=1;@x"], "artists": [["A", "-b"], None]})
    >>> without_formulas(rows).rows()
    [("'=1+1", ['A', "'-b"]), ("1=1;'@x", None)]
    """
    texts = [name for name, dtype in rows.schema.items() if dtype == pl.String]
    lists = [name for name, dtype in rows.schema.items() if dtype == pl.List(pl.String)]
    return rows.with_columns(
        pl.col(texts).str.replace_all(_FORMULA, "${1}'${2}"),
        pl.col(lists).list.eval(pl.element().str.replace_all(_FORMULA, "${1}'${2}")),
    )


def write_sheet(rows: pl.DataFrame, path: Path) -> None:
    """Write a table that people open: as `write_table`, but text formats hold no formulas."""
    text = path.suffix.lower() in (".csv", ".tsv")
    write_table(without_formulas(rows) if text else rows, path)


def _flat(rows: pl.LazyFrame) -> pl.LazyFrame:
    lists = [name for name, dtype in rows.collect_schema().items() if isinstance(dtype, pl.List)]
    return rows.with_columns(pl.col(lists).list.join(";")) if lists else rows
