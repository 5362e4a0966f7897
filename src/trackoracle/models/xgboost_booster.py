"""XGBoost, saved as its own JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Range, Values
from trackoracle.models.structure import is_sound_tree
from trackoracle.models.trees import Walk, joined
from trackoracle.schema import Additive, Link, Task

_FILE = "xgboost.json"
_NOTHING = 1e-300
"""Keeps shares of nothing from being divided by 0."""
_OBJECTIVE: dict[Task, str] = {
    "regression": "reg:squarederror",
    "binary": "binary:logistic",
    "multiclass": "multi:softprob",
}


@dataclass
class XgboostModel:
    """A fitted XGBoost booster, and the threads it was last told to use."""

    booster: Any
    n_threads: int = 0

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""
        # Settings are not safe to change while another thread predicts.
        if n_threads != self.n_threads:
            self.booster.set_param({"nthread": n_threads})
            self.n_threads = n_threads
        return np.asarray(self.booster.inplace_predict(matrix), np.float64)

    def members(self) -> Members:
        """Return the booster as one JSON file."""
        return {_FILE: bytes(self.booster.save_raw("json"))}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return one part: points, the log-odds of a hit, or a margin a class."""
        links: dict[str, Link] = {
            _OBJECTIVE["binary"]: "logit",
            _OBJECTIVE["multiclass"]: "softmax",
        }
        objective, walk = self._learner["objective"]["name"], self._walk
        # Where no input is known it is told apart what all trees add to.
        nothing = np.full((1, self.booster.num_features()), np.nan, np.float32)
        start = self._margins(nothing, 1)[0] - walk.sums(nothing[0])
        link = links.get(objective, "identity")
        contributions = walk.contributions if walk.fits else self._native
        return (Additive(link, start + walk.base, self._margins, contributions),)

    def gains(self) -> Values | None:
        """Return the share of the loss that splits by each input took away: (d,)."""
        gained = np.zeros(self.booster.num_features())
        for name, gain in self.booster.get_score(importance_type="total_gain").items():
            gained[int(name.removeprefix("f"))] = gain
        return np.asarray(gained / max(gained.sum(), _NOTHING))

    def _margins(self, matrix: Matrix, n_threads: int) -> Values:
        told = self.booster.inplace_predict(matrix, predict_type="margin")
        return np.asarray(told, np.float64).reshape(len(matrix), -1)

    def _native(self, matrix: Matrix, slopes: Values, n_threads: int) -> Values:
        """Let XGBoost tell contributions: in 32 bits, but of any number of trees."""
        import xgboost

        data = xgboost.DMatrix(matrix, nthread=n_threads)
        told = np.asarray(self.booster.predict(data, pred_contribs=True), np.float64)
        by_margin = told.reshape(*slopes.shape, -1)[:, :, :-1]
        return np.asarray(np.einsum("nmd,nm->nd", by_margin, slopes))

    @cached_property
    def _learner(self) -> dict[str, Any]:
        learner: dict[str, Any] = json.loads(self.booster.save_raw("json"))["learner"]
        return learner

    @cached_property
    def _walk(self) -> Walk:
        model = self._learner["gradient_booster"]["model"]
        output = [int(place) for place in model["tree_info"]]
        trees = [_arrays(tree) for tree in model["trees"]]
        return Walk(joined(trees, output, max(output) + 1), self.booster.num_features())


def _fit(request: FitRequest) -> XgboostModel:
    import xgboost

    settings = {
        "objective": _OBJECTIVE[request.task],
        "num_class": _told_classes(request.task, request.n_classes),
        "tree_method": "hist",
        "nthread": 1,
        "seed": request.seed,
        **request.params,
    }
    n_trees = settings.pop("n_trees")
    data = xgboost.QuantileDMatrix(
        request.matrix,
        request.target,
        weight=request.weight,
        max_bin=settings["max_bin"],
        nthread=1,
    )
    return XgboostModel(xgboost.train(settings, data, n_trees))


def _told_classes(task: Task, n_classes: int) -> int:
    """Return the number of classes as XGBoost tells it: of a hit none."""
    return n_classes if task == "multiclass" else 0


