"""What crepes and MAPIE make of LightGBM: a predictive system, and conformalised quantiles.

Both calibrate without weights, so that each recording is shown to them once.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import Distribution
from trackoracle.schema import Ragged

LEVEL = 90
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
N_BINS, LEAST_IN_CATEGORY = 20, 100
"""Mondrian categories by prediction, and the fewest calibrating tracks of one."""
LEAST_SPREAD = 0.5
"""Points: no error is expected to be smaller."""
_N_RESIDUAL_PARTS = 3
BY_PREDICTION = "crepes, by prediction"
_INSTALL = "python -m pip install -c constraints.txt crepes mapie"
_NAMES = {
    "n_trees": "n_estimators",
    "min_data_in_leaf": "min_child_samples",
    "feature_fraction": "colsample_bytree",
    "lambda_l2": "reg_lambda",
}
"""Settings of the candidate `lightgbm`, as LightGBM's scikit-learn interface calls them."""
Values = NDArray[np.float64]
Rows = NDArray[np.int64]
Make = Callable[..., Any]


@dataclass(frozen=True)
class Part:
    """Tracks that no model has learned from.

    Parameters
    ----------
    matrix, values, weight
        Inputs, truth, and how much each counts.
    recording
        (n,) code of the recording.
    is_known
        (n,) whether the artist is known.
    genres
        n lists of hashes.
    """

    matrix: NDArray[np.float32]
    values: Values
    weight: Values
    recording: Rows
    is_known: NDArray[np.bool_]
    genres: Ragged

    def take(self, rows: Rows) -> Part:
        """Return some of the tracks."""
        own = (self.matrix, self.values, self.weight, self.recording, self.is_known)
        return Part(*(array[rows] for array in own), self.genres.take(rows))

    @classmethod
    def joined(cls, parts: Sequence[Part]) -> Part:
        """Return the tracks of all parts, part after part."""
        names = ("matrix", "values", "weight", "recording", "is_known")
        genres = Ragged.of(
            np.concatenate([part.genres.values for part in parts]),
            np.concatenate([part.genres.lengths for part in parts]),
        )
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names), genres)

    def one_each(self, seed: int) -> Part:
        """Return one row of each recording, drawn."""
        order = np.random.default_rng(seed).permutation(len(self.values))
        first = np.unique(self.recording[order], return_index=True)[1]
        return self.take(np.sort(order[first]))


@dataclass(frozen=True)
class Case:
    """What all rivals get.

    Parameters
    ----------
    matrix, values, weight, artist
        Of the proper training rows, in the views that TrackOracle's candidate is shown.
    calibration, test
        What models are calibrated and judged by.
    support
        Values that the target may have.
    make
        From settings to a LightGBM regressor that is not yet fitted.
    """

    matrix: NDArray[np.float32]
    values: Values
    weight: Values
    artist: Rows
    calibration: Part
    test: Part
    support: Values
    make: Make

    def fitted(self, values: Values, rows: Rows | slice = slice(None), **settings: Any) -> Any:
        """Fit a LightGBM on some of the views."""
        model = self.make(**settings)
        return model.fit(self.matrix[rows], values[rows], sample_weight=self.weight[rows])


@dataclass(frozen=True)
class Told:
    """What is told of the test tracks.

    Parameters
    ----------
    low, high
        (n,) ends of the 90 % interval, whole points.
    quantiles
        (n, 5) at `QUANTILES`.
    distribution
        None where only quantiles are told.
    """

    low: Values
    high: Values
    quantiles: Values
    distribution: Distribution | None = None

    @classmethod
    def of(cls, distribution: Distribution) -> Told:
        """Read everything from a distribution."""
        quantiles = [distribution.quantile(q) for q in QUANTILES]
        ends = distribution.interval(LEVEL / 100)
        return cls(*ends, np.stack(quantiles, axis=1), distribution)

    @classmethod
    def joined(cls, parts: Sequence[Told]) -> Told:
        """Return what is told of the tracks of all parts, part after part."""
        own = [np.concatenate([getattr(p, n) for p in parts]) for n in ("low", "high", "quantiles")]
        each = [part.distribution for part in parts if part.distribution is not None]
        if not each:
            return cls(*own)
        cumulative = np.concatenate([of.cumulative for of in each])
        known = np.concatenate([of.is_known for of in each])
        return cls(*own, Distribution(each[0].support, cumulative, known))


