"""Resampling arms: training rows of one fold, brought towards even classes.

Whatever makes rows looks for neighbours in `neighbours.Space`, where missing
values are imputed and categories are categories; imbalanced-learn does the
rest. ADASYN and SMOTE-Tomek have no categorical variant there; in this space
each has one, since all three draw a point between a hit and a neighbouring hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import NotEnoughDataError
from trackoracle.experiments.inputs import Inputs, Matrix
from trackoracle.experiments.neighbours import Space, fit_space
from trackoracle.optional import require

Values = NDArray[np.float64]
NEEDS_IMBLEARN = ("undersample", "smote", "adasyn", "smote_tomek", "balanced_forest")


@dataclass(frozen=True)
class Rows:
    """Rows to fit a candidate on.

    Parameters
    ----------
    matrix
        (n, d) inputs, NaN where missing.
    target, weight
        (n,) each.
    n_made
        How many of them, the last ones, are synthetic.
    """

    matrix: Matrix
    target: Values
    weight: Values
    n_made: int = 0

    def take(self, rows: NDArray[Any]) -> Rows:
        """Return some rows, none of them synthetic."""
        return Rows(self.matrix[rows], self.target[rows], self.weight[rows])


def resample(kind: str, rows: Rows, inputs: Inputs, n_neighbors: int, seed: int) -> Rows:
    """Resample training rows.

    Parameters
    ----------
    kind
        The arm. "balanced_forest" resamples tree by tree itself.
    rows
        Training rows, none synthetic.
    inputs
        What the inputs are.
    n_neighbors
        Of a row of the smaller class; fewer when the class is not larger.
    seed
        For what is drawn.

    Raises
    ------
    NotEnoughDataError
        When the smaller class has too few rows to have neighbours, or when all their
        neighbours are of their own class (ADASYN).
    """
    match kind:
        case "class_weights":
            return _weighted(rows)
        case "undersample":
            return rows.take(_undersampled(rows, seed))
        case "smote" | "adasyn":
            return _made(kind, rows, fit_space(rows.matrix, inputs), n_neighbors, seed)
        case "smote_tomek":
            space = fit_space(rows.matrix, inputs)
            return _without_links(_made("smote", rows, space, n_neighbors, seed), space)
        case _:
            return rows


def _weighted(rows: Rows) -> Rows:
    """Weigh rows so that both classes weigh half of the whole."""
    is_hit = rows.target == 1
    half = rows.weight.sum() / 2
    factor = np.where(is_hit, half / rows.weight[is_hit].sum(), half / rows.weight[~is_hit].sum())
    return Rows(rows.matrix, rows.target, rows.weight * factor)


def _undersampled(rows: Rows, seed: int) -> NDArray[np.int64]:
    under_sampling = require("imblearn.under_sampling", extra="study")
    sampler = under_sampling.RandomUnderSampler(random_state=seed)
    sampler.fit_resample(np.arange(len(rows.target))[:, None], rows.target.astype(np.int64))
    return np.sort(sampler.sample_indices_)


def _made(kind: str, rows: Rows, space: Space, n_neighbors: int, seed: int) -> Rows:
    """Add synthetic rows of the smaller class until the classes are even."""
    over_sampling = require("imblearn.over_sampling", extra="study")
    label = rows.target.astype(np.int64)
    n_least = int(np.bincount(label, minlength=2).min())
    if n_least < 2:
        raise NotEnoughDataError(
            f"{kind}: expected at least 2 training rows of the smaller class in each fold, to make "
            f"others between them, got {n_least}. Use class_weights, or more tracks."
        )
    k = min(n_neighbors, n_least - 1)
    sampler = (
        over_sampling.SMOTE(k_neighbors=k, random_state=seed)
        if kind == "smote"
        else over_sampling.ADASYN(n_neighbors=k, random_state=seed)
    )
    try:
        places, labels = sampler.fit_resample(space.encode(rows.matrix), label)
    except (RuntimeError, ValueError) as error:
        if "No samples will be generated" in str(error):
            return rows
        if "Not any neigbours" not in str(error):
            raise
        raise NotEnoughDataError(
            f"{kind}: expected training rows of the smaller class with neighbours of the other, "
            f"got none among {n_least}. Use smote."
        ) from error
    n = len(label)
    made, target = space.decode(places[n:]), labels[n:].astype(np.float64)
    # A made row weighs what a row of its class weighs on average.
    weight = np.array([rows.weight[label == c].mean() for c in (0, 1)])[labels[n:]]
    return Rows(
        np.vstack([rows.matrix, made]),
        np.concatenate([rows.target, target]),
        np.concatenate([rows.weight, weight]),
        len(made),
    )


def _without_links(rows: Rows, space: Space) -> Rows:
    """Drop pairs of nearest neighbours of different class (Batista et al. 2004)."""
    under_sampling = require("imblearn.under_sampling", extra="study")
    cleaner = under_sampling.TomekLinks(sampling_strategy="all")
    cleaner.fit_resample(space.encode(rows.matrix), rows.target.astype(np.int64))
    kept = np.sort(cleaner.sample_indices_)
    n_real = len(rows.target) - rows.n_made
    taken = rows.take(kept)
    return Rows(taken.matrix, taken.target, taken.weight, int((kept >= n_real).sum()))
