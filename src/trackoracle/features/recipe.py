"""The recipe: from tracks to model inputs, fitted on training rows only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.blocks import (
    Arrays,
    Block,
    HistoryBlock,
    Matrix,
    MembershipBlock,
    PhraseBlock,
    RowBlock,
)
from trackoracle.features.history import History, fit_history
from trackoracle.features.phrases import Phrases, fit_phrases
from trackoracle.features.prepared import (
    ALBUM,
    ALBUM_TITLE,
    ARTISTS,
    GENRES,
    PHRASES_OF,
    TITLE,
    Prepared,
)
from trackoracle.schema import INPUT_GROUPS, Contract, InputGroup, Ragged, name_hashes

ARTIST_MEAN = "artist_history_mean"
GENRE_MEAN = "genre_history_mean"
_ALBUM_HISTORIES = (f"{ALBUM}_history", f"{ALBUM_TITLE}_history")
_KEPT: dict[tuple[InputGroup, ...], float] = {
    ("audio",): 0.30,
    ("audio", "genre"): 0.20,
    ("audio", "genre", "metadata"): 0.20,
    (): 0.05,
}
_ANY = 0.25
"""Of the rows from which input groups are hidden: the shares of those that keep some, and of
those that keep each group or not by the toss of a coin."""
_HISTORY_ARRAYS = ("hashes", "sums", "weights")
SNAPSHOT_INPUTS = ("artist_popularity", "artist_followers")
"""Row inputs that were measured at the snapshot, as the target was."""


@dataclass(frozen=True)
class RecipeSettings:
    """What a recipe may be told.

    Parameters
    ----------
    name_strength, genre_strength, word_strength
        Recordings of evidence that the prior weighs in the history of an artist, album or
        title, of a genre, and of a word.
    phrase_strength
        Of the ridge penalty on the worth of phrases.
    masked_share
        Share of training rows whose artist history is hidden, and of the others the share
        whose album history is, so that the model learns what to do with an unknown artist,
        and with a known artist's new album.
    dropped_share
        Share of training rows from which input groups are hidden, so that the model learns
        to answer with any of them missing: in most rows all but those that are known first,
        as of a recording alone, in the others any.
    least_tracks
        A category level needs as many training tracks to become an input, a word to
        have a history.
    least_named, least_phrase
        Training recordings that an artist, album or title needs to have a history, and
        training tracks that a phrase needs to have a worth.
    least_artists
        Whatever fewer first artists use has neither: genres, titles and album names, words
        and phrases. An artist, and an album by its artist, has one artist anyway.
    most_levels
        At most so many levels of one category column become inputs.
    """

    name_strength: float = 1.0
    genre_strength: float = 20.0
    word_strength: float = 20.0
    phrase_strength: float = 1.0
    masked_share: float = 0.4
    dropped_share: float = 0.25
    least_tracks: int = 20
    least_named: int = 0
    least_phrase: int = 3
    least_artists: int = 0
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
                history = _history(fact, {n: arrays[f"{i}_{n}"] for n in _HISTORY_ARRAYS})
                blocks.append(HistoryBlock(fact["column"], fact["group"], history))
            case "PhraseBlock":
                phrases = Phrases(*(arrays[f"{i}_{n}"] for n in ("hashes", "rarity", "worth")))
                phrases.check()
                blocks.append(PhraseBlock(fact["column"], fact["group"], phrases))
            case unknown:
                raise ValueError(f"recipe: expected a known block, got {unknown!r}")
    return Recipe(tuple(blocks))


def _history(fact: dict[str, Any], arrays: Arrays) -> History:
    """Rebuild a history; files of format 2 tell of no landmarks."""
    sums, strength = arrays["sums"], float(fact["strength"])
    if "landmarks" in fact:
        landmarks = tuple(float(landmark) for landmark in fact["landmarks"])
        priors = np.array(fact["priors"], np.float64)
    else:
        landmarks, priors, sums = (), np.array([fact["prior"]], np.float64), sums[:, None]
    history = History(landmarks, priors, strength, arrays["hashes"], sums, arrays["weights"])
    history.check()
    return history


@dataclass(frozen=True)
class TrainingRows:
    """What a recipe may learn from: training rows only.

    Parameters
    ----------
    prepared
        n tracks.
    target, weight, recording, first_artist
        (n,) each.
    landmarks
        Values of the target; histories tell the share above each.
    """

    prepared: Prepared
    target: NDArray[np.float64]
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
    learned = _learned(rows, settings, seed) if uses_history else []
    recipe = Recipe((*blocks, *(block for block, _ in learned)))
    return recipe, _training_matrix(recipe, prepared, learned, settings, seed)


def _learned(rows: TrainingRows, settings: RecipeSettings, seed: int) -> list[tuple[Block, Matrix]]:
    """Fit what remembers the target: each block, and its inputs (n, k) of the training rows."""
    # Leaving out single rows of a large genre would tell a row's own target from the tiny
    # difference to its genre's other rows; leaving out parts of all artists does not.
    parts = np.random.default_rng(seed).integers(0, 10, rows.first_artist.max(initial=0) + 1)
    part = parts[rows.first_artist]
    apart = {"recording": rows.recording, "artist": rows.first_artist, "part": part}
    lists = rows.prepared.lists
    learned: list[tuple[Block, Matrix]] = []
    expected = np.full(len(rows.target), np.average(rows.target, weights=rows.weight))
    for source in _sources(settings):
        if source.name not in lists or not len(lists[source.name].values):
            continue
        names = lists[source.name]
        if source.apart != "recording":
            names = names.keep(names.shared(rows.first_artist, settings.least_artists))
        history, left_out = fit_history(
            names,
            rows.target,
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
                rows.target - expected,
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
    settings: RecipeSettings,
    seed: int,
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
    _hide(matrix, recipe, settings, seed)
    return matrix


def _hide(matrix: Matrix, recipe: Recipe, settings: RecipeSettings, seed: int) -> None:
    """Hide what may be missing when predicting, so that missing is learned and never zero.

    The boosters take a missing value for 0 in every input that was never missing in training.
    """
    random = np.random.default_rng(seed)
    n = len(matrix)
    artist = np.array([name.startswith("artist_history") for name in recipe.names], bool)
    album = np.array([name.startswith(_ALBUM_HISTORIES) for name in recipe.names], bool)
    groups = np.array(recipe.groups, str)
    new_artist = random.random(n) < settings.masked_share
    new_album = new_artist | (random.random(n) < settings.masked_share)
    matrix[np.ix_(new_artist, artist)] = np.nan
    matrix[np.ix_(new_album, album)] = np.nan
    kept = random.choice(len(_KEPT) + 1, n, p=(*_KEPT.values(), _ANY))
    kept[random.random(n) >= settings.dropped_share] = -1
    for i, given in enumerate(_KEPT):
        matrix[np.ix_(kept == i, ~np.isin(groups, given))] = np.nan
    for group in INPUT_GROUPS:
        matrix[np.ix_((kept == len(_KEPT)) & (random.random(n) < 0.5), groups == group)] = np.nan


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
