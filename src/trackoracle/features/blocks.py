"""The parts of a recipe: each fills some columns of the model's input matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.genres import FAMILIES, family
from trackoracle.features.history import History
from trackoracle.features.phrases import Phrases
from trackoracle.features.prepared import ARTISTS, GENRES, Prepared
from trackoracle.schema import InputGroup, name_hashes

Matrix = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]
HISTORY_PREFIX = {ARTISTS: "artist", GENRES: "genre"}


class Block(Protocol):
    """A fitted part of a recipe."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs it makes: (k,)."""

    @property
    def groups(self) -> tuple[InputGroup, ...]:
        """Input group of each: (k,)."""

    def fill(self, prepared: Prepared, out: Matrix) -> None:
        """Write the inputs of n tracks into `out` (n, k)."""

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return plain facts and arrays from which the block can be rebuilt."""


@dataclass(frozen=True)
class RowBlock:
    """Inputs of single rows, passed through."""

    names: tuple[str, ...]
    groups: tuple[InputGroup, ...]

    def fill(self, prepared: Prepared, out: Matrix) -> None:
        """Copy the columns of `prepared`."""
        if prepared.names == self.names:
            out[:] = prepared.matrix
        else:
            out[:] = prepared.matrix[:, [prepared.names.index(name) for name in self.names]]

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return names and groups."""
        return {"names": list(self.names), "groups": list(self.groups)}, {}


@dataclass(frozen=True)
class MembershipBlock:
    """Levels of one category column that a track belongs to: 1, 0, or missing.

    Parameters
    ----------
    column, group
        The category column and its input group.
    levels
        Every level seen in training.
    own
        Those that became an input of their own.
    """

    column: str
    group: InputGroup
    levels: tuple[str, ...]
    own: tuple[str, ...]

    @cached_property
    def _places(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
        """Hashes of the levels, rising, and the column of each level and of its family."""
        hashes = name_hashes(pl.Series(self.levels, dtype=pl.String))
        order = np.argsort(hashes)
        own = {level: i for i, level in enumerate(self.own)}
        own_column = np.array([own.get(level, -1) for level in self.levels], np.int64)
        family_column = np.array(
            [len(self.own) + FAMILIES.index(family(level)) for level in self.levels], np.int64
        )
        return hashes[order], own_column[order], family_column[order]

    @property
    def _families(self) -> tuple[str, ...]:
        return FAMILIES if self.column == GENRES else ()

    @property
    def names(self) -> tuple[str, ...]:
        """One input a level, one a family, and the number of levels."""
        return (
            *(f"{self.column}={level}" for level in self.own),
            *(f"family={label}" for label in self._families),
            f"n_{self.column}",
        )

    @property
    def groups(self) -> tuple[InputGroup, ...]:
        """The group of the column, for every input."""
        return (self.group,) * len(self.names)

    def fill(self, prepared: Prepared, out: Matrix) -> None:
        """Mark memberships; a track of no known level is missing in all."""
        lists = prepared.lists[self.column]
        hashes, own_column, family_column = self._places
        places = np.minimum(np.searchsorted(hashes, lists.values), len(hashes) - 1)
        known = hashes[places] == lists.values
        rows, places = lists.rows[known], places[known]
        n_levels = np.bincount(rows, minlength=len(lists))
        out[:] = 0
        out[n_levels == 0] = np.nan
        own = own_column[places]
        out[rows[own >= 0], own[own >= 0]] = 1
        if self._families:
            out[rows, family_column[places]] = 1
        out[n_levels > 0, -1] = n_levels[n_levels > 0]

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return the column and its levels."""
        facts = {"column": self.column, "group": self.group}
        return {**facts, "levels": list(self.levels), "own": list(self.own)}, {}


@dataclass(frozen=True)
class HistoryBlock:
    """The target's history of a track's names: its artists, album, genres or words."""

    column: str
    group: InputGroup
    history: History

    @property
    def prefix(self) -> str:
        """How the inputs' names begin."""
        return HISTORY_PREFIX.get(self.column, self.column) + "_history"

    @property
    def names(self) -> tuple[str, ...]:
        """One input a measure."""
        return tuple(f"{self.prefix}_{measure}" for measure in self.history.measures_told)

    @property
    def groups(self) -> tuple[InputGroup, ...]:
        """The group of the column, for every measure."""
        return (self.group,) * len(self.names)

    def fill(self, prepared: Prepared, out: Matrix) -> None:
        """Write the measures of the full history."""
        out[:] = self.history.measures(prepared.lists[self.column])

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return the sums by name hash."""
        history = self.history
        facts: dict[str, Any] = {"column": self.column, "group": self.group}
        facts |= {"landmarks": list(history.landmarks), "priors": history.priors.tolist()}
        facts["strength"] = history.strength
        arrays = {"hashes": history.hashes, "sums": history.sums, "weights": history.weights}
        return facts, arrays


@dataclass(frozen=True)
class PhraseBlock:
    """What the words of a text are worth."""

    column: str
    group: InputGroup
    phrases: Phrases

    @property
    def names(self) -> tuple[str, ...]:
        """One input."""
        return (f"{self.column}_worth",)

    @property
    def groups(self) -> tuple[InputGroup, ...]:
        """The group of the text."""
        return (self.group,)

    def fill(self, prepared: Prepared, out: Matrix) -> None:
        """Write the worth of each text."""
        out[:, 0] = self.phrases.worths(prepared.lists[self.column])

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return the worth by hash."""
        phrases = self.phrases
        arrays: Arrays = {"hashes": phrases.hashes}
        arrays |= {"rarity": phrases.rarity, "worth": phrases.worth}
        return {"column": self.column, "group": self.group}, arrays
