"""What folds are cut from, and the model inputs of some of its rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.features import Prepared, Recipe, TrainingRows, fit_recipe
from trackoracle.schema import Contract, Keys, Target
from trackoracle.splits import Fold
from trackoracle.training.config import TrainingConfig

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """What the folds are cut from.

    Parameters
    ----------
    prepared, keys
        Of n tracks with a known target.
    contract
        The columns.
    target, values
        What is predicted, and its (n,) values.
    remembered
        (n,) what histories tell of, as the target has it.
    """

    prepared: Prepared
    keys: Keys
    contract: Contract
    target: Target
    values: Values
    remembered: Values


@dataclass(frozen=True)
class FoldInputs:
    """Model inputs of one fold: fitted on its training rows, applied to its test rows."""

    recipe: Recipe
    train: NDArray[np.float32]
    test: NDArray[np.float32]
    knows_artist: NDArray[np.bool_]


def fold_inputs(
    material: Material, fold: Fold, config: TrainingConfig, *, uses_history: bool = True
) -> FoldInputs:
    """Fit the recipe on a fold's training rows and apply it to its test rows."""
    recipe, train = fit_rows(material, fold.train, config, uses_history=uses_history)
    test = material.prepared.take(fold.test)
    return FoldInputs(recipe, train, recipe.transform(test), recipe.knows_artist(test))


def fit_rows(
    material: Material,
    rows: NDArray[np.int64],
    config: TrainingConfig,
    *,
    uses_history: bool = True,
) -> tuple[Recipe, NDArray[np.float32]]:
    """Fit the recipe on some rows; return it with their training inputs, nothing hidden.

    `uses_history` is the protocol's; see `Protocol`.
    """
    taken = TrainingRows(
        material.prepared.take(rows),
        material.remembered[rows],
        material.keys.weight_among(rows),
        material.keys.recording[rows],
        material.keys.first_artist[rows],
        material.target.landmarks,
    )
    return fit_recipe(
        taken, material.contract, config.recipe, config.seed, uses_history=uses_history
    )


def fingerprint(material: Material) -> str:
    """Hash what the folds are cut from, as it was read: another column map is another catalog.

    Values follow from what is remembered and from the target, which is told beside.
    """
    prepared, keys = material.prepared, material.keys
    arrays = [material.remembered, prepared.matrix, keys.recording, keys.album, keys.first_artist]
    for lists in (*prepared.lists.values(), keys.artists):
        arrays += [lists.values, lists.offsets]
    digest = hashlib.sha256(repr((prepared.names, sorted(prepared.lists))).encode())
    for array in (*arrays, keys.released.astype(np.int64)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
