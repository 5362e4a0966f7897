"""Every row of a source as it stands in the file, for those who look for what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trackoracle.catalogs.cleaning import INDEX_NAMES, map_columns, type_columns
from trackoracle.catalogs.loading import read_source
from trackoracle.catalogs.recordings import find_keys
from trackoracle.schema import Finding, Keys, Rows


@dataclass(frozen=True)
class SourceRows:
    """Rows of a source, nothing merged and nothing dropped.

    Parameters
    ----------
    name, snapshot, synthetic
        What the rows come from, and when their popularity was read.
    original
        (n, k) under the source's own column names, as they were read, without index columns.
    tracks
        (n, m) the same rows under the schema's names and types; impossible values missing.
    theirs
        Track column to the source's column it was read from.
    keys
        Of the rows.
    findings
        What was wrong with single values.
    """

    name: str
    snapshot: str | None
    synthetic: bool
    original: pl.DataFrame
    tracks: pl.DataFrame
    theirs: Mapping[str, str]
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
    >>> rows = load_rows({"track_id": ["a", "a"], "popularity": [1, 2]})
    >>> len(rows), len(load_rows("sample")) > len(rows)
    (2, True)
    """
    read = read_source(source, encoding)
    mapped = map_columns(read.rows, read.adapter.columns, columns or {})
    state = type_columns(mapped, "null")
    return SourceRows(
        name=read.name,
        snapshot=None if read.synthetic else read.adapter.snapshot,
        synthetic=read.synthetic,
        original=read.rows.drop(name for name in INDEX_NAMES if name in read.rows.columns),
        tracks=state.rows,
        theirs=mapped.theirs,
        keys=find_keys(state.rows),
        findings=tuple(state.findings),
    )
