"""Candidates from scikit-learn: linear, tree, forest, histogram boosting.

They are saved by skops, and loaded only when every type in the file is on the
list below. Their trees are audited before use, since scikit-learn walks them
without looking.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Range, Values
from trackoracle.models.estimators import additive_of, coefficients_of, gains_of
from trackoracle.models.structure import is_sound_tree
from trackoracle.schema import Additive, Task

_FILE = "estimator.skops"
_TORCH_BRIDGE = "sklearn.externals.array_api_compat.torch"
_LINEAR = ("ElasticNet", "LogisticRegression")

TRUSTED_TYPES: tuple[str, ...] = (
    "builtins.dict",
    "builtins.list",
    "builtins.str",
    "builtins.tuple",
    "numpy.dtype",
    "numpy.float64",
    "numpy.int64",
    "numpy.ndarray",
    "numpy.random._generator.Generator",
    "numpy.uint64",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.linear_model._coordinate_descent.ElasticNet",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._tree.Tree",
)
"""All that the candidates below are made of. skops would allow the rest of scikit-learn too."""


@dataclass(frozen=True)
class ScikitModel:
    """A fitted scikit-learn estimator.

    Parameters
    ----------
    estimator
        Takes (n, d) inputs with NaN.
    task
        Which of its answers is used.
    n_classes
        Of a binary or multiclass task.
    archive
        The file it was loaded from, so that saving it again writes the same.
    """

    estimator: Any
    task: Task
    n_classes: int
    archive: bytes | None = None

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""
        if hasattr(self.estimator, "n_jobs"):
            self.estimator.n_jobs = n_threads
        if self.task == "regression":
            points: Values = self.estimator.predict(matrix).astype(np.float64)
            return points
        # A tier that no training row was in has no column.
        table = np.zeros((len(matrix), self.n_classes))
        table[:, self.estimator.classes_.astype(np.int64)] = self.estimator.predict_proba(matrix)
        return table[:, 1] if self.task == "binary" else table

    def members(self) -> Members:
        """Return the estimator as one skops file."""
        return {_FILE: self.archive or _canonical(_skops().dumps(self.estimator))}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return one part, of linear models and of all but the largest trees."""
        return self._parts

    def gains(self) -> Values | None:
        """Return the share of the loss that splits by each input took away: (d,)."""
        return gains_of(self.estimator)

    def coefficients(self) -> Values | None:
        """Return what one standard deviation of each input moves each margin by: (m, d)."""
        return coefficients_of(self.estimator)

    @cached_property
    def _parts(self) -> tuple[Additive, ...] | None:
        return additive_of(self.estimator, self.task, self.n_classes)


def _skops() -> ModuleType:
    """Import skops, without PyTorch.

    It asks for all estimators of scikit-learn, which imports each of its modules: also a bridge to
    PyTorch, and with that PyTorch, where it is installed. No estimator lives there, and it takes
    longer than all else that loads a tree.
    """
    if not {"skops.io", _TORCH_BRIDGE} & sys.modules.keys():
        sys.modules[_TORCH_BRIDGE] = None  # type: ignore[assignment]  # as if it were not there
        try:
            import skops.io
        finally:
            sys.modules.pop(_TORCH_BRIDGE, None)
    import skops.io

    files: ModuleType = skops.io
    return files


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
            name_now = numbers[path.stem] + path.suffix
            new.writestr(zipfile.ZipInfo(name_now), _without_padding(content[name]))
    return out.getvalue()


def _without_padding(npy: bytes) -> bytes:
    """Write a table of tree nodes again with zeros between its fields, where memory was left."""
    table = np.lib.format.read_array(io.BytesIO(npy), allow_pickle=False)
    if table.dtype.names is None:
        return npy
    # As bytes: NumPy neither clears nor keeps the gaps when it copies a table.
    clean = np.zeros(table.nbytes, np.uint8)
    for field in table.dtype.names:
        clean.view(table.dtype).reshape(table.shape)[field] = table[field]
    return npy[: len(npy) - table.nbytes] + clean.tobytes()


def _load(members: Members, n_inputs: int, task: Task, n_classes: int) -> ScikitModel:
    content = members[_FILE]
    strange = set(_types(_schema(content))) - set(TRUSTED_TYPES)
    if strange:
        raise BundleError(
            f"{_FILE}: expected scikit-learn models only, got {', '.join(sorted(strange))}. "
            "Do not use this file.",
            types=sorted(strange),
        )
    estimator = _skops().loads(content, trusted=list(TRUSTED_TYPES))
    found = getattr(estimator, "n_features_in_", None)
    if found != n_inputs:
        raise BundleError(f"{_FILE}: expected a model of {n_inputs} inputs, got {found}.")
    if not _is_sound(estimator, n_inputs):
        raise BundleError(
            f"{_FILE}: expected trees over {n_inputs} inputs, got others. Do not use this file."
        )
    if task != "regression" and not _are_classes(estimator.classes_, n_classes):
        raise BundleError(f"{_FILE}: expected {n_classes} classes, got others.")
    return ScikitModel(estimator, task, n_classes, content)


