"""What is audited: rows as they stand, their marks and keys, and the target of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audit.findings import Notebook
from trackoracle.catalogs import INDEX_NAMES, SourceRows, load_rows
from trackoracle.schema import (
    Catalog,
    Hit,
    Popularity,
    Rows,
    Target,
    Tier,
    recording_marks,
)

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


def level_codes(texts: pl.Series) -> Codes:
    """Number the distinct values from 1, null is 0: (n,)."""
    codes = texts.rank("dense").fill_null(0).cast(pl.Int64)
    return codes.to_numpy()


@dataclass(frozen=True)
class Subject(SourceRows):
    """Rows under audit: those of a source, and what is predicted of them.

    Parameters
    ----------
    target
        What is predicted; None where the source has no target.
    values
        (n,) the target of each row, NaN where unknown.
    """

    target: Target | None
    values: NDArray[np.float64]

    @cached_property
    def row_hashes(self) -> pl.Series:
        """Of the source's columns, without those that only number the rows: (n,).

        64 bits collide once in four billion pairs of a billion rows.
        """
        index = [name for name in self.original.columns if name in INDEX_NAMES]
        return self.original.drop(index).hash_rows(seed=1)

    @cached_property
    def labelled(self) -> NDArray[np.bool_]:
        """Which rows have a target: (n,)."""
        return ~np.isnan(self.values)

    @cached_property
    def credit_codes(self) -> Codes:
        """Credits as they are written: (n,), 0 where there are none."""
        return level_codes(self.tracks["artists"].list.join("\x1f"))

    @cached_property
    def genre_codes(self) -> Codes:
        """The first genre: (n,), 0 where there is none."""
        return level_codes(self.tracks["genres"].list.first())

    @property
    def is_binary(self) -> bool:
        """Whether the target is hit or miss."""
        return self.target is not None and self.target.task == "binary"

    @property
    def target_columns(self) -> set[str]:
        """The source's columns that the target is read from."""
        if self.target is None:
            return set()
        column = _reads(self.target)
        return {self.theirs.get(column, column)}

    def has(self, *names: str) -> bool:
        """Tell whether the source has these track columns, with any value."""
        return all(
            name in self.tracks.columns and self.tracks[name].null_count() < len(self)
            for name in names
        )

    def take(self, rows: NDArray[np.int64]) -> Subject:
        """Return some rows."""
        return replace(
            self,
            original=self.original[rows],
            tracks=self.tracks[rows],
            marks=self.marks[rows],
            keys=self.keys.take(rows),
            values=self.values[rows],
        )


def subject_of(
    source: Catalog | str | Path | Rows,
    target: Target | None,
    columns: Mapping[str, str] | None,
    encoding: str,
    notebook: Notebook,
    *,
    may_lack_target: bool = False,
) -> Subject:
    """Read what is to be audited, and choose the target where none is named.

    Raises
    ------
    SourceError
        When the source cannot be read.
    TargetError
        When the named target is not there.
    """
    if isinstance(target, Tier):
        # Where a tier leaks, the popularity that it is cut from does, and shows it more sharply.
        target = Popularity(tiers=target.edges)
    rows = _rows_of(source, columns, encoding)
    target = target or _target_in(rows.tracks)
    if target is None:
        values = np.full(len(rows), np.nan)
        notebook.unchecked.append(
            "Labels, single columns and protocols: the source has no values of popularity or hit; "
            "map one with --map popularity=THEIR_COLUMN."
        )
    elif may_lack_target and _reads(target) not in rows.tracks.columns:
        values = np.full(len(rows), np.nan)
        notebook.unchecked.append(f"Targets of {rows.name}: it has none.")
    else:
        values = target.values(rows.tracks)
    return Subject(**vars(rows), target=target, values=values)


def _rows_of(
    source: Catalog | str | Path | Rows, columns: Mapping[str, str] | None, encoding: str
) -> SourceRows:
    if not isinstance(source, Catalog):
        return load_rows(source, columns=columns, encoding=encoding)
    return SourceRows(
        name=source.card.file,
        snapshot=source.card.snapshot,
        synthetic=source.card.synthetic,
        original=source.tracks,
        tracks=source.tracks,
        theirs={name: name for name in source.tracks.columns},
        marks=recording_marks(source.tracks),
        keys=source.keys,
        findings=source.card.findings,
    )


def _reads(target: Target) -> str:
    """Return the track column that a target is read from."""
    return "hit" if isinstance(target, Hit) and target.above is None else "popularity"


def _target_in(tracks: pl.DataFrame) -> Target | None:
    targets: tuple[Target, ...] = (Popularity(), Hit())
    for target in targets:
        if target.name in tracks.columns and tracks[target.name].null_count() < len(tracks):
            return target
    return None
