"""XGBoost, saved as its own JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Values
from trackoracle.schema import Task

_FILE = "xgboost.json"


@dataclass(frozen=True)
class XgboostModel:
    """A fitted XGBoost booster."""

    booster: Any

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points, or the probability of a hit."""
        self.booster.set_param({"nthread": n_threads})
        return np.asarray(self.booster.inplace_predict(matrix), np.float64)

    def members(self) -> Members:
        """Return the booster as one JSON file."""
        return {_FILE: bytes(self.booster.save_raw("json"))}


def _fit(request: FitRequest) -> XgboostModel:
    import xgboost

    settings = {
        "objective": "binary:logistic" if request.task == "binary" else "reg:squarederror",
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


def _load(members: Members, n_inputs: int, task: Task) -> XgboostModel:
    import xgboost

    _audit(members[_FILE], n_inputs)
    try:
        booster = xgboost.Booster(model_file=bytearray(members[_FILE]))
    except xgboost.core.XGBoostError as error:
        raise BundleError(f"{_FILE}: expected an XGBoost model, got an error ({error}).") from error
    return XgboostModel(booster)


def _audit(content: bytes, n_inputs: int) -> None:
    """Check what XGBoost itself trusts: that trees point inside the inputs and themselves."""
    try:
        learner = json.loads(content)["learner"]
        declared = int(learner["learner_model_param"]["num_feature"])
        trees = learner["gradient_booster"]["model"]["trees"]
        sound = declared == n_inputs and all(_is_sound(tree, n_inputs) for tree in trees)
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{_FILE}: expected an XGBoost model, got other JSON.") from error
    if not sound:
        raise BundleError(
            f"{_FILE}: expected trees over {n_inputs} inputs, got others. Do not use this file."
        )


def _is_sound(tree: dict[str, Any], n_inputs: int) -> bool:
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    n_nodes = len(left)
    same = all(
        len(tree[k]) == n_nodes for k in ("right_children", "split_indices", "split_conditions")
    )
    children = np.concatenate([left, right])
    features = np.array(tree["split_indices"])
    return bool(
        same
        and n_nodes > 0
        and children.min() >= -1
        and children.max() < n_nodes
        and features.min() >= 0
        and features.max() < n_inputs
    )


XGBOOST = Candidate(
    "xgboost",
    "boosting",
    _fit,
    _load,
    {
        "fast": {"n_trees": 100, "eta": 0.18, "max_depth": 5, "min_child_weight": 30,
                 "colsample_bytree": 0.3, "lambda": 2.0, "max_bin": 128},
        "full": {"n_trees": 700, "eta": 0.03, "max_depth": 6, "min_child_weight": 30,
                 "colsample_bytree": 0.3, "lambda": 2.0, "max_bin": 256},
    },
)  # fmt: skip
