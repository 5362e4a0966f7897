"""Fit a recipe on training rows only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.blocks import (
    Block,
    HistoryBlock,
    Matrix,
    MembershipBlock,
    PhraseBlock,
    RowBlock,
)
from trackoracle.features.history import fit_history
from trackoracle.features.phrases import fit_phrases
from trackoracle.features.prepared import (
    ALBUM,
    ALBUM_TITLE,
    ARTISTS,
    FEATURED,
    GENRES,
    PHRASES_OF,
    TITLE,
    Prepared,
)
from trackoracle.features.recipe import Recipe
from trackoracle.features.settings import RecipeSettings
from trackoracle.schema import Contract, InputGroup, Ragged, name_hashes

ARTIST_MEAN = "artist_history_mean"
GENRE_MEAN = "genre_history_mean"
SNAPSHOT_INPUTS = ("artist_popularity", "artist_followers")
"""Row inputs that were measured at the snapshot, as the target was."""


@dataclass(frozen=True)
class TrainingRows:
    """What a recipe may learn from: training rows only.

    Parameters
    ----------
    prepared
        n tracks.
    remembered, weight, recording, first_artist
        (n,) each; what is remembered of a name is told of its other tracks.
    landmarks
        Values of what is remembered; histories tell the share above each.
    """

    prepared: Prepared
    remembered: NDArray[np.float64]
    weight: NDArray[np.float64]
    recording: NDArray[np.int64]
    first_artist: NDArray[np.int64]
    landmarks: tuple[float, ...] = ()


def fit_recipe(
    rows: TrainingRows,
    contract: Contract,
    settings: RecipeSettings,
    seed: int,
    *,
    uses_history: bool = True,
) -> tuple[Recipe, Matrix]:
    """Fit the recipe on training rows.

    Parameters
    ----------
    rows
        The training rows.
    contract
        Which columns there are, and the names of category levels.
    seed
        Divides artists into the parts that are left out of each other's genre histories.
    uses_history
        False leaves out every history of the target and the inputs measured at the snapshot.

    Returns
    -------
    The recipe, and the inputs of the training rows (n, d): each row's own recording
    is left out of its histories. Nothing is hidden yet; see `views_of`.
    """
    prepared = rows.prepared
    blocks: list[Block] = [_row_block(prepared, uses_history)]
    for column in contract.columns:
        if column.role == "category":
            members = prepared.lists[column.name]
            block = _membership(column.name, column.group, column.levels, members, settings)
            blocks += [block] if block.levels else []
    learned = _learned(rows, settings, seed) if uses_history else []
    recipe = Recipe((*blocks, *(block for block, _ in learned)))
    return recipe, _training_matrix(recipe, prepared, learned)


def _learned(rows: TrainingRows, settings: RecipeSettings, seed: int) -> list[tuple[Block, Matrix]]:
    """Fit what remembers the target: each block, and its inputs (n, k) of the training rows."""
    # Leaving out single rows of a large genre would tell a row's own target from the tiny
    # difference to its genre's other rows; leaving out parts of all artists does not.
    parts = np.random.default_rng(seed).integers(0, 10, rows.first_artist.max(initial=0) + 1)
    part = parts[rows.first_artist]
    apart = {"recording": rows.recording, "artist": rows.first_artist, "part": part}
    lists = rows.prepared.lists
    learned: list[tuple[Block, Matrix]] = []
    expected = np.full(len(rows.weight), np.average(rows.remembered, weights=rows.weight))
    for source in _sources(settings):
        if source.name not in lists or not len(lists[source.name].values):
            continue
        names = lists[source.name]
        if source.apart != "recording":
            names = names.keep(names.shared(rows.first_artist, settings.least_artists))
        history, left_out = fit_history(
            names,
            rows.remembered,
            rows.weight,
            apart[source.apart],
            source.strength,
            source.least,
            rows.landmarks,
        )
        learned.append((HistoryBlock(source.name, source.group, history), left_out))
        if source.name == GENRES:
            expected = np.where(np.isnan(left_out[:, 0]), expected, left_out[:, 0])
    for name, (_, group) in PHRASES_OF.items():
        if name in lists and len(lists[name].values):
            phrases, worth = fit_phrases(
                lists[name],
                rows.remembered - expected,
                rows.weight,
                part,
                settings.phrase_strength,
                settings.least_phrase,
                lists[name].shared(rows.first_artist, settings.least_artists),
            )
            learned.append((PhraseBlock(name, group, phrases), worth[:, None]))
    return learned


def _row_block(prepared: Prepared, uses_history: bool) -> RowBlock:
    inputs = [
        (name, group)
        for name, group in zip(prepared.names, prepared.groups, strict=True)
        if uses_history or name not in SNAPSHOT_INPUTS
    ]
    return RowBlock(tuple(name for name, _ in inputs), tuple(group for _, group in inputs))


@dataclass(frozen=True)
class _Source:
    """What has a history, and which rows are kept apart from each other's."""

    name: str
    group: InputGroup
    strength: float
    least: float
    apart: Literal["recording", "artist", "part"]


def _sources(settings: RecipeSettings) -> tuple[_Source, ...]:
    name, least = settings.name_strength, settings.least_named
    word, words = settings.word_strength, settings.least_tracks
    return (
        _Source(ARTISTS, "artist", name, least, "recording"),
        _Source(FEATURED, "artist", name, least, "recording"),
        _Source(GENRES, "genre", settings.genre_strength, 0, "part"),
        _Source(ALBUM, "release", name, least, "recording"),
        # An album's name and a title tell of what others released under the same.
        _Source(ALBUM_TITLE, "release", name, least, "artist"),
        _Source(TITLE, "metadata", name, least, "artist"),
        *(
            _Source(phrases, group, word, words, "part")
            for phrases, (_, group) in PHRASES_OF.items()
        ),
    )


def _training_matrix(
    recipe: Recipe,
    prepared: Prepared,
    learned: list[tuple[Block, Matrix]],
) -> Matrix:
    matrix = np.empty((len(prepared), len(recipe.names)), np.float32)
    start = 0
    left_out = {id(block): part for block, part in learned}
    for block in recipe.blocks:
        part = matrix[:, start : start + len(block.names)]
        if id(block) in left_out:
            part[:] = left_out[id(block)]
        else:
            block.fill(prepared, part)
        start += len(block.names)
    return matrix


def _membership(
    column: str,
    group: InputGroup,
    level_names: tuple[str, ...],
    members: Ragged,
    settings: RecipeSettings,
) -> MembershipBlock:
    seen, counts = np.unique(members.values, return_counts=True)
    count_of = dict(zip(seen.tolist(), counts.tolist(), strict=True))
    hashes = name_hashes(pl.Series(level_names, dtype=pl.String)).tolist()
    levels = {
        name: count_of[h] for name, h in zip(level_names, hashes, strict=True) if h in count_of
    }
    frequent = sorted(levels, key=lambda name: (-levels[name], name))[: settings.most_levels]
    own = sorted(name for name in frequent if levels[name] >= settings.least_tracks)
    return MembershipBlock(column, group, tuple(levels), tuple(own))
