"""The contract of an oracle: the columns, ranges and levels that it saw in fit.

Every interface validates its input by `check_tracks`, and builds its form or
request model from the same `Contract`, so a form and a model cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from typing import Any, get_args

import polars as pl

from trackoracle.errors import InputColumnsError
from trackoracle.schema.columns import (
    ESTIMATED,
    INPUT_GROUPS,
    TRACK_COLUMNS,
    Column,
    InputGroup,
    Role,
    bounds,
    published_name,
)
from trackoracle.schema.heard import MEASURED, TAGS
from trackoracle.schema.ragged import entries
from trackoracle.schema.values import TYPES, TypedColumn, typed_columns

_NO_LETTER = re.compile(r"[\W_]+")
_FREE_COLUMNS = {name for name, column in TRACK_COLUMNS.items() if column.group is None}
_HEARD = {*TAGS, *MEASURED, *ESTIMATED}
"""Whoever was heard may be asked about, whatever of it an oracle uses."""
_BOUNDS = {bound for name in ESTIMATED for bound in bounds(name)}


def _spelling(level: str) -> str:
    """Return what two spellings of one category have in common.

    Examples
    --------
    >>> _spelling("R&B") == _spelling("r-n-b"), _spelling("Hip Hop") == _spelling("hip-hop")
    (True, True)
    """
    words = _NO_LETTER.split(level.casefold().replace("&", " and "))
    return "".join("and" if word == "n" else word for word in words)


@dataclass(frozen=True)
class ContractColumn:
    """One input column as it was seen in fit.

    Parameters
    ----------
    low, high
        What is possible, in `unit`; outside is an error.
    seen_low, seen_high
        The range seen in fit; outside is a warning.
    median
        The middle value seen, the default of a form.
    levels
        The categories seen, sorted; other categories count as missing.
    """

    name: str
    role: Role
    group: InputGroup
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    whole: bool = False
    seen_low: float | None = None
    seen_high: float | None = None
    median: float | None = None
    levels: tuple[str, ...] = ()

    @cached_property
    def known_levels(self) -> frozenset[str]:
        """The levels, to look them up."""
        return frozenset(self.levels)

    @cached_property
    def spelled(self) -> dict[str, str]:
        """The levels by what is left of them without case, blanks and signs."""
        return {_spelling(level): level for level in self.levels}

    def meant(self, level: str) -> str:
        """Return the level that another spelling stands for; where none is, the spelling itself.

        Examples
        --------
        >>> seen = ContractColumn("genres", "category", "genre", "", levels=("hip-hop", "pop"))
        >>> seen.meant("Hip Hop"), seen.meant("Zydeco")
        ('hip-hop', 'Zydeco')
        """
        if level in self.known_levels:
            return level
        return self.spelled.get(_spelling(level), level)

    @property
    def seen(self) -> str:
        """The range seen in fit, as printed; only what has a unit gets separators."""
        comma = "," if self.unit else ""
        ends = (format(end, f"{comma}.10g") for end in (self.seen_low, self.seen_high))
        return " to ".join(ends)

    @cached_property
    def column(self) -> Column:
        """Return the schema column it was fitted on."""
        known = TRACK_COLUMNS.get(self.name)
        return known or Column(self.name, self.role, self.group, self.meaning, self.unit)


@dataclass(frozen=True)
class Contract:
    """The input columns of an oracle, in the order of the schema."""

    columns: tuple[ContractColumn, ...]

    def __getitem__(self, name: str) -> ContractColumn:
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the input columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def accepted(self) -> tuple[Column, ...]:
        """The columns that an input may have: its own, ids, targets, what `listen` tells."""
        own = {column.name: column.column for column in self.columns}
        others = (_FREE_COLUMNS | _HEARD) - own.keys()
        free = (column for name, column in TRACK_COLUMNS.items() if name in others)
        return (*free, *own.values())

    def without(self, groups: Collection[str]) -> Contract:
        """Return the contract of a model that may not use some input groups."""
        return Contract(tuple(c for c in self.columns if c.group not in groups))

    def to_dict(self) -> dict[str, Any]:
        """Return the contract as plain data."""
        return {"columns": [asdict(column) for column in self.columns]}

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Contract:
        """Rebuild a contract from its plain data."""
        return cls(
            tuple(
                _sound(ContractColumn(**{**column, "levels": tuple(column["levels"])}))
                for column in facts["columns"]
            )
        )


def _sound(column: ContractColumn) -> ContractColumn:
    """Return a column that was read, or raise ValueError when its facts are of a wrong type."""
    numbers = (column.low, column.high, column.seen_low, column.seen_high, column.median)
    texts = (column.name, column.meaning, column.unit, *column.levels)
    sound = (
        column.role in get_args(Role)
        and column.group in INPUT_GROUPS
        and all(isinstance(text, str) for text in texts)
        and all(n is None or type(n) in (int, float) for n in numbers)
        and isinstance(column.whole, bool)
        and column.column.role == column.role
    )
    if not sound:
        raise ValueError(f"contract: expected a column of the schema, got {column.name!r}")
    return column


def fit_contract(tracks: pl.DataFrame, other: Iterable[str] = ()) -> Contract:
    """Note the input columns of training tracks, their ranges and their levels.

    Parameters
    ----------
    tracks
        (n, k) track columns of the training rows only.
    other
        Extra input columns of the user's own.
    """
    columns = [
        c for c in TRACK_COLUMNS.values() if c.group is not None and c.name in tracks.columns
    ]
    for name in other:
        is_number = tracks[name].dtype.is_numeric()
        role: Role = "number" if is_number else "category"
        columns.append(Column(name, role, "other", "Column of the user's own."))
    return Contract(
        tuple(
            _seen(tracks[c.name], c) for c in columns if tracks[c.name].null_count() < len(tracks)
        )
    )


def _seen(values: pl.Series, column: Column) -> ContractColumn:
    assert column.group is not None
    fixed = ContractColumn(
        name=column.name,
        role=column.role,
        group=column.group,
        meaning=column.meaning,
        unit=column.unit,
        low=column.low,
        high=column.high,
        whole=column.whole,
    )
    if column.role == "number":
        low, high, middle = values.min(), values.max(), values.median()
        seen = {"seen_low": low, "seen_high": high, "median": middle}
        return ContractColumn(**{**asdict(fixed), **seen})
    if column.role == "category":
        levels = tuple(values.explode().drop_nulls().unique().sort())
        return ContractColumn(**{**asdict(fixed), "levels": levels})
    return fixed


@dataclass(frozen=True)
class CheckedTracks:
    """Input that fits a contract.

    Parameters
    ----------
    tracks
        (n, k) all columns of the contract, the ids and the bounds of what was estimated, typed;
        null where missing.
    warnings
        (n,) text, empty where there is nothing to say.
    notes
        What holds for the whole input.
    """

    tracks: pl.DataFrame
    warnings: pl.Series
    notes: tuple[str, ...]


def check_tracks(
    tracks: pl.DataFrame, contract: Contract, *, refuse_extra: bool = False
) -> CheckedTracks:
    """Bring input to a contract.

    An absent column or a null is missing. An unknown level is missing, with a
    warning. Outside the range seen in fit is a warning; outside the possible
    range, or of the wrong type, is an error.

    Parameters
    ----------
    tracks
        (n, k) input in any column order; synonyms of the column names are mapped.
    refuse_extra
        Raise on columns that the contract does not know instead of noting them.

    Raises
    ------
    InvalidValuesError
        On impossible values.
    InputColumnsError
        On unknown columns, with `refuse_extra`.
    """
    n = len(tracks)
    given, extra = _renamed(tracks, contract)
    notes = []
    if extra:
        strange = [name for name in extra if published_name(name) not in _HEARD]
        if refuse_extra and strange:
            raise extra_columns(strange, contract)
        notes.append(f"Not used by this oracle: {', '.join(extra)}.")
    absent = [name for name in contract.names if name not in given]
    if absent:
        notes.append(f"Not in the input, taken as missing: {', '.join(absent)}.")
    free = [TRACK_COLUMNS[name] for name in given if name in _FREE_COLUMNS]
    asked = [seen.column for seen in contract.columns if seen.name in given]
    found = typed_columns(given, [*free, *asked])
    for column in free:
        if column.name in _BOUNDS:
            _refuse(found[column.name])
    columns = {column.name: found[column.name].values for column in free}
    remarks: list[pl.Expr] = []
    for seen in contract.columns:
        if seen.name in given:
            columns[seen.name], remark = _checked(found[seen.name], seen)
            remarks += remark
        else:
            columns[seen.name] = _nothing(seen.role).new_from_index(0, n).alias(seen.name)
    checked = pl.DataFrame(columns) if columns else tracks.select([])
    warnings = pl.Series("warning", [""]).new_from_index(0, n)
    if "warning" in columns:  # of who made the row, as `listen` does
        said = pl.col("warning")
        remarks = [pl.when(said != "").then(said), *remarks]
    if remarks:
        joined = pl.concat_str(remarks, separator=" ", ignore_nulls=True).fill_null("")
        warnings = checked.select(joined.alias("warning")).to_series()
    return CheckedTracks(checked, warnings, tuple(notes))


def extra_columns(extra: Sequence[str], contract: Contract) -> InputColumnsError:
    """Return the error that columns are which the contract does not know."""
    return InputColumnsError(
        f"input: expected only columns of the contract, got {', '.join(extra)}. "
        f"Leave them out; known are {', '.join(contract.names)}.",
        columns=list(extra),
    )


def _renamed(tracks: pl.DataFrame, contract: Contract) -> tuple[dict[str, pl.Series], list[str]]:
    """Return the columns that are known, by their names, and the names of the others."""
    known = {*contract.names, *_FREE_COLUMNS}
    spellings: dict[str, list[str]] = {}
    extra: list[str] = []
    for name in tracks.columns:
        meant = name if name in known else published_name(name)
        if meant in known:
            spellings.setdefault(str(meant), []).append(name)
        else:
            extra.append(name)
    # Lines of JSON may spell one column in several ways; the first that is there counts.
    given = tracks.to_dict()
    columns = {}
    for meant, names in spellings.items():
        names.sort(key=lambda name: name != meant)
        columns[meant] = given[names[0]]
        if len(names) > 1 and len({given[name].dtype for name in names}) == 1:
            columns[meant] = tracks.select(pl.coalesce(names)).to_series()
    return columns, extra


@cache
def _nothing(role: Role) -> pl.Series:
    return pl.Series([None], dtype=TYPES[role])


def _refuse(column: TypedColumn) -> None:
    advice = "Correct them, or leave them empty: empty is taken as missing."
    error = column.error(include_not_measured=False, advice=advice)
    if error:
        raise error


def _checked(column: TypedColumn, seen: ContractColumn) -> tuple[pl.Series, list[pl.Expr]]:
    """Return the values of a column that the oracle takes, and what is to be remarked of them."""
    _refuse(column)
    values, remarks = _remarks(column.values, seen)
    if column.not_measured is not None and column.not_measured.any():
        text = f"{seen.name} {column.column.not_measured:g} means not measured."
        remarks.append(pl.when(pl.lit(pl.Series(column.not_measured))).then(pl.lit(text)))
    return values, remarks


def _respelled(values: pl.Series, seen: ContractColumn) -> pl.Series:
    """Take categories that were seen under another spelling for those that were seen."""
    given = set(entries(values)[0]) - seen.known_levels
    meant = {level: seen.meant(level) for level in given}
    return values.list.eval(pl.element().replace(meant)) if meant else values


def _remarks(values: pl.Series, seen: ContractColumn) -> tuple[pl.Series, list[pl.Expr]]:
    if seen.role == "number" and seen.seen_low is not None and seen.seen_high is not None:
        number = values.to_numpy()
        outside = (number < seen.seen_low) | (number > seen.seen_high)  # not where null is NaN
        if not outside.any():
            return values, []
        unit = f" {seen.unit}" if seen.unit else ""
        text = pl.format(
            f"{seen.name} {{}}{unit} is outside the range seen in training ({seen.seen}).",
            pl.lit(values.cast(pl.Int64) if seen.whole else values),
        )
        return values, [pl.when(pl.lit(pl.Series(outside))).then(text)]
    if seen.role == "category" and values.null_count() < len(values):
        values = _respelled(values, seen)
        if seen.known_levels.issuperset(entries(values)[0]):
            return values, []
        known = values.list.eval(pl.element().filter(pl.element().is_in(seen.levels)))
        fewer = pl.lit(known).list.len() < pl.lit(values).list.len()
        unknown = pl.select(fewer.fill_null(False)).to_series()
        strange = values.list.eval(pl.element().filter(~pl.element().is_in(seen.levels)))
        text = pl.format(
            f"{seen.name} {{}} was not seen in training and is taken as missing.",
            pl.lit(strange.list.join(", ")),
        )
        known = known.set((known.list.len() == 0).fill_null(False), None)
        return known, [pl.when(pl.lit(unknown)).then(text)]
    return values, []
