"""From whatever a source holds to the type and range that a track column means.

Loading a catalog and checking the input of a prediction both go through
`typed_columns`, so they cannot disagree on what a valid value is. Columns are read in one
query; the texts of few rows in Python by the same rules, since a query costs a single track
more than all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import InvalidValuesError
from trackoracle.schema.columns import Column, Role
from trackoracle.schema.letters import WHITE
from trackoracle.schema.names import CREDIT_SEPARATOR, lowered_lists

_SPOTIFY_ID = r"(?:spotify:track:|open\.spotify\.com/(?:intl-[a-z]+/)?track/)([0-9A-Za-z]{22})"
_FEW = 1_000
NULL_WORDS = ("", "na", "n/a", "nan", "null", "none", "-")
"""What means that a number is missing, in small letters."""
NUMBER_WORDS = {"true": "1", "false": "0", "yes": "1", "no": "0"}
"""What stands for a number, in small letters."""
_TEXTS = pl.List(pl.String)
_LISTED: dict[Role, bool] = {"id": False, "text": False, "credits": True, "category": True}
"""Roles of text, and whether it comes in lists."""
_GENRES = "genres"
_UNREAD = "\0unread"
"""Behind a column's name: which of its values are there, but are none of its type."""

TYPES: dict[Role, Any] = {
    "id": pl.String,
    "text": pl.String,
    "credits": _TEXTS,
    "category": _TEXTS,
    "date": pl.Date,
    "number": pl.Float64,
}
"""The type of a column by its role."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class TypedColumn:
    """A column after typing.

    Parameters
    ----------
    values
        (n,) in the column's type; null where missing, invalid or not measured.
    invalid
        (n,) true where a value was there but cannot be meant.
    not_measured
        (n,) true where the published "not measured" value stood; None when there is none.
    """

    column: Column
    values: pl.Series
    original: pl.Series
    invalid: Flags
    not_measured: Flags | None

    def error(self, *, include_not_measured: bool, advice: str) -> InvalidValuesError | None:
        """Return the error that the invalid values are, or None."""
        bad = self.invalid
        if include_not_measured and self.not_measured is not None:
            bad = bad | self.not_measured
        n_bad = int(bad.sum())
        if not n_bad:
            return None
        places = np.flatnonzero(bad)[:3]
        examples = self.original.gather(places).to_list()
        is_number = self.column.role == "number"
        outside = is_number and any(map(_is_number, examples))
        return InvalidValuesError(
            self.column.name,
            "numbers" if is_number and not outside else self.column.expected,
            "outside" if outside else "that are not",
            rows=[int(i) + 1 for i in places],
            examples=examples,
            n_bad=n_bad,
            n_rows=len(bad),
            advice=advice,
        )


def _is_number(value: Any) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def typed(values: pl.Series, column: Column) -> TypedColumn:
    """Bring one column to its type, marking what cannot be meant.

    Examples
    --------
    >>> from trackoracle.schema.columns import TRACK_COLUMNS
    >>> tempo = typed(pl.Series(["120.5", "fast", "0", None]), TRACK_COLUMNS["tempo"])
    >>> tempo.values.to_list(), tempo.invalid.tolist()
    ([120.5, None, None, None], [False, True, False, False])
    """
    return typed_columns({column.name: values}, [column])[column.name]


def typed_columns(
    given: Mapping[str, pl.Series], columns: Sequence[Column]
) -> dict[str, TypedColumn]:
    """Bring columns to their types, marking what cannot be meant.

    Parameters
    ----------
    given
        (n,) values of each column, by its name.
    columns
        Those to bring to their type.
    """
    frame = pl.DataFrame([given[column.name].alias(column.name) for column in columns])
    read = frame.to_dict()
    asked: list[pl.Expr] = []
    for column, dtype in zip(columns, frame.dtypes, strict=True):
        if len(frame) < _FEW and _is_text(dtype, column):
            read[column.name] = _read_singly(read[column.name], column)
        else:
            asked += _reading(column, dtype)
    if asked:
        queried = frame.select(asked).to_dict()
        if _GENRES in queried:
            queried[_GENRES] = lowered_lists(queried[_GENRES])
        read |= queried
    return {column.name: _typed(column, given[column.name], read) for column in columns}


@lru_cache(maxsize=1024)
def _reading(column: Column, dtype: pl.DataType) -> tuple[pl.Expr, ...]:
    """Ask for a column's values in its type and, where that may fail, for which were not read.

    Nothing is asked where the values are of the type already.
    """
    name, values = column.name, pl.col(column.name)
    if not _is_readable(dtype, column):
        nothing = pl.lit(None, TYPES[column.role])
        return nothing.alias(name), values.is_not_null().alias(name + _UNREAD)
    match column.role:
        case "number":
            return _number(values, dtype, name)
        case "date":
            return _date(values, dtype, name)
        case "credits" | "category":
            return (_list(values, dtype).alias(name),)
        case "id" | "text":
            text = _text(values)
            if name == "track_id":
                text = pl.coalesce(text.str.extract(_SPOTIFY_ID), text)
            return (text.alias(name),)


def _is_text(dtype: pl.DataType, column: Column) -> bool:
    """Tell whether values are the text, or the lists of text, that the column means."""
    is_listed = _LISTED.get(column.role)
    return is_listed is not None and (dtype == pl.String or (is_listed and dtype == _TEXTS))


def _read_singly(values: pl.Series, column: Column) -> pl.Series:
    """Read text, or lists of text, one by one: what `_text` and `_list` read in a query."""
    rows: Iterable[Any] = values.to_list()
    if not _LISTED[column.role]:
        texts = [text.strip(WHITE) or None if text is not None else None for text in rows]
        if column.name == "track_id":
            texts = [text and _id_in(text) for text in texts]
        return pl.Series(column.name, texts, pl.String)
    if values.dtype == pl.String:
        rows = (None if text is None else text.split(CREDIT_SEPARATOR) for text in rows)
    lists = [[entry.strip(WHITE) for entry in row or () if entry is not None] for row in rows]
    if column.name == _GENRES:
        lists = [[entry.lower() for entry in row] for row in lists]
    filled = ([entry for entry in row if entry] or None for row in lists)
    return pl.Series(column.name, list(filled), _TEXTS)


def _id_in(text: str) -> str:
    found = re.search(_SPOTIFY_ID, text)
    return found[1] if found else text


def _is_readable(dtype: pl.DataType, column: Column) -> bool:
    """Tell whether values of this type can mean the column's at all: flat, or lists of flat."""
    if isinstance(dtype, pl.List) and column.role in ("credits", "category"):
        dtype = pl.String() if dtype.inner is None else dtype.inner  # type: ignore[assignment]
    return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object)


