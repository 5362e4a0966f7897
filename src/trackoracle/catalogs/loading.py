"""Load a catalog or a plain input table from any accepted source."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.catalogs import (
    generic,
    hit_predictor,
    million_tracks,
    tidytuesday,
    tracks_114k,
    tracks_2021,
)
from trackoracle.catalogs.adapter import Adapter, OnInvalid
from trackoracle.catalogs.cleaning import (
    Cleaning,
    drop_nameless,
    map_columns,
    merge_rows,
    note_gaps,
    note_terms,
    type_columns,
)
from trackoracle.catalogs.joining import find_parts, join_parts, refuse_part
from trackoracle.catalogs.reading import TABLE_ENDINGS, Table, checksum_of, ending, read_table
from trackoracle.catalogs.recordings import find_keys
from trackoracle.catalogs.sample import NOTICE, generate_sample
from trackoracle.catalogs.unpacking import unpack
from trackoracle.errors import SourceError, examples_of
from trackoracle.schema import Card, Catalog, Finding, Keys, Rows, as_polars

ADAPTERS: tuple[Adapter, ...] = (
    tracks_114k.ADAPTER,
    hit_predictor.ADAPTER,
    million_tracks.ADAPTER,
    tidytuesday.ADAPTER,
    tracks_2021.ADAPTER,
)
"""The published formats, found by their header; anything else is `generic`."""

SAMPLE = "sample"


@dataclass(frozen=True)
class Source:
    """Rows of one source as they were read, how to understand them, and what was odd."""

    name: str
    rows: pl.DataFrame
    adapter: Adapter
    checksum: str
    synthetic: bool = False
    findings: tuple[Finding, ...] = ()


def load_catalog(
    source: str | Path | Rows,
    *,
    columns: Mapping[str, str] | None = None,
    on_invalid: OnInvalid | None = None,
    encoding: str = "utf-8",
) -> Catalog:
    """Load tracks, check them and find what ties them together.

    Parameters
    ----------
    source
        A file or folder, "sample" for the embedded synthetic sample, or a
        Polars or pandas frame.
    columns
        Track column to the source's column, where the names are not known;
        other names on the left admit columns of your own.
    on_invalid
        What to do with impossible values: "error", "null" (take as missing) or
        "drop" (the row). By default published formats, whose flaws are known,
        use "null" and your own tables "error".
    encoding
        Encoding of text files.

    Returns
    -------
    Catalog

    Raises
    ------
    SourceError
        When the source cannot be read as tracks.
    InvalidValuesError
        On impossible values, with `on_invalid="error"`.

    Examples
    --------
    >>> catalog = load_catalog("sample")
    >>> catalog.card.synthetic
    True
    """
    read = read_source(source, encoding)
    mapped = map_columns(read.rows, read.adapter.columns, columns or {})
    state = type_columns(mapped, on_invalid or read.adapter.on_invalid)
    state.findings[:0] = read.findings
    terms = note_terms(state)
    drop_nameless(state)
    merge_rows(state)
    note_gaps(state)
    keys = find_keys(state.rows)
    _note_recordings(state, keys)
    card = Card(
        name=read.adapter.title if read.adapter.header and not read.synthetic else read.name,
        file=read.name,
        adapter=read.adapter.name,
        source=NOTICE if read.synthetic else read.adapter.source,
        licence="MIT" if read.synthetic else terms or read.adapter.licence,
        snapshot=None if read.synthetic else read.adapter.snapshot,
        checksum=read.checksum,
        synthetic=read.synthetic,
        n_rows_read=len(read.rows),
        n_tracks=len(state.rows),
        n_recordings=_n_distinct(keys.recording),
        n_artists=_n_distinct(keys.artists.values),
        n_albums=_n_distinct(keys.album) if keys.has_albums else 0,
        unused_columns=mapped.unused,
        findings=tuple(state.findings),
    )
    return Catalog(state.rows, keys, card, mapped.other)


def load_tracks(
    source: str | Path | Rows,
    *,
    columns: Mapping[str, str] | None = None,
    on_invalid: OnInvalid | None = None,
    encoding: str = "utf-8",
) -> pl.DataFrame:
    """Load rows to predict on: typed and in their order, nothing merged or dropped.

    Parameters and errors are those of `load_catalog`, except that
    `on_invalid="drop"` is refused, since every row gets an answer.

    Returns
    -------
    (n, k) frame
    """
    if on_invalid == "drop":
        raise SourceError(
            'on_invalid: expected "error" or "null" for tracks to predict on, got "drop". '
            "Every row gets an answer; use null."
        )
    read = read_source(source, encoding)
    return typed_tracks(read.rows, read.adapter, columns, on_invalid)


def typed_tracks(
    rows: pl.DataFrame,
    adapter: Adapter,
    columns: Mapping[str, str] | None,
    on_invalid: OnInvalid | None,
) -> pl.DataFrame:
    """Bring rows of a source to typed track columns, nothing merged or dropped."""
    mapped = map_columns(rows, adapter.columns, columns or {})
    return type_columns(mapped, on_invalid or adapter.on_invalid).rows


def _n_distinct(codes: NDArray[Any]) -> int:
    return len(np.unique(codes))


def read_source(source: str | Path | Rows, encoding: str) -> Source:
    """Read the rows of a source under its own column names, with the adapter that fits."""
    if isinstance(source, str) and source == SAMPLE:
        rows = generate_sample()
        return Source(SAMPLE, rows, tracks_114k.ADAPTER, _frame_checksum(rows), synthetic=True)
    if isinstance(source, str | Path):
        path = Path(source)
        return _read_folder(path, encoding) if path.is_dir() else _read_file(path, encoding)
    rows, _ = as_polars(source)
    if rows.is_empty():
        raise SourceError("tracks: expected at least one row, got none.")
    return Source("frame", rows, generic.ADAPTER, _frame_checksum(rows))


def _frame_checksum(rows: pl.DataFrame) -> str:
    buffer = io.BytesIO()
    rows.write_ipc(buffer)
    return checksum_of(buffer.getvalue())


def adapter_of(names: list[str]) -> Adapter:
    """Return the adapter whose header these column names have; else the generic one."""
    matching = [adapter for adapter in ADAPTERS if adapter.recognises(names)]
    return max(matching, key=lambda adapter: len(adapter.header), default=generic.ADAPTER)


def _read_file(path: Path, encoding: str) -> Source:
    table = read_table(path, encoding)
    adapter = adapter_of(table.rows.columns)
    refuse_part(path, table.rows.columns, ADAPTERS)
    return Source(path.name, adapter.prepare(table.rows, path), adapter, table.checksum)


def _read_folder(folder: Path, encoding: str) -> Source:
    paths = sorted(path for path in folder.iterdir() if ending(path) in TABLE_ENDINGS)
    tables = [read_table(path, encoding) for path in paths]
    together = checksum_of("".join(table.checksum for table in tables).encode())
    return _joined(folder, tables, together) or _stacked(folder, tables, together)


def _joined(folder: Path, tables: list[Table], checksum: str) -> Source | None:
    """Join a folder of different files, if they are the parts of one format."""
    for adapter in ADAPTERS:
        parts = find_parts(folder, tables, adapter)
        if parts:
            rows, findings = join_parts(adapter, parts)
            rows = adapter.prepare(rows, folder)
            return Source(folder.name, rows, adapter, checksum, findings=findings)
    return None


def source_checksum(source: str | Path) -> str:
    """Return the checksum of a file or folder, as its card tells it, without reading the tables.

    Raises
    ------
    SourceError
        When a file cannot be read.
    """
    path = Path(source)
    if not path.is_dir():
        return checksum_of(unpack(path, TABLE_ENDINGS).content)
    paths = sorted(each for each in path.iterdir() if ending(each) in TABLE_ENDINGS)
    each = [checksum_of(unpack(one, TABLE_ENDINGS).content) for one in paths]
    return checksum_of("".join(each).encode())


def _stacked(folder: Path, tables: list[Table], checksum: str) -> Source:
    """Put files of one format under one another."""
    kinds = {adapter_of(table.rows.columns).name for table in tables}
    if len(kinds) != 1 or generic.ADAPTER.name in kinds:
        found = examples_of(table.path.name for table in tables) or "no table"
        raise SourceError(
            f"{folder}: expected a folder of files of one known format "
            f"({', '.join(adapter.name for adapter in ADAPTERS)}), got {found}. "
            "Name one file instead.",
            path=str(folder),
        )
    adapter = adapter_of(tables[0].rows.columns)
    rows = pl.concat(
        [adapter.prepare(table.rows, table.path) for table in tables], how="diagonal_relaxed"
    )
    return Source(folder.name, rows, adapter, checksum)


def _note_recordings(state: Cleaning, keys: Keys) -> None:
    n_tracks = len(state.rows)
    n_recordings = _n_distinct(keys.recording)
    state.note(
        Finding(
            "recordings_in_several_tracks",
            n_tracks - n_recordings,
            "track that is another release of a recording (same title and credits, or the same "
            "audio vector): kept, held out together, weighted 1/n",
            "kept",
        )
    )
