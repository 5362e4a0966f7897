"""Model inputs of many variations of a few tracks: only what a change can move is made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.prepared import prepare
from trackoracle.features.recipe import Recipe
from trackoracle.schema import Contract

Flags = NDArray[np.bool_]


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
        (b, c) frame of their numbers.
    contract
        Of the number columns alone.
    names
        (d,) of the inputs.
    """

    inputs: NDArray[np.float32]
    knows_artist: Flags
    numbers: pl.DataFrame
    contract: Contract
    names: tuple[str, ...]

    @classmethod
    def of(cls, tracks: pl.DataFrame, contract: Contract, recipe: Recipe) -> Variations:
        """Prepare tracks once.

        Parameters
        ----------
        tracks
            (b, k) with every column of the contract, typed.
        """
        prepared = prepare(tracks, contract)
        numbers = Contract(tuple(c for c in contract.columns if c.role == "number"))
        return cls(
            recipe.transform(prepared),
            recipe.knows_artist(prepared),
            tracks.select(pl.col(name).cast(pl.Float64) for name in numbers.names),
            numbers,
            recipe.names,
        )

    def changed(
        self, base: NDArray[np.int64], columns: Mapping[str, NDArray[np.float64]]
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
        varied = self.numbers[base].with_columns(
            pl.Series(name, values) for name, values in columns.items()
        )
        prepared = prepare(varied, self.contract)
        place = {name: i for i, name in enumerate(self.names)}
        kept = [i for i, name in enumerate(prepared.names) if name in place]
        matrix[:, [place[prepared.names[i]] for i in kept]] = prepared.matrix[:, kept]
        return matrix