def _are_classes(found: Any, n_classes: int) -> bool:
    """Tell whether classes are different ones of 0 to below n_classes."""
    return bool(np.isin(found, np.arange(n_classes)).all() and (np.diff(found) > 0).all())


def _schema(content: bytes) -> Any:
    """Read what a skops file is made of; packed members could unfold without limit."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
            raise BundleError(f"{_FILE}: expected members as they are, got packed ones.")
        return json.loads(archive.read("schema.json"))


def _types(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node['__module__']}.{node['__class__']}"
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _types(part)


def _is_sound(estimator: Any, n_inputs: int) -> bool:
    """Check what scikit-learn itself trusts: that trees point inside the inputs and themselves."""
    kind = type(estimator).__name__
    if kind == "Pipeline":
        steps = [type(step).__name__ for _, step in estimator.steps]
        return steps in (["SimpleImputer", "StandardScaler", last] for last in _LINEAR)
    if kind.startswith("RandomForest"):
        return all(_is_sound(tree, n_inputs) for tree in estimator.estimators_)
    if kind.startswith("DecisionTree"):
        tree = estimator.tree_
        left = tree.children_left
        return is_sound_tree(left, tree.children_right, tree.feature, left == -1, n_inputs)
    if kind.startswith("HistGradientBoosting"):
        nodes = [tree.nodes for trees in estimator._predictors for tree in trees]
        return (
            estimator._preprocessor is None
            and not estimator._bin_mapper.is_categorical_.any()
            and not any(n["is_categorical"].any() for n in nodes)
            and all(
                is_sound_tree(n["left"], n["right"], n["feature_idx"], n["is_leaf"] != 0, n_inputs)
                for n in nodes
            )
        )
    return False


def _fit_linear(request: FitRequest) -> ScikitModel:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import ElasticNet, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if request.task != "regression":
        final = LogisticRegression(
            solver="saga", random_state=request.seed, **request.params["logistic"]
        )
    else:
        final = ElasticNet(**request.params["linear"])
    fill = SimpleImputer(keep_empty_features=True)
    pipeline = make_pipeline(fill, StandardScaler(), final)
    # Double precision: coordinate descent stalls on float32 at this many rows.
    matrix = request.matrix.astype(np.float64)
    pipeline.fit(matrix, request.target, **{f"{_last(pipeline)}__sample_weight": request.weight})
    return ScikitModel(pipeline, request.task, request.n_classes)


def _last(pipeline: Any) -> str:
    return str(pipeline.steps[-1][0])


def _fit_tree(request: FitRequest) -> ScikitModel:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeRegressor if request.task == "regression" else DecisionTreeClassifier
    estimator = kind(random_state=request.seed, **request.params)
    estimator.fit(request.matrix, request.target, sample_weight=request.weight)
    return ScikitModel(estimator, request.task, request.n_classes)


def _fit_forest(request: FitRequest) -> ScikitModel:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if request.task == "regression" else RandomForestClassifier
    estimator = kind(random_state=request.seed, **request.params)
    estimator.fit(request.matrix, request.target, sample_weight=request.weight)
    return ScikitModel(estimator, request.task, request.n_classes)


def _fit_histogram(request: FitRequest) -> ScikitModel:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = (
        HistGradientBoostingRegressor
        if request.task == "regression"
        else HistGradientBoostingClassifier
    )
    estimator = kind(random_state=request.seed, early_stopping=False, **request.params)
    # It cannot bin an input that no training row has; by one that is the same in all none splits.
    never = np.isnan(request.matrix).all(axis=0)
    matrix = np.where(never, np.float32(0), request.matrix)
    estimator.fit(matrix, request.target, sample_weight=request.weight)
    return ScikitModel(estimator, request.task, request.n_classes)


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
    space={"max_depth": Range(4, 24), "min_samples_leaf": Range(5, 200, log=True)},
)
FOREST = Candidate(
    "forest",
    "forest",
    _fit_forest,
    _load,
    {
        "fast": {
            "n_estimators": 16,
            "min_samples_leaf": 5,
            "max_features": 0.1,
            "max_samples": 0.3,
        },
        "full": {"n_estimators": 100, "min_samples_leaf": 3, "max_features": 0.15},
    },
    space={"min_samples_leaf": Range(1, 20, log=True), "max_features": Range(0.05, 0.6)},
    quick={"n_estimators": 1 / 5},
)
HISTOGRAM = Candidate(
    "hist_boosting",
    "boosting",
    _fit_histogram,
    _load,
    {
        "fast": {"max_iter": 150, "learning_rate": 0.1, "max_leaf_nodes": 31,
                 "min_samples_leaf": 50, "max_features": 0.3},
        "full": {"max_iter": 250, "learning_rate": 0.08, "max_leaf_nodes": 31,
                 "min_samples_leaf": 50, "max_features": 0.3},
    },
    space={
        "max_leaf_nodes": Range(15, 255, log=True),
        "min_samples_leaf": Range(10, 200, log=True),
        "max_features": Range(0.1, 0.8),
    },
    quick={"max_iter": 1 / 2, "learning_rate": 2},
)  # fmt: skip
