"""Fit one candidate on some rows; one that is made of others divides these rows once more.

Weights and second levels are chosen on inner folds, which are cut from the training rows of an
outer fold by the groups of the same protocol. So no choice has seen a row that it is judged on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import NotEnoughDataError
from trackoracle.features import Recipe, views_of
from trackoracle.models import FitRequest, InnerPart, Model, candidate_named
from trackoracle.schema import Keys, middles
from trackoracle.settings import Settings
from trackoracle.splits import Fold, Protocol, make_folds, protocol_named
from trackoracle.training.config import TrainingConfig
from trackoracle.training.material import Material, fold_inputs

Rows = NDArray[np.int64]

INNER_PARTS, INNER_JUDGED = 5, 2
"""Parts that training rows are divided into, and how many of them are judged: learning from four
fifths is near to learning from all, and two fifths are enough to rank settings, or to choose
a few weights."""
BY_RECORDING = (protocol_named("catalog"),)


def fit_candidate(
    name: str,
    material: Material,
    rows: Rows,
    recipe: Recipe,
    matrix: NDArray[np.float32],
    config: TrainingConfig,
    protocols: Sequence[Protocol] = BY_RECORDING,
) -> Model:
    """Fit one candidate on the inputs of some rows, as `fit_rows` returned them.

    Parameters
    ----------
    protocols
        By which the rows are divided again for a candidate that is made of others; several
        take turns.
    """
    inner = InnerFolds(material, rows, recipe, matrix, config, tuple(protocols))
    return candidate_named(name).fit(inner.request(name))


@dataclass(frozen=True)
class InnerFolds:
    """Training rows as candidates are shown them: whole, and divided again.

    Parameters
    ----------
    material, rows
        The training rows of the material.
    recipe, matrix
        As `fit_rows` returned them.
    config
        Of the run.
    protocols
        By which the rows are divided; several take turns.
    """

    material: Material
    rows: Rows
    recipe: Recipe
    matrix: NDArray[np.float32]
    config: TrainingConfig
    protocols: tuple[Protocol, ...]

    def request(self, name: str) -> FitRequest:
        """Return what a candidate is fitted on: all rows, with its own settings and views."""
        material, config, target = self.material, self.config, self.material.target
        views = views_of(
            self.matrix,
            self.recipe.names,
            self.recipe.groups,
            config.recipe,
            config.seed,
            candidate_named(name).n_views,
        )
        weight = material.keys.weight_among(self.rows)
        return FitRequest(
            matrix=views.matrix,
            names=self.recipe.names,
            target=material.values[self.rows][views.row],
            weight=weight[views.row] * views.share,
            task=target.task,
            params=config.params_of(name),
            seed=config.seed,
            n_classes=target.n_classes,
            bins=target.bins,
            borders=target.borders,
            levels=middles(target) if target.task == "regression" else np.zeros(0),
            mean_measures=target.mean_measures,
            inner=self,
            groups=_together(material.keys)[self.rows][views.row],
            checkpoints=Settings.from_environment().checkpoints,
        )

    def parts(self) -> Iterator[InnerPart]:
        """Yield inner folds, one in memory at a time; none where rows do not reach for them."""
        try:
            folds = inner_folds(self.material, self.rows, self.protocols, self.config)
        except NotEnoughDataError:
            return
        for fold, protocol in folds:
            inputs = fold_inputs(
                self.material, fold, self.config, uses_history=protocol.uses_history
            )
            within = InnerFolds(
                self.material, fold.train, inputs.recipe, inputs.train, self.config, (protocol,)
            )
            yield InnerPart(
                request=within.request,
                matrix=inputs.test,
                target=self.material.values[fold.test],
                weight=self.material.keys.weight_among(fold.test),
            )


def _together(keys: Keys) -> Rows:
    """Return whose rows a candidate that holds some back holds back together: (n,)."""
    return keys.first_artist if keys.has_artists else keys.recording


def inner_folds(
    material: Material, rows: Rows, protocols: Sequence[Protocol], config: TrainingConfig
) -> list[tuple[Fold, Protocol]]:
    """Divide some rows again by the groups of protocols, which take turns.

    Raises
    ------
    NotEnoughDataError
        When groups, rows or classes do not reach for it.
    """
    keys = material.keys.take(rows)
    divided = [make_folds(keys, protocol, INNER_PARTS, config.seed) for protocol in protocols]
    found = []
    for i in range(max(INNER_JUDGED, len(divided))):
        turn = i % len(divided)
        # From the last on: looking forward, these have the most to learn from.
        part = divided[turn][-1 - i // len(divided)]
        fold = Fold(rows[part.train], rows[part.test], part.n_purged)
        if all(len(np.unique(material.values[own])) > 1 for own in (fold.train, fold.test)):
            found.append((fold, protocols[turn]))
    if not found:
        raise NotEnoughDataError("inner folds: expected different targets in each, got one.")
    return found
