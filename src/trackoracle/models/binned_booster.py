"""Classifiers over bins of a number: they answer the whole distribution, not only the mean.

The target's bins are its classes. Neighbouring bins with few training rows are one
class, whose probability is divided among them as the training rows were.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    Matrix,
    Members,
    Model,
    Range,
    Values,
)
from trackoracle.models.lightgbm_booster import LIGHTGBM
from trackoracle.models.scikit import FOREST
from trackoracle.models.xgboost_booster import XGBOOST
from trackoracle.schema import Additive, FittingCurve, Task

_FILE = "bins.json"
_LEAST_IN_CLASS = 100
"""Training rows that a class has on average; fewer rows get fewer classes."""
_FEWEST = 2
"""Classes that boosters ask for; where all rows are in one, the other gets next to nothing."""


@dataclass(frozen=True)
class BinnedModel:
    """A classifier of bins.

    Parameters
    ----------
    classifier
        Of k classes, and of one more where k is 1.
    class_of
        (b,) the class of each bin, rising from 0 to k - 1.
    share
        (b,) of its class's probability, that each bin gets.
    """

    classifier: Model
    class_of: NDArray[np.int64]
    share: Values

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n, b) probability of each bin."""
        return self.classifier.predict(matrix, n_threads)[:, self.class_of] * self.share

    def members(self) -> Members:
        """Return the classifier, and which bins each class stands for."""
        facts = {"class_of": self.class_of.tolist(), "share": self.share.tolist()}
        return {**self.classifier.members(), _FILE: json.dumps(facts).encode()}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return the classifier's parts, and how their classes are divided among the bins."""
        parts = self.classifier.additive()
        if parts is None:
            return None
        bins = np.arange(len(self.share))
        divided = np.zeros((max(int(self.class_of[-1]) + 1, _FEWEST), len(bins)))
        divided[self.class_of, bins] = self.share
        spreads = (divided if part.spread is None else part.spread @ divided for part in parts)
        pairs = zip(parts, spreads, strict=True)
        return tuple(replace(part, spread=spread) for part, spread in pairs)

    def gains(self) -> Values | None:
        """Return those of the classifier: (d,)."""
        return self.classifier.gains()

    @property
    def curve(self) -> FittingCurve | None:
        """How the classifier's loss fell, where it tells."""
        return getattr(self.classifier, "curve", None)


