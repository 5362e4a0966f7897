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
from trackoracle.features.hashing import hashed, hashed_lists, joined, phrases
from trackoracle.features.texts import Texts, read_texts, text_numbers
from trackoracle.schema import (
    Contract,
    InputGroup,
    Ragged,
    entries,
    normal_forms,
    text_hashes,
)

ARTISTS = "artists"
FEATURED = "featured"
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
TEXT_COLUMNS = {"title": "track_name", "album": "album_name", "artist": "artists"}


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
        n lists of hashes: of each category column, of the credited `artists`, of those that
        are `featured` (credited after the first), of the `title`, the `album` (by its first
        artist) and the `album_title` (by anyone), and of the phrases of each text.
    """

    matrix: NDArray[np.float32]
    names: tuple[str, ...]
    groups: tuple[InputGroup, ...]
    lists: dict[str, Ragged]

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def genres(self) -> Ragged | None:
        """The genres of each track, where the contract has them."""
        return self.lists.get(GENRES)

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
    given = tracks.to_dict()
    numbers = [column for column in contract.columns if column.role == "number"]
    columns = {c.name: given[c.name].cast(pl.Float64).to_numpy() for c in numbers}
    inputs, derived = with_derived(columns)
    groups: list[InputGroup] = [*(column.group for column in numbers), *derived]
    names = set(contract.names)
    if "release_date" in names:
        inputs[RELEASE_YEAR] = given["release_date"].dt.year().cast(pl.Float64).to_numpy()
        groups.append("release")
    lists = {c.name: hashed_lists(given[c.name]) for c in contract.columns if c.role == "category"}
    written = {n: given[of] for n, of in TEXT_COLUMNS.items() if of in names and of != "artists"}
    if "artists" in names:
        credits, n_artists = entries(given["artists"])
        lists[ARTISTS] = _credited(credits, n_artists)
        lists[FEATURED] = _after_first(lists[ARTISTS])
        written["artist"] = _first_of_each(credits, n_artists)
        inputs[N_ARTISTS] = np.where(n_artists > 0, n_artists, np.nan)
        groups.append("metadata")
    texts = read_texts(written)
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


def _after_first(credited: Ragged) -> Ragged:
    """Leave out the first entry of each row."""
    is_later = np.ones(len(credited.values), bool)
    is_later[credited.offsets[:-1][credited.lengths > 0]] = False
    return Ragged.of(credited.values[is_later], np.maximum(credited.lengths - 1, 0))


def _first_of_each(credits: list[str], lengths: NDArray[np.int64]) -> pl.Series:
    ends = np.cumsum(lengths).tolist()
    first = [credits[end - n] if n else None for end, n in zip(ends, lengths.tolist(), strict=True)]
    return pl.Series("artist", first, pl.String)


def _names(texts: Texts) -> dict[str, Ragged]:
    """Return the lists that texts give: of whole names, at most one a row, and of phrases."""
    places, said, names = texts.places, phrases(texts.words), hashed(texts.normal)
    lists = {name: said.take(places[of]) for name, (of, _) in PHRASES_OF.items() if of in places}
    if "title" in places:
        lists[TITLE] = hashed(texts.recordings).take(places["title"])
    if "album" in places:
        lists[ALBUM_TITLE] = names.take(places["album"])
    if {"album", "artist"} <= places.keys():
        album, artist = lists[ALBUM_TITLE], names.take(places["artist"])
        named = (album.lengths > 0) & (artist.lengths > 0)
        first, other = (of.values[of.offsets[:-1][named]] for of in (album, artist))
        lists[ALBUM] = Ragged.of(joined(first, other), named)
    return lists


def _credited(credits: list[str], lengths: NDArray[np.int64]) -> Ragged:
    """Hash the normalised credits."""
    distinct = list(dict.fromkeys(credits))
    hashes = dict(zip(distinct, text_hashes(normal_forms(distinct)).tolist(), strict=True))
    return Ragged.of(np.array([hashes[name] for name in credits], np.uint64), lengths)
