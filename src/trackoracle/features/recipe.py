"""The recipe: from tracks to model inputs, as it was fitted on training rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
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
from trackoracle.features.history import History
from trackoracle.features.phrases import Phrases
from trackoracle.features.prepared import ARTISTS, Prepared
from trackoracle.schema import InputGroup

_HISTORY_ARRAYS = ("hashes", "sums", "weights")


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
