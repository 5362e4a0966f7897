"""One arm in one fold: rows prepared, candidates fitted, test rows answered.

Order: outliers, resampling, transforms. Rows are made in the units of the
inputs, so that what follows from other inputs can be computed again for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import NotEnoughDataError
from trackoracle.experiments.inputs import Matrix, tell_inputs
from trackoracle.experiments.outliers import fit_capping, kept_rows
from trackoracle.experiments.resampling import Rows, Values, resample
from trackoracle.experiments.settings import BALANCED_FOREST, Cell, ExperimentSettings
from trackoracle.experiments.thresholds import choose_threshold, fit_sigmoid
from trackoracle.experiments.transforms import fit_transform
from trackoracle.features import views_of
from trackoracle.models import FitRequest, candidate_named
from trackoracle.optional import require
from trackoracle.splits import Fold, Protocol, make_folds
from trackoracle.training import Material, fit_rows

CALIBRATION_PARTS = 5
"""One part in so many of a fold's training rows is kept for calibration and threshold."""
Predict = Callable[[Matrix], Values]


@dataclass(frozen=True)
class Ready:
    """What a fold gives to the candidates of one arm.

    Parameters
    ----------
    names
        (d,) of the inputs.
    train
        Rows to fit on.
    calibration
        Rows that choose threshold and calibration, as they are.
    test
        (m, d) inputs of the test rows.
    n_removed
        Training rows left out as outliers.
    seconds
        Taken by the arm itself.
    """

    names: tuple[str, ...]
    train: Rows
    calibration: Rows
    test: Matrix
    n_removed: int
    seconds: float


@dataclass(frozen=True)
class Answers:
    """What one candidate said of the test rows of one fold.

    Parameters
    ----------
    rows
        (m,) row numbers.
    raw, probability
        (m,) the model's own answer, and the calibrated one.
    called
        (m,) whether the answer reaches the threshold.
    threshold
        On the raw answer.
    n_train, n_made, n_removed
        Rows fitted on, how many of them are synthetic, and rows left out as outliers.
    seconds
        Of the arm's preparation, and of the fit.
    """

    rows: NDArray[np.int64]
    raw: Values
    probability: Values
    called: NDArray[np.bool_]
    threshold: float
    n_train: int
    n_made: int
    n_removed: int
    seconds: float


def inner_fold(material: Material, fold: Fold, protocol: Protocol, seed: int) -> Fold:
    """Divide a fold's training rows into those to fit on and those to calibrate on.

    The border is the protocol's own: what is held out from a test part is held out here.
    """
    keys = material.keys.take(fold.train)
    last = make_folds(keys, protocol, CALIBRATION_PARTS, seed)[-1]
    return Fold(fold.train[last.train], fold.train[last.test], last.n_purged)


def prepare_arm(
    material: Material,
    fold: Fold,
    arm: tuple[str, str, str],
    settings: ExperimentSettings,
    protocol: Protocol,
) -> Ready:
    """Fit recipe, fences, neighbours and transforms on training rows; apply them to the rest."""
    start = time.perf_counter()
    resampling, outliers, transform = arm
    inner = inner_fold(material, fold, protocol, settings.seed)
    recipe, matrix = fit_rows(
        material, inner.train, settings.training, uses_history=protocol.uses_history
    )
    training = settings.training
    shown = views_of(matrix, recipe.names, recipe.groups, training.recipe, training.seed)
    train = _rows(material, inner.train, shown.matrix)
    calibration = _rows(material, inner.test, recipe.transform(material.prepared.take(inner.test)))
    test = recipe.transform(material.prepared.take(fold.test))
    inputs = tell_inputs(matrix, recipe.names, material.prepared.names)
    if outliers == "z_removal":
        train = train.take(kept_rows(train.matrix, inputs))
    if outliers == "iqr_capping":
        capping = fit_capping(train.matrix, inputs)
        train, calibration = (
            Rows(capping.apply(rows.matrix, inputs), rows.target, rows.weight)
            for rows in (train, calibration)
        )
        test = capping.apply(test, inputs)
    _require_classes(train, calibration, protocol)
    n_removed = len(inner.train) - len(train.target)
    fitted = fit_transform(transform, train.matrix, inputs) if transform != "none" else None
    train = resample(resampling, train, inputs, settings.n_neighbors, settings.seed)
    if fitted:
        train, calibration = (
            Rows(fitted.apply(rows.matrix), rows.target, rows.weight, rows.n_made)
            for rows in (train, calibration)
        )
        test = fitted.apply(test)
    seconds = time.perf_counter() - start
    return Ready(recipe.names, train, calibration, test, n_removed, seconds)


def _rows(material: Material, rows: NDArray[np.int64], matrix: Matrix) -> Rows:
    return Rows(matrix, material.values[rows], material.keys.weight_among(rows))


def _require_classes(train: Rows, calibration: Rows, protocol: Protocol) -> None:
    for part, rows in (("rows to fit on", train), ("calibration part", calibration)):
        if len(np.unique(rows.target)) < 2:
            raise NotEnoughDataError(
                f"{protocol.name}: expected hits and misses in the {part} of each fold, got one "
                "class. Lower --folds, or use more tracks."
            )


def answer(cell: Cell, ready: Ready, fold: Fold, settings: ExperimentSettings) -> Answers:
    """Fit one candidate, calibrate it, choose its threshold, and let it answer the test rows."""
    start = time.perf_counter()
    request = FitRequest(
        matrix=ready.train.matrix,
        names=ready.names,
        target=ready.train.target,
        weight=ready.train.weight,
        task="binary",
        params=settings.training.params_of(cell.candidate),
        seed=settings.seed,
    )
    predict = _fit(cell, request)
    kept = ready.calibration
    said = predict(kept.matrix)
    threshold = choose_threshold(said, kept.target, kept.weight, settings)
    raw = predict(ready.test)
    return Answers(
        rows=fold.test,
        raw=raw,
        probability=fit_sigmoid(said, kept.target, kept.weight).probability(raw),
        called=raw >= threshold,
        threshold=threshold,
        n_train=len(ready.train.target),
        n_made=ready.train.n_made,
        n_removed=ready.n_removed,
        seconds=ready.seconds + time.perf_counter() - start,
    )


def _fit(cell: Cell, request: FitRequest) -> Predict:
    if cell.resampling == BALANCED_FOREST:
        return _fit_balanced_forest(request)
    return candidate_named(cell.candidate).fit(request).predict


def _fit_balanced_forest(request: FitRequest) -> Predict:
    """Fit a forest whose every tree draws as many rows of either class (Chen et al. 2004)."""
    ensemble = require("imblearn.ensemble", extra="study")
    params = {name: value for name, value in request.params.items() if name != "max_samples"}
    forest = ensemble.BalancedRandomForestClassifier(
        sampling_strategy="all",
        replacement=True,
        bootstrap=False,
        random_state=request.seed,
        n_jobs=1,
        **params,
    )
    forest.fit(request.matrix, request.target, sample_weight=request.weight)

    def predict(matrix: Matrix) -> Values:
        probability: Values = forest.predict_proba(matrix)[:, 1]
        return probability

    return predict


def arms_of(cells: Sequence[Cell]) -> dict[tuple[str, str, str], list[Cell]]:
    """Gather the cells of each arm, which share their rows."""
    arms: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells:
        arms.setdefault(cell.arm, []).append(cell)
    return arms
