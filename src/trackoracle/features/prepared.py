"""Tracks brought to arrays, row by row and without anything fitted.

Preparing a catalog once serves every fold, since nothing here looks at more
than one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.derived import DERIVED
from trackoracle.features.hashing import flattened, hashed, joined, phrases
from trackoracle.features.texts import Text, read_texts, text_numbers
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
TITLE = "title"
ALBUM = "album"
ALBUM_TITLE = "album_title"
PHRASES_OF: dict[str, tuple[str, InputGroup]] = {
    "title_words": ("title", "metadata"),
    "album_words": ("album", "release"),
    "artist_words": ("artist", "artist"),
}
"""Lists of words and pairs of neighbouring words: the text and the input group of each."""
_TEXT_COLUMNS = {"title": "track_name", "album": "album_name", "artist": "artists"}


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
        n lists of hashes: of each category column, of the credited `artists`, of the `title`,
        the `album` (by its first artist) and the `album_title` (by anyone), and of the
        phrases of each text.
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
    columns = {c.name: tracks[c.name].cast(pl.Float64).to_numpy() for c in numbers}
    inputs, derived = with_derived(columns)
    groups: list[InputGroup] = [*(column.group for column in numbers), *derived]
    if "release_date" in contract.names:
        inputs[RELEASE_YEAR] = tracks["release_date"].dt.year().cast(pl.Float64).to_numpy()
        groups.append("release")
    lists = {c.name: hashed(tracks[c.name]) for c in contract.columns if c.role == "category"}
    if "artists" in contract.names:
        lists[ARTISTS] = _credited(tracks["artists"])
        n_artists = lists[ARTISTS].lengths
        inputs[N_ARTISTS] = np.where(n_artists > 0, n_artists, np.nan)
        groups.append("metadata")
    texts = read_texts(
        {
            name: _text_of(tracks, column)
            for name, column in _TEXT_COLUMNS.items()
            if column in contract.names
        }
    )
    for name, (group, values) in text_numbers(texts).items():
        inputs[name] = values
        groups.append(group)
    lists |= _names(texts)
    matrix = np.empty((len(tracks), len(inputs)), np.float32)
    for i, values in enumerate(inputs.values()):
        matrix[:, i] = values
    return Prepared(matrix, tuple(inputs), tuple(groups), lists)


def with_derived(
    columns: Mapping[str, NDArray[np.float64]],
) -> tuple[dict[str, NDArray[np.float64]], list[InputGroup]]:
    """Return number columns with what follows from them, and the input groups of the latter."""
    told = [derived for derived in DERIVED if set(derived.needs) <= set(columns)]
    made = {derived.name: derived.values(columns) for derived in told}
    return {**columns, **made}, [derived.group for derived in told]


def _text_of(tracks: pl.DataFrame, column: str) -> pl.Series:
    """Return a column's text; of the credits, the first."""
    return tracks[column].list.first() if column == "artists" else tracks[column]


def _names(texts: dict[str, Text]) -> dict[str, Ragged]:
    """Return the lists that texts give: of whole names, at most one a row, and of phrases."""
    lists = {name: _phrases_of(texts[of]) for name, (of, _) in PHRASES_OF.items() if of in texts}
    if "title" in texts:
        title = texts["title"]
        lists[TITLE] = hashed(title.column("recording")).take(title.place)
    whole = {name: hashed(text.column("normal")).take(text.place) for name, text in texts.items()}
    if "album" in whole:
        lists[ALBUM_TITLE] = whole["album"]
    if {"album", "artist"} <= whole.keys():
        album, artist = whole["album"], whole["artist"]
        named = (album.lengths > 0) & (artist.lengths > 0)
        first, other = (of.values[of.offsets[:-1][named]] for of in (album, artist))
        lists[ALBUM] = Ragged.of(joined(first, other), named)
    return lists


def _phrases_of(text: Text) -> Ragged:
    return phrases(hashed(text.column("words"))).take(text.place)


def _credited(artists: pl.Series) -> Ragged:
    """Hash the normalised credits."""
    credits, lengths = flattened(artists)
    distinct, place = distinct_texts(credits)
    names = pl.select(normal(pl.lit(distinct))).to_series()
    return Ragged.of(name_hashes(names)[place], lengths)
