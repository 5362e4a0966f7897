"""Tracks brought to arrays, row by row and without anything fitted.

Preparing a catalog once serves every fold, since nothing here looks at more
than one row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.derived import DERIVED
from trackoracle.schema import (
    Contract,
    InputGroup,
    Ragged,
    distinct_texts,
    name_hashes,
    normal,
)

ARTISTS = "artists"
GENRES = "genres"
N_ARTISTS = "n_artists"
RELEASE_YEAR = "release_year"
WORDS_OF = {"title_words": "track_name", "album_words": "album_name"}
"""Lists of words, and the text column that each is of."""


@dataclass(frozen=True)
class Prepared:
    """n tracks as arrays.

    Parameters
    ----------
    matrix
        (n, p) numbers of single rows, NaN where missing.
    names, groups
        (p,) what the columns are.
    lists
        n lists of hashes for each category column, for the credited `artists`, and for
        the words of title and album.
    """

    matrix: NDArray[np.float32]
    names: tuple[str, ...]
    groups: tuple[InputGroup, ...]
    lists: dict[str, Ragged]

    def __len__(self) -> int:
        return len(self.matrix)

    def take(self, rows: NDArray[np.int64]) -> Prepared:
        """Return some rows, in their order."""
        return Prepared(
            self.matrix[rows],
            self.names,
            self.groups,
            {name: lists.take(rows) for name, lists in self.lists.items()},
        )


def prepare(tracks: pl.DataFrame, contract: Contract) -> Prepared:
    """Bring tracks to arrays.

    Parameters
    ----------
    tracks
        (n, k) with every column of the contract, typed.
    contract
        Says which columns there are; its ranges and levels are not used.
    """
    numbers = [column for column in contract.columns if column.role == "number"]
    groups: list[InputGroup] = [column.group for column in numbers]
    columns = {c.name: tracks[c.name].cast(pl.Float64).to_numpy() for c in numbers}
    inputs = dict(columns)
    for derived in DERIVED:
        if set(derived.needs) <= set(columns):
            inputs[derived.name] = derived.values(columns)
            groups.append(derived.group)
    if "release_date" in contract.names:
        inputs[RELEASE_YEAR] = tracks["release_date"].dt.year().cast(pl.Float64).to_numpy()
        groups.append("release")
    lists = {c.name: _hashed(tracks[c.name]) for c in contract.columns if c.role == "category"}
    if "artists" in contract.names:
        lists[ARTISTS] = _credited(tracks["artists"])
        n_artists = lists[ARTISTS].lengths
        inputs[N_ARTISTS] = np.where(n_artists > 0, n_artists, np.nan)
        groups.append("metadata")
    for name, text in WORDS_OF.items():
        if text in contract.names:
            lists[name] = _words(tracks[text])
    matrix = np.empty((len(tracks), len(inputs)), np.float32)
    for i, values in enumerate(inputs.values()):
        matrix[:, i] = values
    return Prepared(matrix, tuple(inputs), tuple(groups), lists)


def _words(texts: pl.Series) -> Ragged:
    distinct, place = distinct_texts(texts)
    words = distinct.str.to_lowercase().str.extract_all(r"[\p{L}\p{M}\p{N}]+").list.unique()
    return _hashed(words).take(place)


def _credited(artists: pl.Series) -> Ragged:
    """Hash the normalised credits."""
    names, place = distinct_texts(_entries(artists))
    hashes = name_hashes(pl.select(normal(pl.lit(names))).to_series())
    return Ragged.of(hashes[place], artists.list.len())


def _hashed(lists: pl.Series) -> Ragged:
    return Ragged.of(name_hashes(_entries(lists)), lists.list.len())


def _entries(lists: pl.Series) -> pl.Series:
    return lists.drop_nulls().explode(empty_as_null=False)
