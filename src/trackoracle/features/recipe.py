"""The recipe: from tracks to model inputs, fitted on training rows only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.blocks import (
    Arrays,
    Block,
    HistoryBlock,
    Matrix,
    MembershipBlock,
    RowBlock,
)
from trackoracle.features.history import History, fit_history
from trackoracle.features.prepared import ARTISTS, GENRES, Prepared
from trackoracle.schema import INPUT_GROUPS, Contract, InputGroup, Ragged, name_hashes

ARTIST_MEAN = "artist_history_mean"
GENRE_MEAN = "genre_history_mean"
SNAPSHOT_INPUTS = ("artist_popularity", "artist_followers")
"""Row inputs that were measured at the snapshot, as the target was."""


@dataclass(frozen=True)
class RecipeSettings:
    """What a recipe may be told.

    Parameters
    ----------
    artist_strength, genre_strength, word_strength
        Recordings of evidence that the prior weighs in a history.
    masked_share
        Share of training rows whose artist history is hidden, so that the model
        learns what to do with an unknown artist.
    dropped_share
        Share of training rows from which each input group is hidden, and twice the
        share from which all are.
    least_tracks
        A category level needs as many training tracks to become an input, a word to
        have a history.
    most_levels
        At most so many levels of one category column become inputs.
    """

    artist_strength: float = 1.0
    genre_strength: float = 20.0
    word_strength: float = 20.0
    masked_share: float = 0.4
    dropped_share: float = 0.06
    least_tracks: int = 20
    most_levels: int = 150


@dataclass(frozen=True)
class Recipe:
    """A fitted recipe: an ordered tuple of blocks."""

    blocks: tuple[Block, ...]
    names: tuple[str, ...] = field(init=False)
    groups: tuple[InputGroup, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(name for block in self.blocks for name in block.names)
        groups = tuple(group for block in self.blocks for group in block.groups)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "groups", groups)

    def transform(self, prepared: Prepared) -> Matrix:
        """Return the model inputs of n tracks: (n, d), NaN where missing."""
        matrix = np.empty((len(prepared), len(self.names)), np.float32)
        start = 0
        for block in self.blocks:
            end = start + len(block.names)
            block.fill(prepared, matrix[:, start:end])
            start = end
        return matrix

    def history_of(self, column: str) -> History | None:
        """Return the history of a column, if the recipe has one."""
        for block in self.blocks:
            if isinstance(block, HistoryBlock) and block.column == column:
                return block.history
        return None

    def knows_artist(self, prepared: Prepared) -> NDArray[np.bool_]:
        """Tell for each track whether a credited name has a history: (n,)."""
        history = self.history_of(ARTISTS)
        return history.known(prepared.lists[ARTISTS]) if history else np.zeros(len(prepared), bool)

    def state(self) -> tuple[list[dict[str, Any]], Arrays]:
        """Return plain facts and arrays from which `recipe_from_state` rebuilds it."""
        facts: list[dict[str, Any]] = []
        arrays: Arrays = {}
        for i, block in enumerate(self.blocks):
            block_facts, block_arrays = block.state()
            facts.append({"block": type(block).__name__, **block_facts})
            arrays |= {f"{i}_{name}": array for name, array in block_arrays.items()}
        return facts, arrays


def recipe_from_state(facts: list[dict[str, Any]], arrays: Arrays) -> Recipe:
    """Rebuild a recipe from what `Recipe.state` returned."""
    blocks: list[Block] = []
    for i, fact in enumerate(facts):
        match fact["block"]:
            case "RowBlock":
                blocks.append(RowBlock(tuple(fact["names"]), tuple(fact["groups"])))
            case "MembershipBlock":
                levels, own = tuple(fact["levels"]), tuple(fact["own"])
                blocks.append(MembershipBlock(fact["column"], fact["group"], levels, own))
            case "HistoryBlock":
                sums = [arrays[f"{i}_{name}"] for name in ("hashes", "sums", "weights")]
                history = History(float(fact["prior"]), float(fact["strength"]), *sums)
                history.check()
                blocks.append(HistoryBlock(fact["column"], fact["group"], history))
            case unknown:
                raise ValueError(f"recipe: expected a known block, got {unknown!r}")
    return Recipe(tuple(blocks))


@dataclass(frozen=True)
class TrainingRows:
    """What a recipe may learn from: training rows only.

    Parameters
    ----------
    prepared
        n tracks.
    target, weight, recording, first_artist
        (n,) each.
    """

    prepared: Prepared
    target: NDArray[np.float64]
    weight: NDArray[np.float64]
    recording: NDArray[np.int64]
    first_artist: NDArray[np.int64]


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
        Decides which rows' artist history is hidden.
    uses_history
        False leaves out every history of the target and the inputs measured at the snapshot.

    Returns
    -------
    The recipe, and the inputs of the training rows (n, d): each row's own recording
    is left out of its histories, and a share of rows has its artist history hidden.
    """
    prepared = rows.prepared
    blocks: list[Block] = [_row_block(prepared, uses_history)]
    for column in contract.columns:
        if column.role == "category":
            members = prepared.lists[column.name]
            block = _membership(column.name, column.group, column.levels, members, settings)
            blocks += [block] if block.levels else []
    left_out: dict[str, Matrix] = {}
    # Leaving out single rows of a large genre would tell a row's own target from the tiny
    # difference to its genre's other rows; leaving out parts of all artists does not.
    parts = np.random.default_rng(seed).integers(0, 10, rows.first_artist.max(initial=0) + 1)
    for name, group, strength, least in _sources(settings) if uses_history else ():
        if name in prepared.lists and len(prepared.lists[name].values):
            history, left_out[name] = fit_history(
                prepared.lists[name],
                rows.target,
                rows.weight,
                rows.recording if name == ARTISTS else parts[rows.first_artist],
                strength,
                least,
            )
            blocks.append(HistoryBlock(name, group, history))
    recipe = Recipe(tuple(blocks))
    return recipe, _training_matrix(recipe, prepared, left_out, settings, seed)


