"""The small catalog as material, and the rows of one fold with an arm's inputs told."""

from __future__ import annotations

import numpy as np
import pytest

import trackoracle as to
from trackoracle.experiments.arms import inner_fold
from trackoracle.experiments.inputs import Inputs, tell_inputs
from trackoracle.experiments.resampling import Rows
from trackoracle.experiments.settings import ExperimentSettings
from trackoracle.splits import Fold, make_folds, protocol_named
from trackoracle.training import Material, fit_rows, labelled_material

QUICK = ExperimentSettings(
    candidates=("tree",), resampling=("none", "undersample"), n_folds=2, n_bootstrap=20
)
HIT = to.Hit(above=50)
NEW_ARTIST = protocol_named("new_artist")


@pytest.fixture(scope="session")
def material(small_catalog: to.Catalog) -> Material:
    return labelled_material(small_catalog, HIT)[1]


@pytest.fixture(scope="session")
def fold(material: Material) -> Fold:
    return make_folds(material.keys, NEW_ARTIST, 2, seed=0)[0]


@pytest.fixture(scope="session")
def fitted(material: Material, fold: Fold) -> tuple[Rows, Inputs]:
    """Training rows as the recipe leaves them: with missing values."""
    inner = inner_fold(material, fold, NEW_ARTIST, seed=0)
    recipe, matrix = fit_rows(material, inner.train, QUICK.training)
    rows = Rows(matrix, material.values[inner.train], np.linspace(0.5, 1, len(inner.train)))
    return rows, tell_inputs(matrix, recipe.names, material.prepared.names)
