"""The published files as the replays read them, with TrackOracle's keys beside each row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.published.step import Codes
from trackoracle import Catalog, load_catalog
from trackoracle.schema import Keys

FILES = {
    "H": Path("hit-predictor", "dataset-of-10s.csv"),
    "P": Path("tracks-114k", "dataset.csv"),
    "A": Path("tracks-114k", "dataset.csv"),
    "N": Path("million-sample", "spotify_data.csv"),
}
"""System to its file within `TRACKORACLE_DATA`."""


@dataclass(frozen=True)
class Rows:
    """Rows of a published file.

    Parameters
    ----------
    table
        (n, k) as published, the target under its name in the catalog.
    track
        (n,) row of the catalog that each row became.
    catalog
        The same file as TrackOracle loads it: one row a track id.
    """

    table: pl.DataFrame
    track: Codes
    catalog: Catalog

    def __len__(self) -> int:
        return len(self.table)

    @property
    def keys(self) -> Keys:
        """Recordings, albums and artists of the rows."""
        return self.catalog.keys.take(self.track)

    def filter(self, keep: pl.Expr | pl.Series) -> Rows:
        """Return some rows, in their order."""
        kept = self.table.select(keep).to_series().to_numpy() if isinstance(keep, pl.Expr) else keep
        chosen = np.flatnonzero(kept)
        return Rows(self.table[chosen], self.track[chosen], self.catalog)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def tracks(path: Path) -> Rows:
    """Read the 114k tracks without the row that has no names."""
    table = pl.read_csv(path).select(pl.exclude("", "Unnamed: 0")).drop_nulls()
    return _keyed(table, table["track_id"], path)


@cache
def hits(path: Path) -> Rows:
    """Read a decade of the hit predictor."""
    table = pl.read_csv(path).rename({"target": "hit"})
    return _keyed(table, table["uri"].str.split(":").list.last(), path)


@cache
def million(path: Path) -> Rows:
    """Read the format of a million tracks without rows that lack something."""
    table = pl.read_csv(path).select(pl.exclude("", "Unnamed: 0")).drop_nulls()
    return _keyed(table, table["track_id"], path)


def _keyed(table: pl.DataFrame, ids: pl.Series, path: Path) -> Rows:
    catalog = load_catalog(path)
    known = catalog.tracks.select("track_id", row=pl.int_range(pl.len(), dtype=pl.Int64))
    found = ids.alias("track_id").to_frame().join(known, on="track_id", how="left")["row"]
    if found.null_count():
        raise ValueError(
            f"{path}: expected every id in the catalog, got {found.null_count()} that are not."
        )
    return Rows(table, found.to_numpy().astype(np.int64), catalog)