def _number(values: pl.Expr, dtype: pl.DataType, name: str) -> tuple[pl.Expr, ...]:
    if dtype == pl.Float64:
        return ()
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Null):
        return (values.cast(pl.Float64),)
    missing = values.is_null()
    if dtype == pl.String:
        word = values.str.strip_chars().str.to_lowercase()
        missing |= word.is_in(NULL_WORDS)
        values = word.replace(NUMBER_WORDS)
    numbers = values.cast(pl.Float64, strict=False)
    return numbers.alias(name), (numbers.is_null() & ~missing).alias(name + _UNREAD)


def _text(values: pl.Expr) -> pl.Expr:
    text = values.cast(pl.String).str.strip_chars(WHITE)
    return pl.when(text != "").then(text)


def _list(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List):
        lists = values.cast(_TEXTS)
    else:
        lists = _text(values).str.split(CREDIT_SEPARATOR)
    entry = pl.element().str.strip_chars(WHITE)
    cleaned = lists.list.eval(entry.filter(entry != ""))
    return pl.when(cleaned.list.len() > 0).then(cleaned)


def _date(values: pl.Expr, dtype: pl.DataType, name: str) -> tuple[pl.Expr, ...]:
    if dtype == pl.Date:
        return ()
    if isinstance(dtype, pl.Datetime):
        return (values.dt.date(),)
    text = _text(values)
    dates = pl.coalesce(
        text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        (text + "-01").str.to_date("%Y-%m-%d", strict=False),
        (text + "-01-01").str.to_date("%Y-%m-%d", strict=False),
    )
    return dates.alias(name), (dates.is_null() & text.is_not_null()).alias(name + _UNREAD)


def _typed(column: Column, original: pl.Series, read: Mapping[str, pl.Series]) -> TypedColumn:
    """Mark what was read but cannot be meant, or was not measured."""
    values, unread = read[column.name], read.get(column.name + _UNREAD)
    invalid = np.zeros(len(values), bool) if unread is None else unread.to_numpy()
    if column.role != "number":
        return TypedColumn(column, values, original, invalid, None)
    number = values.to_numpy()  # null is NaN
    outside = np.isinf(number)
    if column.low is not None:
        outside |= number < column.low
    if column.high is not None:
        outside |= number > column.high
    missing = np.isnan(number)
    if column.whole:
        outside |= ~missing & (number != np.rint(number))
    not_measured = None
    if column.not_measured is not None:
        not_measured = number == column.not_measured
        outside &= ~not_measured
        missing |= not_measured
    missing |= outside
    if np.count_nonzero(missing) > values.null_count():
        values = pl.Series(column.name, np.where(missing, np.nan, number), nan_to_null=True)
    return TypedColumn(column, values, original, invalid | outside, not_measured)
