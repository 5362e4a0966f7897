"""CSV, TSV and their relatives: one line a row, values parted by a delimiter."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from trackoracle.errors import SourceError

DELIMITERS = (",", "\t", ";", "|")
"""Between values; the one that stands most often in the header."""


def read_delimited(path: Path, content: bytes, ending: str) -> pl.DataFrame:
    """Read UTF-8 text as a table of text; typing is the business of the schema.

    Raises
    ------
    SourceError
        When a line holds more values than the header, or a quote is left open.
    """
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    header = content.lstrip(b"\r\n").split(b"\n", 1)[0].decode()
    delimiter = "\t" if ending == ".tsv" else max(DELIMITERS, key=header.count)
    try:
        rows = pl.read_csv(content, separator=delimiter, infer_schema=False)
        return _with_decimal_points(rows) if delimiter == ";" else rows
    except pl.exceptions.PolarsError as error:
        reason = "an error ({})".format(str(error).split("\n", 1)[0])
        raise SourceError(
            f"{path}: expected as many values in each line as in the header, got "
            f"{_first_long_line(content, delimiter) or reason}. "
            "Check the delimiter and the quoting of text that holds it.",
            path=str(path),
        ) from error


def _first_long_line(content: bytes, delimiter: str) -> str | None:
    """Describe the first line of more values than the header, if that is what is wrong."""
    lines = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    try:
        width = len(next(lines))
        found = next((line for line in lines if len(line) > width), None)
    except csv.Error:
        return None
    return f"{len(found)} instead of {width} (line {lines.line_num})" if found else None


def _with_decimal_points(rows: pl.DataFrame) -> pl.DataFrame:
    """Read decimal commas, which spreadsheets write where they part columns by semicolons."""
    number = r"^\s*-?\d*,?\d+(?:[eE]-?\d+)?\s*$"
    return rows.with_columns(
        pl.when(pl.col(name).str.contains(number).all())
        .then(pl.col(name).str.replace(",", ".", literal=True))
        .otherwise(pl.col(name))
        for name in rows.columns
    )