def _load(members: Members, n_inputs: int, task: Task, n_classes: int) -> XgboostModel:
    import xgboost

    audited = _audited(members[_FILE], n_inputs, task, _told_classes(task, n_classes))
    try:
        booster = xgboost.Booster(model_file=bytearray(audited))
    except xgboost.core.XGBoostError as error:
        raise BundleError(f"{_FILE}: expected an XGBoost model, got an error ({error}).") from error
    return XgboostModel(booster)


def _audited(content: bytes, n_inputs: int, task: Task, n_classes: int) -> bytes:
    """Check what XGBoost itself trusts, and write again exactly what was checked."""
    try:
        facts = json.loads(content)
        sound = _is_sound(facts["learner"], n_inputs, task, n_classes)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"{_FILE}: expected an XGBoost model, got other JSON.") from error
    if not sound:
        raise BundleError(
            f"{_FILE}: expected trees over {n_inputs} inputs, got others. Do not use this file."
        )
    return json.dumps(facts).encode()


def _is_sound(learner: dict[str, Any], n_inputs: int, task: Task, n_classes: int) -> bool:
    shape, per_round = learner["learner_model_param"], max(n_classes, 1)
    booster = learner["gradient_booster"]
    model = booster["model"]
    n_trees = len(model["trees"])
    return (
        booster["name"] == "gbtree"
        and learner["objective"]["name"] == _OBJECTIVE[task]
        and shape["num_feature"] == str(n_inputs)
        and (shape["num_class"], shape["num_target"]) == (str(n_classes), "1")
        and np.size(json.loads(shape["base_score"])) == per_round
        and (not n_classes or _softmax_classes(learner) == str(n_classes))
        and model["gbtree_model_param"]["num_parallel_tree"] == "1"
        and model["gbtree_model_param"]["num_trees"] == str(n_trees)
        and model["tree_info"] == [i % per_round for i in range(n_trees)]
        and model["iteration_indptr"] == list(range(0, n_trees + 1, per_round))
        and n_trees % per_round == 0
        and not any(model["cats"].values())
        and all(_is_sound_tree(tree, n_inputs) for tree in model["trees"])
    )


def _softmax_classes(learner: dict[str, Any]) -> Any:
    return learner["objective"]["softmax_multiclass_param"]["num_class"]


def _is_sound_tree(tree: dict[str, Any], n_inputs: int) -> bool:
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    n_nodes = len(left)
    lists = {name: part for name, part in tree.items() if isinstance(part, list)}
    categories = [lists.pop(name) for name in tuple(lists) if name.startswith("categories")]
    return (
        tree["tree_param"]["num_nodes"] == str(n_nodes)
        and tree["tree_param"]["size_leaf_vector"] == "1"
        and not any(categories)
        and not any(tree["split_type"])
        and all(len(part) == n_nodes for part in lists.values())
        and is_sound_tree(left, right, np.array(tree["split_indices"]), left == -1, n_inputs)
    )


def _arrays(tree: dict[str, Any]) -> dict[str, Any]:
    """Return one tree as `Trees` has it; below its threshold, not at it, XGBoost goes left."""
    told = np.array(tree["split_conditions"], np.float32)
    return {
        "left": np.array(tree["left_children"], np.int64),
        "right": np.array(tree["right_children"], np.int64),
        "feature": np.array(tree["split_indices"], np.int64),
        "threshold": np.nextafter(told, np.float32(-np.inf)).astype(np.float64),
        "missing_left": np.array(tree["default_left"], bool),
        "cover": np.array(tree["sum_hessian"], np.float64),
        "value": told.astype(np.float64),
    }


XGBOOST = Candidate(
    "xgboost",
    "boosting",
    _fit,
    _load,
    {
        "fast": {"n_trees": 80, "eta": 0.2, "max_depth": 5, "min_child_weight": 30,
                 "colsample_bytree": 0.3, "lambda": 2.0, "max_bin": 128},
        "full": {"n_trees": 400, "eta": 0.05, "max_depth": 6, "min_child_weight": 30,
                 "colsample_bytree": 0.3, "lambda": 2.0, "max_bin": 256},
    },
    space={
        "max_depth": Range(4, 10),
        "min_child_weight": Range(5, 200, log=True),
        "colsample_bytree": Range(0.1, 0.8),
        "lambda": Range(0.3, 30.0, log=True),
    },
    quick={"n_trees": 1 / 2, "eta": 2, "max_bin": 1 / 2},
)  # fmt: skip
