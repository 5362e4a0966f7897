"""Model inputs of many variations of a few tracks: only what a change can move is made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.prepared import prepare, with_derived
from trackoracle.features.recipe import Recipe
from trackoracle.schema import Contract, Ragged

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Variations:
    """Tracks as they stand, from which variations in number columns are made.

    Parameters
    ----------
    inputs
        (b, d) their model inputs.
    knows_artist
        (b,) whether a credited name has a history.
    numbers
        By number column, (b,) values; NaN where missing.
    names
        (d,) of the inputs.
    genres
        b lists of hashes, where the contract has them.
    """

    inputs: NDArray[np.float32]
    knows_artist: Flags
    numbers: Mapping[str, Values]
    names: tuple[str, ...]
    genres: Ragged | None

    @classmethod
    def of(cls, tracks: pl.DataFrame, contract: Contract, recipe: Recipe) -> Variations:
        """Prepare tracks once.

        Parameters
        ----------
        tracks
            (b, k) with every column of the contract, typed.
        """
        prepared = prepare(tracks, contract)
        numbers = [column.name for column in contract.columns if column.role == "number"]
        return cls(
            recipe.transform(prepared),
            recipe.knows_artist(prepared),
            {name: tracks[name].cast(pl.Float64).to_numpy() for name in numbers},
            recipe.names,
            prepared.genres,
        )

    def changed(
        self, base: NDArray[np.int64], columns: Mapping[str, Values]
    ) -> NDArray[np.float32]:
        """Return the inputs of m variations: (m, d), as `prepare` and the recipe would make them.

        Parameters
        ----------
        base
            (m,) the track that each varies.
        columns
            (m,) values of the changed number columns; NaN where missing.
        """
        matrix = self.inputs[base]
        numbers = {name: values[base] for name, values in self.numbers.items()}
        inputs, _ = with_derived({**numbers, **columns})
        for i, name in enumerate(self.names):
            if name in inputs:
                matrix[:, i] = inputs[name]
        return matrix
