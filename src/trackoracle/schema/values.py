"""From whatever a source holds to the type and range that a track column means.

Loading a catalog and checking the input of a prediction both go through
`typed`, so they cannot disagree on what a valid value is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from trackoracle.errors import InvalidValuesError
from trackoracle.schema.columns import Column
from trackoracle.schema.names import CREDIT_SEPARATOR

_SPOTIFY_ID = r"(?:spotify:track:|open\.spotify\.com/(?:intl-[a-z]+/)?track/)([0-9A-Za-z]{22})"
_NULL_WORDS = ("", "na", "n/a", "nan", "null", "none", "-")


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
    invalid: pl.Series
    not_measured: pl.Series | None

    def error(self, *, include_not_measured: bool, advice: str) -> InvalidValuesError | None:
        """Return the error that the invalid values are, or None."""
        bad = self.invalid
        if include_not_measured and self.not_measured is not None:
            bad = bad | self.not_measured
        n_bad = int(bad.sum())
        if not n_bad:
            return None
        places = bad.arg_true().head(3)
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
    >>> tempo.values.to_list(), tempo.invalid.to_list()
    ([120.5, None, None, None], [False, True, False, False])
    """
    original, values = values, values.alias(column.name)
    if not _is_readable(values.dtype, column):
        nothing = pl.Series(column.name, [None], pl.String).new_from_index(0, len(values))
        unread = typed(nothing, column)
        return replace(unread, original=original, invalid=values.is_not_null())
    match column.role:
        case "number":
            return _number(values, column, original)
        case "credits" | "category":
            result = _list(values)
            if column.name == "genres":
                result = result.list.eval(pl.element().str.to_lowercase())
        case "date":
            return _date(values, column, original)
        case "id":
            text = _text(values)
            result = text
            if column.name == "track_id":
                result = text.to_frame().select(
                    pl.coalesce(pl.col(text.name).str.extract(_SPOTIFY_ID), pl.col(text.name))
                )[text.name]
        case "text":
            result = _text(values)
    return TypedColumn(column, result, original, _none_of(values), None)


def _is_readable(dtype: pl.DataType, column: Column) -> bool:
    """Tell whether values of this type can mean the column's at all: flat, or lists of flat."""
    if isinstance(dtype, pl.List) and column.role in ("credits", "category"):
        dtype = pl.String() if dtype.inner is None else dtype.inner  # type: ignore[assignment]
    return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object)


def _none_of(values: pl.Series) -> pl.Series:
    return pl.Series(values.name, np.zeros(len(values), bool))


def _number(values: pl.Series, column: Column, original: pl.Series) -> TypedColumn:
    unread = None
    if values.dtype == pl.String:
        word = values.str.strip_chars().str.to_lowercase()
        missing = word.is_in(_NULL_WORDS) | word.is_null()
        word = word.replace({"true": "1", "false": "0", "yes": "1", "no": "0"})
        numbers = word.cast(pl.Float64, strict=False)
        unread = numbers.is_null() & ~missing
    elif values.dtype.is_numeric() or values.dtype in (pl.Boolean, pl.Null):
        numbers = values.cast(pl.Float64)
    else:
        numbers = values.cast(pl.Float64, strict=False)
        unread = numbers.is_null() & values.is_not_null()
    # NumPy, where null is NaN: on single rows each step costs a tenth of what Polars' costs.
    number = numbers.to_numpy()
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
        no_measure = number == column.not_measured
        not_measured = pl.Series(column.name, no_measure)
        outside &= ~no_measure
        missing |= no_measure
    missing |= outside
    if missing.sum() > numbers.null_count():
        numbers = pl.Series(column.name, np.where(missing, np.nan, number), nan_to_null=True)
    invalid = pl.Series(outside) if unread is None else unread | pl.Series(outside)
    return TypedColumn(column, numbers, original, invalid, not_measured)


def _text(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String).str.strip_chars()
    empty = text == ""
    return text.set(empty.fill_null(False), None) if empty.any() else text


def _list(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        lists = values.cast(pl.List(pl.String))
    else:
        lists = _text(values).str.split(CREDIT_SEPARATOR)
    cleaned = lists.list.eval(pl.element().str.strip_chars().filter(pl.element() != ""))
    empty = cleaned.list.len() == 0
    return cleaned.set(empty.fill_null(False), None) if empty.any() else cleaned


def _date(values: pl.Series, column: Column, original: pl.Series) -> TypedColumn:
    if values.dtype == pl.Date:
        return TypedColumn(column, values, original, _none_of(values), None)
    if isinstance(values.dtype, pl.Datetime):
        return TypedColumn(column, values.dt.date(), original, _none_of(values), None)
    text = _text(values)
    full = pl.col(text.name)
    dates = text.to_frame().select(
        pl.coalesce(
            full.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
            (full + "-01").str.to_date("%Y-%m-%d", strict=False),
            (full + "-01-01").str.to_date("%Y-%m-%d", strict=False),
        )
    )[text.name]
    return TypedColumn(column, dates, original, dates.is_null() & text.is_not_null(), None)
