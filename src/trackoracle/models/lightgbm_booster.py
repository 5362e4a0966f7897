"""LightGBM, saved as its own text format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Values
from trackoracle.schema import Task

_FILE = "lightgbm.txt"


@dataclass(frozen=True)
class LightGbmModel:
    """A fitted LightGBM booster."""

    booster: Any

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points, or the probability of a hit."""
        return np.asarray(self.booster.predict(matrix, num_threads=n_threads), np.float64)

    def members(self) -> Members:
        """Return the booster as one text file, without the settings that name no tree."""
        text = self.booster.model_to_string()
        return {_FILE: text.split("\nparameters:", 1)[0].encode() + b"\n"}


def _fit(request: FitRequest) -> LightGbmModel:
    import lightgbm

    settings = {
        "objective": "binary" if request.task == "binary" else "regression",
        "num_threads": 1,
        "seed": request.seed,
        "deterministic": True,
        "force_col_wise": True,
        "verbose": -1,
        **request.params,
    }
    n_trees = settings.pop("n_trees")
    data = lightgbm.Dataset(
        request.matrix,
        request.target,
        weight=request.weight,
        params={"verbose": -1, "max_bin": settings["max_bin"], "num_threads": 1},
    )
    return LightGbmModel(lightgbm.train(settings, data, n_trees))


def _load(members: Members, n_inputs: int, task: Task) -> LightGbmModel:
    import lightgbm

    text = members[_FILE].decode()
    _audit(text, n_inputs)
    try:
        booster = lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise BundleError(f"{_FILE}: expected a LightGBM model, got an error ({error}).") from error
    return LightGbmModel(booster)


def _audit(text: str, n_inputs: int) -> None:
    """Check what LightGBM itself trusts: that trees point inside the inputs and themselves."""
    declared = re.search(r"^max_feature_idx=(\d+)$", text, re.M)
    if not declared or int(declared[1]) + 1 != n_inputs:
        raise BundleError(f"{_FILE}: expected a model of {n_inputs} inputs, got another.")
    for number, tree in enumerate(text.split("\nTree=")[1:]):
        fields = dict(line.split("=", 1) for line in tree.split("\n") if "=" in line)
        n_leaves = int(fields.get("num_leaves", "0"))
        n_nodes = n_leaves - 1
        lists = {
            "split_feature": (0, n_inputs - 1),
            "left_child": (-n_leaves, n_nodes - 1),
            "right_child": (-n_leaves, n_nodes - 1),
        }
        for name, (low, high) in lists.items():
            values = np.array(fields.get(name, "").split(), np.int64)
            sound = len(values) == n_nodes and (
                n_nodes == 0 or (values.min() >= low and values.max() <= high)
            )
            if not sound or n_leaves < 1 or int(fields.get("num_cat", "0")):
                raise BundleError(
                    f"{_FILE}: expected {name} from {low} to {high} in tree {number}, got others. "
                    "Do not use this file."
                )


LIGHTGBM = Candidate(
    "lightgbm",
    "boosting",
    _fit,
    _load,
    {
        "fast": {"n_trees": 300, "learning_rate": 0.06, "num_leaves": 31, "min_data_in_leaf": 40,
                 "feature_fraction": 0.3, "lambda_l2": 2.0, "max_bin": 127},
        "full": {"n_trees": 1200, "learning_rate": 0.02, "num_leaves": 31, "min_data_in_leaf": 40,
                 "feature_fraction": 0.25, "lambda_l2": 2.0, "max_bin": 255},
    },
)  # fmt: skip
