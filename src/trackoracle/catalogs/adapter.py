"""The contract of an adapter: one published format, read into the one schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

OnInvalid = Literal["error", "null", "drop"]


def _unchanged(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    return rows


@dataclass(frozen=True)
class Part:
    """One file of a format that comes as several, found by its header.

    Parameters
    ----------
    name
        Of the file, for messages.
    needed, others
        Columns that tell it, and those that the published file has besides.
    on, key
        The column of the first part that names a row of this one, and the column of
        this one that holds the name; empty for the first part, whose rows are the tracks.
    """

    name: str
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()
    on: str = ""
    key: str = ""

    def recognises(self, names: list[str]) -> bool:
        """Tell whether a table with these columns can be this part."""
        return set(self.needed) <= set(names)

    def is_alone(self, names: list[str]) -> bool:
        """Tell whether a table has what this part has and nothing else."""
        return self.recognises(names) and set(names) <= {*self.needed, *self.others}


@dataclass(frozen=True)
class Adapter:
    """One source format.

    Parameters
    ----------
    name
        Registry key, equal to the name of the file that defines it.
    title, source, licence, snapshot
        Provenance, printed on the card of every catalog read.
    header
        Column names by which the format is found; empty for the generic one.
    columns
        The source's column names and the track columns they mean, where the
        synonyms of the schema do not say so already.
    on_invalid
        What to do with impossible values unless the user says otherwise.
    prepare
        Adds or reshapes columns that a rename cannot, given the file they came from.
    parts
        The files of a format that comes as several; `header` is then that of the join.
    """

    name: str
    title: str
    source: str
    licence: str
    snapshot: str | None = None
    header: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    on_invalid: OnInvalid = "null"
    prepare: Callable[[pl.DataFrame, Path], pl.DataFrame] = _unchanged
    parts: tuple[Part, ...] = ()

    def recognises(self, names: list[str]) -> bool:
        """Tell whether a table with these columns is of this format."""
        return bool(self.header) and self.header <= set(names)
