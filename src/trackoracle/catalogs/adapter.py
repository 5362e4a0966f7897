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

    def recognises(self, names: list[str]) -> bool:
        """Tell whether a table with these columns is of this format."""
        return bool(self.header) and self.header <= set(names)
