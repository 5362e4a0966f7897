"""Candidates from scikit-learn: linear, tree, forest, histogram boosting.

They are saved by skops, and loaded only when every type in the file is on the
list below: parse, audit, then construct.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Values
from trackoracle.schema import Task

_FILE = "estimator.skops"

TRUSTED_TYPES: tuple[str, ...] = (
    "numpy.dtype",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""What skops does not know by itself and the candidates below are made of."""


@dataclass(frozen=True)
class ScikitModel:
    """A fitted scikit-learn estimator.

    Parameters
    ----------
    estimator
        Takes (n, d) inputs with NaN.
    task
        Which of its answers is used.
    """

    estimator: Any
    task: Task

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points, or the probability of a hit."""
        if hasattr(self.estimator, "n_jobs"):
            self.estimator.n_jobs = n_threads
        if self.task == "binary":
            answer: Values = self.estimator.predict_proba(matrix)[:, 1]
        else:
            answer = self.estimator.predict(matrix)
        return answer.astype(np.float64)

    def members(self) -> Members:
        """Return the estimator as one skops file."""
        from skops.io import dumps

        return {_FILE: _canonical(dumps(self.estimator))}


def _canonical(archive: bytes) -> bytes:
    """Write a skops file again so that equal models are equal bytes.

    skops names objects and files by memory address; here they are numbered in
    the order of the schema, and dates are fixed.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        content = {name: old.read(name) for name in old.namelist()}
    schema = content.pop("schema.json").decode()
    addresses = re.findall(r'"(?:__id__": |file": ")(\d+)', schema)
    numbers = {address: str(i) for i, address in enumerate(dict.fromkeys(addresses))}
    schema = re.sub(
        r'("(?:__id__": |file": "))(\d+)', lambda found: found[1] + numbers[found[2]], schema
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr(zipfile.ZipInfo("schema.json"), schema)
        for name in sorted(content, key=lambda name: int(numbers[Path(name).stem])):
            path = Path(name)
            new.writestr(zipfile.ZipInfo(numbers[path.stem] + path.suffix), content[name])
    return out.getvalue()


def _load(members: Members, n_inputs: int, task: Task) -> ScikitModel:
    from skops.io import get_untrusted_types, loads

    content = members[_FILE]
    strange = set(get_untrusted_types(data=content)) - set(TRUSTED_TYPES)
    if strange:
        raise BundleError(
            f"{_FILE}: expected scikit-learn models only, got {', '.join(sorted(strange))}. "
            "Do not use this file.",
            types=sorted(strange),
        )
    estimator = loads(content, trusted=list(TRUSTED_TYPES))
    found = getattr(estimator, "n_features_in_", None)
    if found != n_inputs:
        raise BundleError(f"{_FILE}: expected a model of {n_inputs} inputs, got {found}.")
    return ScikitModel(estimator, task)


def _fit_linear(request: FitRequest) -> ScikitModel:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import ElasticNet, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if request.task == "binary":
        final = LogisticRegression(
            solver="saga", random_state=request.seed, **request.params["logistic"]
        )
    else:
        final = ElasticNet(**request.params["linear"])
    fill = SimpleImputer(add_indicator=True, keep_empty_features=True)
    pipeline = make_pipeline(fill, StandardScaler(), final)
    # Double precision: coordinate descent stalls on float32 at this many rows.
    matrix = request.matrix.astype(np.float64)
    pipeline.fit(matrix, request.target, **{f"{_last(pipeline)}__sample_weight": request.weight})
    return ScikitModel(pipeline, request.task)


def _last(pipeline: Any) -> str:
    return str(pipeline.steps[-1][0])


def _fit_tree(request: FitRequest) -> ScikitModel:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeClassifier if request.task == "binary" else DecisionTreeRegressor
    estimator = kind(random_state=request.seed, **request.params)
    estimator.fit(request.matrix, request.target, sample_weight=request.weight)
    return ScikitModel(estimator, request.task)


def _fit_forest(request: FitRequest) -> ScikitModel:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if request.task == "binary" else RandomForestRegressor
    estimator = kind(random_state=request.seed, **request.params)
    estimator.fit(request.matrix, request.target, sample_weight=request.weight)
    return ScikitModel(estimator, request.task)


def _fit_histogram(request: FitRequest) -> ScikitModel:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = (
        HistGradientBoostingClassifier
        if request.task == "binary"
        else HistGradientBoostingRegressor
    )
    estimator = kind(random_state=request.seed, early_stopping=False, **request.params)
    estimator.fit(request.matrix, request.target, sample_weight=request.weight)
    return ScikitModel(estimator, request.task)


_PENALTY = {
    "linear": {"alpha": 0.05, "l1_ratio": 0.5, "tol": 1e-3, "precompute": True},
    "logistic": {"C": 0.05, "l1_ratio": 0.5, "max_iter": 300, "tol": 0.02},
}
LINEAR = Candidate("linear", "linear", _fit_linear, _load, {"fast": _PENALTY, "full": _PENALTY})
TREE = Candidate(
    "tree",
    "tree",
    _fit_tree,
    _load,
    {
        "fast": {"max_depth": 9, "min_samples_leaf": 50, "max_features": 0.5},
        "full": {"max_depth": 12, "min_samples_leaf": 30},
    },
)
FOREST = Candidate(
    "forest",
    "forest",
    _fit_forest,
    _load,
    {
        "fast": {
            "n_estimators": 24,
            "min_samples_leaf": 5,
            "max_features": 0.1,
            "max_samples": 0.3,
        },
        "full": {"n_estimators": 200, "min_samples_leaf": 3, "max_features": 0.2},
    },
)
HISTOGRAM = Candidate(
    "hist_boosting",
    "boosting",
    _fit_histogram,
    _load,
    {
        "fast": {"max_iter": 150, "learning_rate": 0.1, "max_leaf_nodes": 31,
                 "min_samples_leaf": 50, "max_features": 0.3},
        "full": {"max_iter": 500, "learning_rate": 0.04, "max_leaf_nodes": 31,
                 "min_samples_leaf": 50, "max_features": 0.3},
    },
)  # fmt: skip
