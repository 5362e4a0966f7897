"""JSONL: one JSON object a line, lists kept as lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from trackoracle.errors import SourceError

_MOST_OPENED = 64  # brackets in a line: Polars takes a minute over a thousand nested lists
_LIST_AS_TEXT = r'(?s)^\[(?:".*")?\]$'


def read_json_lines(path: Path, content: bytes) -> pl.DataFrame:
    """Read UTF-8 text of one object a line; a key that a line lacks is missing in it.

    Polars reads what has one type a column. The rest is read line by line: to say which
    line is broken, or to bring mixed types to text, which the schema then judges.

    Raises
    ------
    SourceError
        When a line is no JSON object.
    """
    if _most_opened(content) <= _MOST_OPENED:
        try:
            rows = pl.read_ndjson(content, infer_schema_length=None)
        except (pl.exceptions.PolarsError, OSError):
            pass
        else:
            if not _hides_lists(rows):
                return rows
    return _columns(list(_objects(path, content)))


def _most_opened(content: bytes) -> int:
    letters = np.frombuffer(content, np.uint8)
    opened = np.flatnonzero((letters == ord("[")) | (letters == ord("{")))
    by_line_end = np.searchsorted(opened, np.flatnonzero(letters == ord("\n")))
    return int(np.diff(by_line_end, prepend=0, append=len(opened)).max())


def _hides_lists(rows: pl.DataFrame) -> bool:
    """Tell whether Polars may have written lists as text, as it does beside text."""
    return any(
        rows[name].str.contains(_LIST_AS_TEXT).any()
        for name, dtype in rows.schema.items()
        if dtype == pl.String
    )


def _objects(path: Path, content: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(content.decode().split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            problem = "" if isinstance(found, dict) else f"a JSON {_kind(found)}"
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "nested or long beyond reason")
            problem = f"a broken one ({reason}, column {getattr(error, 'colno', 1)})"
        if problem:
            raise SourceError(
                f"{path}: expected one JSON object a line, got {problem} (line {number}). "
                "The file is cut off, or no JSONL: write each track as one line.",
                path=str(path),
                line=number,
            )
        yield found


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "list"
    return "text" if isinstance(value, str) else "value"


def _columns(objects: list[dict[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for found in objects for name in found)
    return pl.DataFrame([_column(name, [found.get(name) for found in objects]) for name in names])


def _column(name: str, values: list[Any]) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if list in kinds:
        lists = [v if v is None or isinstance(v, list) else [v] for v in values]
        return pl.Series(name, [v and [_text(e) for e in v] for v in lists], pl.List(pl.String))
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean)
    if kinds <= {int, float} and kinds:
        try:
            return pl.Series(name, [v if v is None else float(v) for v in values], pl.Float64)
        except OverflowError:
            pass
    return pl.Series(name, [_text(value) for value in values], pl.String)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
