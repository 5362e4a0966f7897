"""From rows as they were read to checked tracks, with a finding for every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import polars as pl

from trackoracle.catalogs.adapter import OnInvalid
from trackoracle.errors import MissingColumnError, SourceError, UnknownNameError
from trackoracle.schema import (
    TARGET_COLUMNS,
    TERMS_COLUMN,
    TRACK_COLUMNS,
    Column,
    Finding,
    TypedColumn,
    joined_terms,
    published_name,
    typed,
)

INDEX_NAMES = ("", "Unnamed: 0", "column_1", "index")
_NAMES = ("track_name", "artists", "album_name")


@dataclass
class Mapped:
    """Rows under schema names, with what was left aside."""

    rows: pl.DataFrame
    theirs: Mapping[str, str]
    other: tuple[str, ...]
    unused: tuple[str, ...]


def map_columns(
    rows: pl.DataFrame, adapter_columns: Mapping[str, str], user_columns: Mapping[str, str]
) -> Mapped:
    """Rename a source's columns to the schema's.

    Parameters
    ----------
    rows
        (n, k) as read.
    adapter_columns
        Source name to schema name, as the adapter says.
    user_columns
        Wanted name to source name, as the user says; a wanted name outside the
        schema admits a column of the user's own.

    Raises
    ------
    MissingColumnError
        When the user names a column that is not there, or no column is known.
    """
    for wanted, theirs in user_columns.items():
        if theirs not in rows.columns:
            raise MissingColumnError(
                f"--map {wanted}={theirs}: expected a column {theirs!r} in the source, got "
                f"{', '.join(rows.columns)}. Name one of these.",
                column=theirs,
            )
    chosen = dict(user_columns)
    for name in rows.columns:
        meant = adapter_columns.get(name) or published_name(name)
        if name not in user_columns.values() and meant is not None:
            chosen.setdefault(meant, name)
    if not chosen:
        raise MissingColumnError(
            f"columns: expected some track columns (tempo, energy, popularity ...), got "
            f"{', '.join(repr(c) for c in rows.columns[:8])}. Check the delimiter, or map them "
            "with --map tempo=THEIR_COLUMN.",
            columns=rows.columns,
        )
    unused = set(rows.columns) - set(chosen.values()) - set(INDEX_NAMES)
    return Mapped(
        rows.select(pl.col(theirs).alias(wanted) for wanted, theirs in chosen.items()),
        chosen,
        tuple(wanted for wanted in user_columns if wanted not in TRACK_COLUMNS),
        tuple(name for name in rows.columns if name in unused),
    )


@dataclass
class Cleaning:
    """Tracks under repair and the findings so far."""

    rows: pl.DataFrame
    findings: list[Finding] = field(default_factory=list)

    def note(self, finding: Finding) -> None:
        """Keep a finding when it concerns any row."""
        if finding.n:
            self.findings.append(finding)


def type_columns(mapped: Mapped, on_invalid: OnInvalid) -> Cleaning:
    """Give each column its type and deal with impossible values.

    Raises
    ------
    UnknownNameError
        When `on_invalid` is none of the choices.
    InvalidValuesError
        On impossible values, with `on_invalid="error"`.
    """
    if on_invalid not in get_args(OnInvalid):
        raise UnknownNameError("on_invalid", on_invalid, get_args(OnInvalid))
    state = Cleaning(mapped.rows)
    columns: list[pl.Series] = []
    dropped = np.zeros(len(mapped.rows), bool)
    for name in mapped.rows.columns:
        column = _column(name, mapped.rows[name])
        result = typed(mapped.rows[name], column)
        _refuse(result, on_invalid)
        _note_invalid(state, result, on_invalid)
        _note_missing(state, result)
        columns.append(result.values.alias(name))
        if on_invalid == "drop":
            dropped |= result.invalid
    rows = pl.DataFrame(columns)
    state.rows = rows.filter(~dropped) if dropped.any() else rows
    return state


def _column(name: str, values: pl.Series) -> Column:
    if name in TRACK_COLUMNS:
        return TRACK_COLUMNS[name]
    filled = values.drop_nulls()
    is_number = filled.dtype.is_numeric() or (
        filled.dtype == pl.String
        and len(filled) > 0
        and filled.cast(pl.Float64, strict=False).null_count() == 0
    )
    role = "number" if is_number else "category"
    return Column(name, role, "other", "Column of the user's own.")  # type: ignore[arg-type]


def _refuse(result: TypedColumn, on_invalid: OnInvalid) -> None:
    if on_invalid != "error":
        return
    advice = 'Drop them, or load with on_invalid="null" (--on-invalid null).'
    error = result.error(include_not_measured=True, advice=advice)
    if error:
        raise error


def _note_invalid(state: Cleaning, result: TypedColumn, on_invalid: OnInvalid) -> None:
    name = result.column.name
    n_invalid = int(result.invalid.sum())
    examples = result.original.filter(result.invalid).head(3).to_list()
    dropped = on_invalid == "drop"
    state.note(
        Finding(
            f"invalid_{name}",
            n_invalid,
            f"{name} outside {result.column.expected}: "
            + ("row dropped" if dropped else "taken as missing"),
            "dropped" if dropped else "nulled",
            tuple(str(e) for e in examples),
        )
    )
    if result.not_measured is not None:
        value = f"{result.column.not_measured:g}"
        state.note(
            Finding(
                f"not_measured_{name}",
                int(result.not_measured.sum()),
                f"{name} {value} means not measured: taken as missing",
                "nulled",
            )
        )


def _note_missing(state: Cleaning, result: TypedColumn) -> None:
    name = result.column.name
    missing = result.values.is_null().to_numpy() & ~result.invalid
    if result.not_measured is not None:
        missing &= ~result.not_measured
    state.note(Finding(f"missing_{name}", int(missing.sum()), f"{name} missing: kept so", "kept"))


def note_terms(state: Cleaning) -> str:
    """Return the terms under which live services gave some of the rows; empty where none did."""
    if TERMS_COLUMN not in state.rows.columns:
        return ""
    terms = state.rows[TERMS_COLUMN].drop_nulls()
    said = joined_terms(terms.unique(maintain_order=True).to_list())
    state.note(Finding("live_service", len(terms), f"from a live service: {said}", "kept"))
    return said


def drop_nameless(state: Cleaning) -> None:
    """Drop rows of a named catalog that have neither title nor artist nor album."""
    present = [name for name in _NAMES if name in state.rows.columns]
    if len(present) < len(_NAMES):
        return
    nameless = state.rows.select(pl.all_horizontal(pl.col(present).is_null())).to_series()
    state.note(
        Finding(
            "nameless",
            int(nameless.sum()),
            "neither title nor artist nor album: row dropped",
            "dropped",
            tuple(f"row {int(i) + 1}" for i in nameless.arg_true().head(3)),
        )
    )
    if nameless.any():
        state.rows = state.rows.filter(~nameless)


def merge_rows(state: Cleaning) -> None:
    """Make one track of the rows of one track id: first values, all genres.

    Rows equal in every column count as duplicates first, with or without ids.
    """
    rows = state.rows
    unique = rows.unique(maintain_order=True) if rows.columns else rows
    state.note(
        Finding(
            "exact_duplicate_rows",
            len(rows) - len(unique),
            "row equal to another in every column used: merged",
            "merged",
        )
    )
    state.rows = unique
    if "track_id" not in unique.columns:
        return
    several = rows.filter(pl.col("track_id").is_not_null() & pl.col("track_id").is_duplicated())
    if several.is_empty():
        return
    n_ids = several["track_id"].n_unique()
    state.note(
        Finding(
            "ids_in_several_rows",
            n_ids,
            f"track id in several rows ({len(several):,} rows): merged, genres joined, "
            "first row's values used",
            "merged",
        )
    )
    _note_contradictions(state, several)
    state.rows = _first_of_each_id(unique, several)


def _note_contradictions(state: Cleaning, several: pl.DataFrame) -> None:
    for target in TARGET_COLUMNS:
        if target not in several.columns:
            continue
        spread = several.group_by("track_id", maintain_order=True).agg(
            pl.col(target).drop_nulls().n_unique().alias("n")
        )
        ids = spread.filter(pl.col("n") > 1)["track_id"]
        state.note(
            Finding(
                f"ids_with_several_{target}_values",
                len(ids),
                f"track id whose rows disagree on {target}: first row's value used",
                "repaired",
                tuple(ids.head(3)),
            )
        )


def _first_of_each_id(rows: pl.DataFrame, several: pl.DataFrame) -> pl.DataFrame:
    merged = rows.filter(pl.col("track_id").is_null() | pl.col("track_id").is_first_distinct())
    if "genres" not in rows.columns:
        return merged
    genres = (
        several.select("track_id", "genres")
        .explode("genres")
        .drop_nulls()
        .group_by("track_id", maintain_order=True)
        .agg(pl.col("genres").unique(maintain_order=True).alias("all_genres"))
    )
    return (
        merged.join(genres, on="track_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("all_genres", "genres").alias("genres"))
        .drop("all_genres")
    )


def note_gaps(state: Cleaning) -> None:
    """Report what is kept as it is but worth knowing: constant columns, zeros."""
    n = len(state.rows)
    if not n:
        raise SourceError("catalog: expected at least one usable row, got none after cleaning.")
    for name in state.rows.columns:
        values = state.rows[name]
        is_number = values.dtype.is_numeric()
        if (
            n > 1
            and is_number
            and name not in TARGET_COLUMNS
            and values.drop_nulls().n_unique() == 1
        ):
            state.note(Finding(f"constant_{name}", n, f"{name} is the same everywhere", "kept"))
    if "popularity" in state.rows.columns:
        zeros = int((state.rows["popularity"] == 0).sum())
        state.note(Finding("popularity_zero", zeros, "popularity is 0", "kept"))
