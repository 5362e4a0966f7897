"""How values are written: decimals, round numbers, letter case, blanks, addresses.

Two sources that were put together write alike only by care. Where one holds the hits, the form
of a value tells the label whatever the value is.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from trackoracle.audit.findings import Notebook
from trackoracle.audit.single import (
    STRIKING,
    InputColumn,
    estimate_alone,
    metric_of,
    said,
    score_alone,
    severity_alone,
)
from trackoracle.audit.subject import Codes, Subject, level_codes

_MOST_DECIMALS, _MOST_ZEROS = 9, 4
_MOST_FORMS = 60
_BEYOND_VALUE = 0.05
"""The form must tell so much more than the value: small values have long forms by nature."""


def check_forms(subject: Subject, columns: list[InputColumn], notebook: Notebook) -> None:
    """Score the form of each column's values alone, names and ids included."""
    metric = metric_of(subject)
    understood = {column.name: column for column in columns}
    for name in subject.original.columns:
        if name in subject.target_columns:
            continue
        codes = _form_codes(subject.original[name])
        if codes is None:
            continue
        score = score_alone(subject, codes)
        if score < STRIKING[metric]:
            continue
        own = understood.get(name)
        if own is not None and score < score_alone(subject, own.codes) + _BEYOND_VALUE:
            continue
        estimate = estimate_alone(subject, codes)
        severity = severity_alone(estimate, metric)
        if severity is None:
            continue
        notebook.add(
            "form_tells",
            severity,
            1,
            f"How {name} is written tells the target: its decimals, zeros, case, blanks or path.",
            evidence=f"{said(estimate, metric)} out of fold from the form alone",
            examples=(name,),
            fix="Sources were put together: write all values alike, or read them from one source.",
        )


def _form_codes(values: pl.Series) -> Codes | None:
    """Number the forms of values, 0 where missing; None where all are alike or nearly none."""
    if values.dtype.is_nested() or values.dtype.is_temporal() or values.dtype == pl.Boolean:
        return None
    text = values.cast(pl.String)
    digits = text.str.contains(r"^-?\d+(?:\.\d+)?(?:[eE]-?\d+)?$")
    is_number = bool(digits.fill_null(True).all())
    form = (_form_of_numbers if is_number else _form_of_texts)(text)
    codes = level_codes(pl.select(pl.when(text.is_not_null()).then(form)).to_series())
    n_forms = int(codes.max(initial=0))
    if n_forms < 2 or n_forms > _MOST_FORMS or len(np.unique(codes)) < 2:
        return None
    return codes


def _form_of_numbers(text: pl.Series) -> pl.Series:
    decimals = text.str.extract(r"\.(\d+)").str.len_chars().fill_null(0)
    zeros = text.str.extract(r"[1-9](0+)(?:\.0*)?$").str.len_chars().fill_null(0)
    return pl.select(
        pl.format(
            "{} {}",
            pl.lit(decimals).clip(upper_bound=_MOST_DECIMALS),
            pl.lit(zeros).clip(upper_bound=_MOST_ZEROS),
        )
    ).to_series()


def _form_of_texts(text: pl.Series) -> pl.Series:
    letters = text.str.replace_all(r"[^\p{L}]", "")
    return pl.select(
        pl.concat_str(
            # What stands before the last part of an address or an id, and a last sign.
            pl.lit(text).str.extract(r"^(.*[/:])[^/:]*$").fill_null(""),
            pl.lit(letters == letters.str.to_uppercase()).cast(pl.String),
            pl.lit(letters == letters.str.to_lowercase()).cast(pl.String),
            pl.lit(text).str.contains(r"^\s|\s$").cast(pl.String),
            pl.lit(text).str.extract(r"([^\p{L}\p{N}\s])$").fill_null(""),
            separator=" ",
        )
    ).to_series()
