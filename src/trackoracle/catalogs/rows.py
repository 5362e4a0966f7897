"""Every row of a source as it stands in the file, for those who look for what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trackoracle.catalogs.cleaning import map_columns, type_columns
from trackoracle.catalogs.loading import read_source
from trackoracle.catalogs.recordings import find_keys
from trackoracle.schema import Finding, Keys, Rows, recording_marks


@dataclass(frozen=True)
class SourceRows:
    """Rows of a source, nothing merged and nothing dropped.

    Parameters
    ----------
    name, snapshot, synthetic
        What the rows come from, and when their popularity was read.
    original
        (n, k) under the source's own column names, as they were read.
    tracks
        (n, m) the same rows under the schema's names and types; impossible values missing.
    theirs
        Track column to the source's column it was read from.
    marks, keys
        By what each row's recording is recognised, (n, 3), and what follows from it.
    findings
        What was wrong with single values.
    """

    name: str
    snapshot: str | None
    synthetic: bool
    original: pl.DataFrame
    tracks: pl.DataFrame
    theirs: Mapping[str, str]
    marks: pl.DataFrame
    keys: Keys
    findings: tuple[Finding, ...]

    def __len__(self) -> int:
        return len(self.tracks)


def load_rows(
    source: str | Path | Rows,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> SourceRows:
    """Read every row of a source, however wrong it is.

    Parameters and errors are those of `load_catalog`; impossible values are missing.

    Examples
    --------
    >>> rows = load_rows([{"track_id": "a", "popularity": 1}] * 2)
    >>> len(rows), len(load_rows("sample")) > len(rows)
    (2, True)
    """
    read = read_source(source, encoding)
    mapped = map_columns(read.rows, read.adapter.columns, columns or {})
    state = type_columns(mapped, "null")
    marks = recording_marks(state.rows)
    return SourceRows(
        name=read.name,
        snapshot=None if read.synthetic else read.adapter.snapshot,
        synthetic=read.synthetic,
        original=read.rows,
        tracks=state.rows,
        theirs=mapped.theirs,
        marks=marks,
        keys=find_keys(state.rows, marks),
        findings=tuple(state.findings),
    )