def _row_block(prepared: Prepared, uses_history: bool) -> RowBlock:
    inputs = [
        (name, group)
        for name, group in zip(prepared.names, prepared.groups, strict=True)
        if uses_history or name not in SNAPSHOT_INPUTS
    ]
    return RowBlock(tuple(name for name, _ in inputs), tuple(group for _, group in inputs))


def _sources(settings: RecipeSettings) -> tuple[tuple[str, InputGroup, float, float], ...]:
    """List what may have a history: its group, the prior's strength, the least evidence."""
    return (
        (ARTISTS, "artist", settings.artist_strength, 0),
        (GENRES, "genre", settings.genre_strength, 0),
        ("title_words", "metadata", settings.word_strength, settings.least_tracks),
        ("album_words", "release", settings.word_strength, settings.least_tracks),
    )


def _training_matrix(
    recipe: Recipe,
    prepared: Prepared,
    left_out: dict[str, Matrix],
    settings: RecipeSettings,
    seed: int,
) -> Matrix:
    matrix = np.empty((len(prepared), len(recipe.names)), np.float32)
    start = 0
    for block in recipe.blocks:
        part = matrix[:, start : start + len(block.names)]
        if isinstance(block, HistoryBlock):
            part[:] = left_out[block.column]
        else:
            block.fill(prepared, part)
        start += len(block.names)
    _hide(matrix, recipe, settings, seed)
    return matrix


def _hide(matrix: Matrix, recipe: Recipe, settings: RecipeSettings, seed: int) -> None:
    """Hide what may be missing when predicting, so that missing is learned and never zero.

    The boosters take a missing value for 0 in every input that was never missing in training.
    """
    random = np.random.default_rng(seed)
    n = len(matrix)
    artist_history = np.array([name.startswith("artist_history") for name in recipe.names], bool)
    groups = np.array(recipe.groups, str)
    matrix[np.ix_(random.random(n) < settings.masked_share, artist_history)] = np.nan
    for group in INPUT_GROUPS:
        matrix[np.ix_(random.random(n) < settings.dropped_share, groups == group)] = np.nan
    matrix[random.random(n) < settings.dropped_share / 2] = np.nan


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
