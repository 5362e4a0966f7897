"""Tracks brought to arrays, row by row and without anything fitted.

Preparing a catalog once serves every fold, since nothing here looks at more
than one row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.derived import DERIVED
from trackoracle.features.texts import text_numbers
from trackoracle.schema import (
    Contract,
    InputGroup,
    Ragged,
    distinct_texts,
    name_hashes,
    normal,
    normal_title,
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
_JOIN = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 over the golden ratio, as in Fibonacci hashing


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
    texts = _texts(tracks, contract)
    normalised = {name: _distinctly(normal, text) for name, text in texts.items()}
    for name, (group, values) in text_numbers(texts, normalised).items():
        inputs[name] = values
        groups.append(group)
    lists |= _names(texts, normalised)
    matrix = np.empty((len(tracks), len(inputs)), np.float32)
    for i, values in enumerate(inputs.values()):
        matrix[:, i] = values
    return Prepared(matrix, tuple(inputs), tuple(groups), lists)


def _texts(tracks: pl.DataFrame, contract: Contract) -> dict[str, pl.Series]:
    columns = {"title": "track_name", "album": "album_name", "artist": "artists"}
    texts = {name: tracks[c] for name, c in columns.items() if c in contract.names}
    if "artist" in texts:
        texts["artist"] = texts["artist"].list.first()
    return texts


def _names(texts: dict[str, pl.Series], normalised: dict[str, pl.Series]) -> dict[str, Ragged]:
    """Return the lists that texts give: of whole names, at most one a row, and of phrases."""
    lists = {name: _phrases(texts[of]) for name, (of, _) in PHRASES_OF.items() if of in texts}
    if "title" in texts:
        lists[TITLE] = _single(_distinctly(normal_title, texts["title"]))
    if "album" in texts:
        lists[ALBUM_TITLE] = _single(normalised["album"])
    if {"album", "artist"} <= texts.keys():
        album, artist = normalised["album"], normalised["artist"]
        named = (album.is_not_null() & artist.is_not_null()).to_numpy()
        joined = _joined(name_hashes(album), name_hashes(artist))
        lists[ALBUM] = Ragged.of(joined[named], pl.Series(named).cast(pl.UInt32))
    return lists


def _distinctly(how: Callable[[pl.Expr], pl.Expr], texts: pl.Series) -> pl.Series:
    """Apply an expression to each distinct text once."""
    distinct, place = distinct_texts(texts)
    return pl.select(how(pl.lit(distinct))).to_series().gather(place)


def _single(names: pl.Series) -> Ragged:
    return Ragged.of(name_hashes(names.drop_nulls()), names.is_not_null().cast(pl.UInt32))


def _phrases(texts: pl.Series) -> Ragged:
    """Hash the words and the pairs of neighbouring words of each text, each once."""
    distinct, place = distinct_texts(texts)
    words = _hashed(distinct.str.to_lowercase().str.extract_all(r"[\p{L}\p{M}\p{N}]+"))
    follows = words.rows[1:] == words.rows[:-1]
    pairs = _joined(words.values[:-1], words.values[1:])[follows]
    rows = np.concatenate([words.rows, words.rows[:-1][follows]])
    values = np.concatenate([words.values, pairs])
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1]) | (values[1:] != values[:-1])
    lengths = np.bincount(rows[first], minlength=len(words))
    return Ragged.of(values[first], pl.Series(lengths)).take(place)


def _joined(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.uint64]:
    """Hash two hashes to one; their order counts."""
    turned = (other << np.uint64(31)) | (other >> np.uint64(33))
    return np.asarray(one * _JOIN ^ turned, np.uint64)


def _credited(artists: pl.Series) -> Ragged:
    """Hash the normalised credits."""
    names = _entries(artists)
    return Ragged.of(name_hashes(_distinctly(normal, names)), artists.list.len())


def _hashed(lists: pl.Series) -> Ragged:
    return Ragged.of(name_hashes(_entries(lists)), lists.list.len())


def _entries(lists: pl.Series) -> pl.Series:
    return lists.drop_nulls().explode(empty_as_null=False)
