"""Request models, built from the contract of an oracle by one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any

import polars as pl
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)

from trackoracle.errors import InvalidValuesError, RequestError, TrackOracleError
from trackoracle.schema import (
    CREDIT_SEPARATOR,
    Column,
    Contract,
    Role,
    extra_columns,
    json_kind,
)

LONGEST_TEXT = 2_000
"""Characters of one text."""
MOST_ENTRIES = 200
"""Texts in one list."""
_LONGEST_SHOWN = 80
"""Characters of a wrong value that are told."""
_ADVICE = "Correct them, or leave them out: what is not there is taken as missing."
_FORMS = '{"tempo": 120.0}, or a list as {"tracks": [{"tempo": 120.0}]}'
_LISTED: tuple[Role, ...] = ("credits", "category")
_Text = Annotated[str, Strict(), StringConstraints(max_length=LONGEST_TEXT)]
_Texts = Annotated[list[_Text], Field(max_length=MOST_ENTRIES)]
_Flag = Annotated[bool, Strict()]


@dataclass(frozen=True)
class TrackModel:
    """The request models of one contract, and the way from them to a table.

    Parameters
    ----------
    contract
        Whose columns a track may have.
    track, tracks
        The models of one track and of `{"tracks": [...]}`.

    Examples
    --------
    >>> import trackoracle as to
    >>> model = track_model(to.load_oracle().contract, "Track")
    >>> rows = model.read([{"genre": "pop", "tempo": 120, "explicit": True}])
    >>> model.table(rows).to_dicts()
    [{'genres': ['pop'], 'explicit': 1.0, 'tempo': 120.0}]
    """

    contract: Contract
    track: type[BaseModel]
    tracks: type[BaseModel]
    _one: TypeAdapter[Any]
    _several: TypeAdapter[Any]

    def read_one(self, body: Any) -> BaseModel:
        """Return a track that was sent; raise what is wrong with it, as Python would."""
        if not isinstance(body, dict):
            raise unfit_body(body)
        try:
            row: BaseModel = self._one.validate_python(body)
        except ValidationError as error:
            raise self._refusal(error, 1) from None
        return row

    def read(self, tracks: Sequence[Any]) -> list[BaseModel]:
        """Return tracks that were sent; raise what is wrong with them, as Python would."""
        try:
            rows: list[BaseModel] = self._several.validate_python(tracks)
        except ValidationError as error:
            raise self._refusal(error, len(tracks)) from None
        return rows

    def table(self, rows: Sequence[BaseModel]) -> pl.DataFrame:
        """Return tracks as a table with the columns that any has: (n, k)."""
        given = [row.__dict__ for row in rows]
        columns: list[pl.Series] = []
        for field, column in _named(self.contract):
            values = [row[field] for row in given]
            if any(value is not None for value in values):
                columns.append(_series(values, column))
        # A table without columns has no rows either.
        return pl.DataFrame(columns or [pl.Series("track_id", [None] * len(rows), pl.String)])

    def _refusal(self, error: ValidationError, n_rows: int) -> TrackOracleError:
        """Return the first thing that is wrong as the exception that Python raises for it."""
        found = error.errors(include_url=False, include_context=False)
        places = [_place(one["loc"]) for one in found]
        for one, (_, name) in zip(found, places, strict=True):
            if name is None:
                return unfit_body(one["input"])
        extra = [
            str(name)
            for one, (_, name) in zip(found, places, strict=True)
            if one["type"] == "extra_forbidden"
        ]
        if extra:
            return extra_columns(list(dict.fromkeys(extra)), self.contract)
        name = str(places[0][1])
        column = next(c for c in self.contract.accepted if name in (c.name, *c.synonyms))
        bad = {
            row: one["input"]
            for one, (row, other) in zip(found, places, strict=True)
            if other == name
        }
        return _invalid(column, bad, n_rows)


def track_model(contract: Contract, name: str) -> TrackModel:
    """Build the request models of a contract: its columns, their types and ranges, nothing else.

    Parameters
    ----------
    contract
        Of the oracle that is asked.
    name
        Of the model, in the description of the service.
    """
    seen = {column.name: column for column in contract.columns}
    names = {column.name for column in contract.accepted}
    fields: dict[str, Any] = {}
    for field, column in _named(contract):
        own = seen.get(column.name)
        fields[field] = (
            _annotation(column) | None,
            Field(
                default=None,
                validation_alias=AliasChoices(
                    column.name, *(other for other in column.synonyms if other not in names)
                ),
                title=column.name,
                description=_described(column, own.seen if own and own.median is not None else ""),
            ),
        )
    config = ConfigDict(extra="forbid", title=name)
    track = create_model(name, __config__=config, **fields)
    each = Annotated[list[track], Field(min_length=1)]  # type: ignore[valid-type]
    tracks = create_model(f"{name}s", __config__=ConfigDict(extra="forbid"), tracks=(each, ...))
    return TrackModel(contract, track, tracks, TypeAdapter(track), TypeAdapter(list[track]))  # type: ignore[valid-type]


def change_model(name: str, track: type[BaseModel]) -> type[BaseModel]:
    """Build the request model of `/change`: a track, a goal, and what may move how far."""
    names = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=64)]
    number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
    bounds = Annotated[
        tuple[number | None, number | None],
        Field(description="Lowest and highest value; null leaves an end to the genre."),
    ]
    return create_model(
        name,
        __config__=ConfigDict(extra="forbid"),
        track=(track, Field(description="The track as it is.")),
        goal=(
            number | Annotated[str, Strict(), StringConstraints(max_length=100)],
            Field("best", description='Points, "hit", "p_hit=0.3", "tier=2", or "best".'),
        ),
        lock=(names, Field([], description="Columns that must not move.")),
        unlock=(names, Field([], description="Columns that may move beside the usual ones.")),
        ranges=(dict[str, bounds], Field({}, max_length=64, description="Ends of edits.")),
        n=(int, Field(5, ge=1, le=20, strict=True, description="Counterfactuals wanted.")),
        most_edits=(int, Field(3, ge=1, le=6, strict=True, description="Features edited.")),
        seed=(int, Field(0, ge=0, lt=2**32, strict=True, description="Of what is drawn.")),
    )


def example_of(contract: Contract) -> dict[str, Any]:
    """Return a track in the middle of what an oracle has seen: medians, and a level each.

    Examples
    --------
    >>> import trackoracle as to
    >>> example_of(to.load_oracle().contract)["mode"]
    1
    """
    track: dict[str, Any] = {}
    for column in contract.columns:
        if column.role == "number" and column.median is not None:
            whole = column.whole or column.median == int(column.median)
            track[column.name] = int(column.median) if whole else column.median
        elif column.levels:
            track[column.name] = [column.levels[len(column.levels) // 2]]
    return track


def unfit_body(body: Any, forms: str = _FORMS) -> RequestError:
    """Return the error that a body of another form is."""
    return RequestError(
        f"body: expected {forms}, got {json_kind(body)}. Send that form.", status=422
    )


def _named(contract: Contract) -> list[tuple[str, Column]]:
    """Name the model's fields: a column's own name may be none that Python allows."""
    return [(f"c{i}", column) for i, column in enumerate(contract.accepted)]


def _annotation(column: Column) -> Any:
    match column.role:
        case "number":
            return _number(column)
        case "credits" | "category":
            return _Text | _Texts
        case _:
            return _Text


def _number(column: Column) -> Any:
    bounds: dict[str, Any] = {"ge": column.low, "le": column.high}
    if column.whole:
        bounds["multiple_of"] = 1
    fit = {name: bound for name, bound in bounds.items() if bound is not None}
    kinds: list[Any] = [Annotated[float, Field(strict=True, allow_inf_nan=False, **fit)]]
    if column.not_measured is not None:
        mark = column.not_measured
        kinds.append(Annotated[float, Field(strict=True, ge=mark, le=mark)])
    if column.whole and (column.low, column.high) == (0, 1):
        kinds.append(_Flag)
    return reduce(or_, kinds)


def _described(column: Column, seen: str) -> str:
    unit = f" {column.unit}" if column.unit else ""
    parts = [column.meaning]
    if seen:
        parts.append(f"Seen in training: {seen}{unit}.")
    if column.not_measured is not None:
        parts.append(f"{column.not_measured:g} means not measured.")
    if column.role == "date":
        parts.append("As 2001-12-31, 2001-12 or 2001.")
    if column.role in _LISTED:
        parts.append(f'A list, or one text with "{CREDIT_SEPARATOR}" between.')
    if column.synonyms:
        parts.append(f"Also spelled {', '.join(column.synonyms)}.")
    return " ".join(parts)


def _series(values: list[Any], column: Column) -> pl.Series:
    if column.role == "number":
        return pl.Series(column.name, values, pl.Float64, strict=False)
    if column.role in _LISTED:
        lists = [v.split(CREDIT_SEPARATOR) if isinstance(v, str) else v for v in values]
        return pl.Series(column.name, lists, pl.List(pl.String))
    return pl.Series(column.name, values, pl.String)


def _place(loc: tuple[int | str, ...]) -> tuple[int, int | str | None]:
    """Return the row, from 1, and the name that an error is about; None for the row itself."""
    row, rest = (int(loc[0]) + 1, loc[1:]) if loc and isinstance(loc[0], int) else (1, loc)
    return row, rest[0] if rest else None


def _shown(value: Any) -> Any:
    """Return what was given, short enough to be told."""
    if isinstance(value, dict | list):
        return json_kind(value)
    short = isinstance(value, float | bool) or len(str(value)) <= _LONGEST_SHOWN
    return value if short else str(value)[:_LONGEST_SHOWN] + " ..."


def _invalid(column: Column, bad: dict[int, Any], n_rows: int) -> InvalidValuesError:
    given = list(bad.values())[:3]
    is_number = column.role == "number"
    outside = is_number and any(
        isinstance(value, int | float) and not isinstance(value, bool) for value in given
    )
    text = f"text of at most {LONGEST_TEXT:,} characters"
    if column.role in _LISTED:
        text += f", or at most {MOST_ENTRIES} of them"
    wanted = column.expected if column.role in ("number", "date") else text
    return InvalidValuesError(
        column.name,
        "numbers" if is_number and not outside else wanted,
        "outside" if outside else "that are not",
        rows=list(bad)[:3],
        examples=list(map(_shown, given)),
        n_bad=len(bad),
        n_rows=n_rows,
        advice=_ADVICE,
    )
