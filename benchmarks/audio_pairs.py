"""The descriptor files of audio-pairs as labelled parts; their README says how each was made.

Artists, titles and ids say what is held out together and go no further.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audio.estimating.inputs import STEPS
from trackoracle.audio.estimating.labelled import Part
from trackoracle.schema import ESTIMATED

SIX = (
    "fma_mfcc20",
    "fma_means74",
    "spotify_loudest15s",
    "spotify_chroma12_mfcc20",
    "spotify_means36",
    "gtzan57",
)
"""The files of the README's table."""
FILES = (*SIX, "fma_mfcc50_lifter")
DESCRIPTORS = {
    "fma_mfcc20": slice(1, 21),
    "fma_means74": slice(2, 76),
    "spotify_loudest15s": slice(1, 35),
    "spotify_chroma12_mfcc20": slice(1, 34),
    "spotify_means36": slice(17, 53),
    "gtzan57": slice(0, 57),
}
"""Where a file's descriptors stand among its columns."""
PUBLISHED = {
    "fma_mfcc20": (0.64, 0.30, 0.69, 0.28, 0.07, 0.09, 0.13),
    "fma_means74": (0.67, 0.25, 0.68, 0.27, 0.09, 0.16, 0.20),
    "spotify_loudest15s": (0.65, 0.38, 0.71, 0.11, 0.04, 0.25, 0.33),
    "spotify_chroma12_mfcc20": (0.61, 0.25, 0.58, 0.17, 0.05, 0.17, 0.18),
    "spotify_means36": (0.59, 0.25, 0.54, 0.03, 0.01, 0.13, 0.21),
    "gtzan57": (0.59, 0.42, 0.62, 0.16, -0.02, 0.24, 0.25),
}
"""R2 of a plain extra-trees model, as the README gives it."""
NEIGHBOURS = 8
"""FMA numbers its tracks as they were uploaded: ids no further apart are one release, mostly."""
_ARTISTS = ("artist", "artist_name", "match_artist", "sturm_artist", "shazam_artist")
_TITLES = ("title", "track_name", "match_title")


def read_pairs(folder: Path, without: Sequence[int] = ()) -> list[Part]:
    """Read the files as parts whose groups and titles have the same codes in all.

    Parameters
    ----------
    folder
        Of audio-pairs.
    without
        FMA ids to leave out, with every neighbour of theirs.
    """
    tables = _tables(folder)
    groups = _groups(tables)
    ids = {f"fma {i}" for i in without}
    parts = []
    left_out = {
        group
        for name, table in tables.items()
        for group, marks in zip(groups[name], _marks(name, table), strict=True)
        if ids & set(marks)
    }
    titles: dict[str, int] = {"": -1}
    for name, table in tables.items():
        columns = tuple(c for c in table.columns if c in STEPS[name])  # the file's order
        title = [titles.setdefault(t, len(titles)) for t in _title(table)]
        keep = np.array([group not in left_out for group in groups[name]])
        part = Part(
            name,
            columns,
            table.select(columns).cast(pl.Float64).to_numpy()[keep],
            table.select(ESTIMATED).cast(pl.Float64).to_numpy()[keep],
            np.array(groups[name])[keep],
            np.array(title)[keep],
        )
        parts.append(part)
    return parts


def every_descriptor(folder: Path) -> dict[str, NDArray[np.float64]]:
    """Return all descriptor columns of the six files, also those that no one recomputed.

    Rows are those of `read_pairs`.
    """
    tables = _tables(folder)
    return {
        name: tables[name].select(tables[name].columns[own]).cast(pl.Float64).to_numpy()
        for name, own in DESCRIPTORS.items()
    }


def _tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Read the files, without the rows that are flagged as silent."""
    tables = {name: pl.read_csv(folder / f"{name}.csv", infer_schema_length=None) for name in FILES}
    loud = pl.col("suspect_silent").cast(pl.Int64) == 0
    return tables | {"spotify_loudest15s": tables["spotify_loudest15s"].filter(loud)}


def _groups(tables: dict[str, pl.DataFrame]) -> dict[str, list[int]]:
    """Give rows that share an id or an artist, or are FMA neighbours, one code."""
    parent: dict[str, str] = {}

    def root(mark: str) -> str:
        while parent.setdefault(mark, mark) != mark:
            parent[mark] = parent[parent[mark]]
            mark = parent[mark]
        return mark

    marks = {name: _marks(name, table) for name, table in tables.items()}
    for row in (row for of in marks.values() for row in of):
        for other in row[1:]:
            parent[root(other)] = root(row[0])
    fma = sorted(
        {int(row[0].split()[1]) for of in marks.values() for row in of if row[0][:3] == "fma"}
    )
    for a, b in pairwise(fma):
        if b - a <= NEIGHBOURS:
            parent[root(f"fma {b}")] = root(f"fma {a}")
    codes: dict[str, int] = {}
    return {
        name: [codes.setdefault(root(row[0]), len(codes)) for row in of]
        for name, of in marks.items()
    }


def _marks(name: str, table: pl.DataFrame) -> list[list[str]]:
    found = []
    for i, row in enumerate(table.iter_rows(named=True)):
        marks = [f"fma {row['track_id']}"] if "track_id" in row else []
        marks += [f"id {row['spotify_id']}"] if row.get("spotify_id") else []
        artists = (_plain(str(row.get(c) or "").split(";")[0].split(",")[0]) for c in _ARTISTS)
        marks += [f"artist {a}" for a in artists if a]
        found.append(marks or [f"{name} {i}"])
    return found


def _title(table: pl.DataFrame) -> Iterable[str]:
    for row in table.iter_rows(named=True):
        texts = (row.get(column) for column in _TITLES)
        yield _plain(next((str(t) for t in texts if t), ""))


def _plain(text: str) -> str:
    """Leave out accents, brackets, what follows a dash, and all but letters and digits."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(.*?\)|\[.*?\]| - .*|feat\..*", "", bare))