def fit_bins(of: Candidate, request: FitRequest) -> BinnedModel:
    """Fit a candidate that learns classes on the bins of a number.

    Its setting `n_classes` is the most classes.
    """
    params = dict(request.params)
    n_classes = min(
        int(params.pop("n_classes")), max(_FEWEST, len(request.target) // _LEAST_IN_CLASS)
    )
    bins = np.searchsorted(request.bins, request.target, side="left")
    mass = np.bincount(bins, request.weight, len(request.bins) + 1).astype(np.float64)
    class_of = merged(mass, n_classes, np.searchsorted(request.bins, request.borders))
    total = np.bincount(class_of, mass)
    inner = replace(
        request,
        target=class_of[bins].astype(np.float64),
        task="multiclass",
        n_classes=max(len(total), _FEWEST),
        params=params,
    )
    return BinnedModel(of.fit(inner), class_of, mass / total[class_of])


def merged(mass: Values, n_classes: int, borders: Collection[int] = ()) -> NDArray[np.int64]:
    """Return the class of each bin (b,): the lightest neighbours are joined until few are left.

    Parameters
    ----------
    mass
        (b,) what the training rows of each bin weigh.
    n_classes
        The most classes.
    borders
        Bins that are not joined with the next, unless there is no row on one side.

    Examples
    --------
    >>> merged(np.array([5.0, 1.0, 2.0, 0.0, 4.0]), 3).tolist()
    [0, 1, 1, 1, 2]
    >>> merged(np.array([5.0, 4.0, 1.0, 1.0, 0.0]), 3, borders=[2]).tolist()
    [0, 1, 1, 2, 2]
    """
    # A class without a row could not be learned: such bins are of the class before them.
    starts = [int(i) for i in np.flatnonzero(mass)]
    weights = [float(mass[i]) for i in starts]
    kept = [any(one <= border < other for border in borders) for one, other in pairwise(starts)]
    while len(starts) > n_classes and not all(kept):
        pairs = [one + other for one, other in pairwise(weights)]
        i = int(np.argmin(np.where(kept, np.inf, pairs)))
        weights[i : i + 2] = [pairs[i]]
        del starts[i + 1], kept[i]
    places = np.searchsorted(starts, np.arange(len(mass)), side="right") - 1
    return np.maximum(places, 0)


def load_bins(
    of: Candidate, members: Members, n_inputs: int, task: Task, n_classes: int
) -> BinnedModel:
    """Read what `BinnedModel.members` wrote, of the same candidate.

    Raises
    ------
    BundleError
        For anything else.
    """
    facts = json.loads(members[_FILE])
    class_of = np.array(facts["class_of"], np.int64)
    share = np.array(facts["share"], np.float64)
    steps = np.diff(class_of, prepend=0)
    if (
        task != "regression"
        or class_of.ndim != 1
        or share.shape != class_of.shape
        or len(class_of) < 2
        or not np.isin(steps, (0, 1)).all()
        or not (share >= 0).all()
        or not np.allclose(np.bincount(class_of, share), 1)
    ):
        raise BundleError(f"{_FILE}: expected classes of bins, got others. Do not use this file.")
    classifier = of.load(
        {name: content for name, content in members.items() if name != _FILE},
        n_inputs,
        "multiclass",
        max(int(class_of[-1]) + 1, _FEWEST),
    )
    return BinnedModel(classifier, class_of, share)


LIGHTGBM_BINS = Candidate(
    "lightgbm_bins",
    "distributional boosting",
    partial(fit_bins, LIGHTGBM),
    partial(load_bins, LIGHTGBM),
    {
        "fast": {"n_classes": 16, "n_trees": 60, "learning_rate": 0.18, "num_leaves": 31,
                 "min_data_in_leaf": 60, "feature_fraction": 0.4, "lambda_l2": 2.0,
                 "max_bin": 63, "extra_trees": True},
        "full": {"n_classes": 16, "n_trees": 240, "learning_rate": 0.05, "num_leaves": 47,
                 "min_data_in_leaf": 100, "feature_fraction": 0.4, "lambda_l2": 2.0,
                 "max_bin": 63, "extra_trees": True},
    },
    tasks=("regression",),
    answers_bins=True,
    n_views=2,
    space={
        "num_leaves": Range(15, 127, log=True),
        "min_data_in_leaf": Range(10, 100, log=True),
        "feature_fraction": Range(0.1, 0.8),
        "lambda_l2": Range(0.3, 30.0, log=True),
    },
    quick={"n_trees": 1 / 3, "learning_rate": 3},
)  # fmt: skip
XGBOOST_BINS = Candidate(
    "xgboost_bins",
    "distributional boosting",
    partial(fit_bins, XGBOOST),
    partial(load_bins, XGBOOST),
    {
        "fast": {"n_classes": 16, "n_trees": 40, "eta": 0.25, "max_depth": 5,
                 "min_child_weight": 20, "colsample_bytree": 0.3, "lambda": 2.0, "max_bin": 64},
        "full": {"n_classes": 16, "n_trees": 160, "eta": 0.07, "max_depth": 6,
                 "min_child_weight": 20, "colsample_bytree": 0.3, "lambda": 2.0, "max_bin": 64},
    },
    tasks=("regression",),
    answers_bins=True,
    n_views=2,
)  # fmt: skip
FOREST_BINS = Candidate(
    "forest_bins",
    "distributional forest",
    partial(fit_bins, FOREST),
    partial(load_bins, FOREST),
    {
        "fast": {"n_classes": 16, "n_estimators": 16, "min_samples_leaf": 10,
                 "max_features": 0.1, "max_samples": 0.3},
        "full": {"n_classes": 16, "n_estimators": 100, "min_samples_leaf": 10,
                 "max_features": 0.15},
    },
    tasks=("regression",),
    answers_bins=True,
    n_views=2,
)  # fmt: skip