def regressor(params: dict[str, Any], seed: int) -> Make:
    """Return what makes a LightGBM with the candidate's settings, on one thread."""
    from lightgbm import LGBMRegressor

    own = {_NAMES.get(name, name): value for name, value in params.items()}
    fixed = {"n_jobs": 1, "random_state": seed, "deterministic": True, "force_col_wise": True}
    return lambda **settings: LGBMRegressor(**own, **fixed, verbose=-1, **settings)


def library(name: str) -> ModuleType:
    """Import a rival, or say how to install it."""
    import importlib

    # crepes makes all user warnings be shown, from then on and everywhere.
    with warnings.catch_warnings():
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise SystemExit(f"{name}: expected to be installed. Run: {_INSTALL}") from error


def crepes_answers(case: Case, seed: int) -> dict[str, Told]:
    """Make predictive systems of one regression, by Mondrian categories of several kinds."""
    crepes = library("crepes")
    calibration, test = case.calibration.one_each(seed), case.test
    point, spread = _point_and_spread(case, seed)
    centre, reach = point.predict(calibration.matrix), _reach(spread, calibration)
    asked, own = point.predict(test.matrix), _reach(spread, test)
    known = calibration.is_known, test.is_known
    kinds = {
        "crepes": by_prediction(centre, asked, *known, n_bins=1),
        BY_PREDICTION: by_prediction(centre, asked, *known),
        "crepes, by genre": by_genre(calibration.genres, test.genres),
    }
    answers = {}
    for name, (categories, of_test) in kinds.items():
        system = crepes.ConformalPredictiveSystem()
        system.fit(calibration.values - centre, sigmas=reach, bins=categories)
        answers[name] = Told.of(distribution_of(system, asked, own, of_test, test, case.support))
        if name == BY_PREDICTION:
            ends = system.predict_int(asked, own, of_test, LEVEL / 100)
            whole = _in_points(*ends.T, case.support)
            answers[f"{name}, own interval"] = Told(*whole, answers[name].quantiles)
    return answers


def distribution_of(
    system: Any, centre: Values, spread: Values, category: Rows, test: Part, support: Values
) -> Distribution:
    """Return what a predictive system of crepes says of whole points.

    It is the mean of its smoothed p-values half a point above each; `predict_p` tells the same,
    but compares every residual of calibration for every track and point in turn.
    """
    cumulative = np.empty((len(centre), len(support)))
    for name, scores in zip(*system.binned_alphas, strict=True):
        rows = np.flatnonzero(category == name)
        asked = (support + 0.5 - centre[rows, None]) / spread[rows, None]
        n_below = np.searchsorted(scores, asked, side="right")
        cumulative[rows] = (n_below + 0.5) / (len(scores) + 1)
    cumulative[:, -1] = 1.0
    return Distribution(support, cumulative, test.is_known)


def by_prediction(
    centre: Values,
    asked: Values,
    known: NDArray[np.bool_],
    asked_known: NDArray[np.bool_],
    n_bins: int = N_BINS,
) -> tuple[Rows, Rows]:
    """Return categories by predicted points, of known and of new artists apart."""
    categories, of_test = np.zeros(len(centre), np.int64), np.zeros(len(asked), np.int64)
    if min(known.sum(), (~known).sum()) < LEAST_IN_CATEGORY:
        known, asked_known = np.zeros_like(known), np.zeros_like(asked_known)
    for stratum in np.unique(known):
        own, other = known == stratum, asked_known == stratum
        n = int(np.clip(own.sum() // LEAST_IN_CATEGORY, 1, n_bins))
        edges = np.quantile(centre[own], np.arange(1, n) / n)
        categories[own] = np.searchsorted(edges, centre[own], side="right") + stratum * n_bins
        of_test[other] = np.searchsorted(edges, asked[other], side="right") + stratum * n_bins
    return categories, of_test


def by_genre(genres: Ragged, asked: Ragged) -> tuple[Rows, Rows]:
    """Return categories by the first genre; rare ones are one, and so are those not seen."""
    first, of_test = _first(genres), _first(asked)
    names, count = np.unique(first, return_counts=True)
    order = np.argsort(count, kind="stable")
    before = np.cumsum(count[order]) - count[order]
    # The rarest make up the category 0, even where none is rare: it must have tracks.
    rare = (count[order] < LEAST_IN_CATEGORY) | (before < LEAST_IN_CATEGORY)
    common = np.sort(names[order[~rare]])

    def code(of: NDArray[np.uint64]) -> Rows:
        return np.where(np.isin(of, common), np.searchsorted(common, of) + 1, 0)

    return code(first), code(of_test)


def _first(genres: Ragged) -> NDArray[np.uint64]:
    """Return the first entry of each list, 0 of an empty one: (n,)."""
    values = np.append(genres.values.astype(np.uint64), np.uint64(0))
    return np.where(genres.lengths > 0, values[genres.offsets[:-1]], np.uint64(0))


def mapie_answers(case: Case, seed: int) -> dict[str, Told]:
    """Conformalise quantile regressions: the ends of the 90 % and of the 50 % interval."""
    regression = library("mapie.regression")
    calibration, test = case.calibration.one_each(seed), case.test
    low, lower, middle, upper, high = (
        case.fitted(case.values, objective="quantile", alpha=q) for q in QUANTILES
    )
    told = [middle.predict(test.matrix)]
    for ends, share in (((lower, upper), 0.5), ((low, high), LEVEL / 100)):
        machine = regression.ConformalizedQuantileRegressor(
            [*ends, middle], confidence_level=share, prefit=True
        )
        with _unlogged():
            machine.conformalize(calibration.matrix, calibration.values)
            interval = machine.predict_interval(test.matrix)[1][:, :, 0]
        told = [interval[:, 0], *told, interval[:, 1]]
    quantiles = np.sort(np.clip(np.stack(told, axis=1), case.support[0], case.support[-1]), axis=1)
    ends = _in_points(quantiles[:, 0], quantiles[:, -1], case.support)
    return {"MAPIE, quantiles": Told(*ends, quantiles)}


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep MAPIE from telling by the root logger that quantiles cross: here they are sorted."""
    nothing = logging.NullHandler()
    # With any handler there, `logging.basicConfig`, which MAPIE calls, changes nothing.
    logging.root.addHandler(nothing)
    try:
        yield
    finally:
        logging.root.removeHandler(nothing)


def _in_points(low: Values, high: Values, support: Values) -> tuple[Values, Values]:
    """Return the shortest intervals of whole points that hold the same ones, or one of them."""
    first = np.clip(np.ceil(low), support[0], support[-1])
    return first, np.maximum(np.clip(np.floor(high), support[0], support[-1]), first)


def _point_and_spread(case: Case, seed: int) -> tuple[Any, Any]:
    """Fit one regression of the target, and one of its errors on artists it did not see."""
    part = np.random.default_rng(seed).integers(0, _N_RESIDUAL_PARTS, case.artist.max() + 1)
    part_of = part[case.artist]
    error = np.empty(len(case.values))
    for i in range(_N_RESIDUAL_PARTS):
        held = part_of == i
        told = case.fitted(case.values, np.flatnonzero(~held)).predict(case.matrix[held])
        error[held] = np.abs(case.values[held] - told)
    return case.fitted(case.values), case.fitted(error)


def _reach(spread: Any, part: Part) -> Values:
    return np.maximum(np.asarray(spread.predict(part.matrix)), LEAST_SPREAD)
