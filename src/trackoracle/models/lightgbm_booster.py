"""LightGBM, saved as its own text format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models import lightgbm_text as texts
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Range, Values
from trackoracle.models.lightgbm_library import Booster, LibraryError, Told
from trackoracle.models.links import answers_of, link_of
from trackoracle.models.trees import Walk
from trackoracle.schema import Additive, Task

_FILE = "lightgbm.txt"
_MOST_LEAVES = 30_000
"""Of trees that rows go through together: as many as the nearest caches of a core hold."""
_NOTHING = 1e-300
"""Keeps shares of nothing from being divided by 0."""
_OBJECTIVE: dict[Task, str] = {
    "regression": "regression",
    "binary": "binary sigmoid:1",
    "multiclass": "multiclass num_class:{n_classes}",
}


@dataclass(frozen=True)
class LightGbmModel:
    """A fitted LightGBM booster, read from a text that was checked, and the trees of that text."""

    booster: Booster
    forest: texts.Forest
    task: Task
    n_classes: int

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""
        if len(self._blocks) == 1:
            return self.booster.predict(matrix, n_threads=n_threads)
        return answers_of(self._margins(matrix, n_threads), self.task)

    def members(self) -> Members:
        """Return the booster as one text file, without what answers do not need."""
        return {_FILE: self.booster.text.encode()}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return one part: points, the log-odds of a hit, or a margin a class."""
        walk = self._walk
        contributions = walk.contributions if walk.fits else self._native
        return (Additive(link_of(self.task), walk.base, self._margins, contributions),)

    def gains(self) -> Values | None:
        """Return the share of the loss that splits by each input took away: (d,)."""
        gained = self.booster.gains()
        return np.asarray(gained / max(gained.sum(), _NOTHING))

    def _margins(self, matrix: Matrix, n_threads: int) -> Values:
        """Send all rows through one block of trees after the other: (n, margins)."""
        margins = np.zeros((len(matrix), _per_round(self.task, self.n_classes)))
        for rounds in self._blocks:
            told = self.booster.predict(matrix, Told.MARGIN, n_threads, rounds)
            margins += told.reshape(margins.shape)
        return margins

    def _native(self, matrix: Matrix, slopes: Values, n_threads: int) -> Values:
        """Let LightGBM tell contributions: slower, but of any number of trees."""
        told = self.booster.predict(matrix, Told.CONTRIBUTIONS, n_threads)
        by_margin = told.reshape(*slopes.shape, -1)[:, :, :-1]
        return np.asarray(np.einsum("nmd,nm->nd", by_margin, slopes))

    @cached_property
    def _blocks(self) -> list[tuple[int, int]]:
        """Return the first round of each block of trees, and their number.

        They are the same for any number of rows, so that a batch's size moves no answer.
        """
        n_leaves = self.forest.n_leaves
        n_rounds = len(n_leaves) // _per_round(self.task, self.n_classes)
        size = max(1, n_rounds * _MOST_LEAVES // max(1, int(n_leaves.sum())))
        return [(start, min(size, n_rounds - start)) for start in range(0, n_rounds, size)]

    @cached_property
    def _walk(self) -> Walk:
        trees = self.forest.trees(_per_round(self.task, self.n_classes))
        return Walk(trees, self.booster.n_inputs)


def _fit(request: FitRequest) -> LightGbmModel:
    import lightgbm

    settings = {
        "objective": request.task,
        "num_class": _per_round(request.task, request.n_classes),
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
    text = lightgbm.train(settings, data, n_trees).model_to_string()
    return _read(text, request.matrix.shape[1], request.task, request.n_classes)


def _per_round(task: Task, n_classes: int) -> int:
    """Return the number of trees that one round of boosting adds."""
    return n_classes if task == "multiclass" else 1


def _load(members: Members, n_inputs: int, task: Task, n_classes: int) -> LightGbmModel:
    return _read(members[_FILE].decode(), n_inputs, task, n_classes)


def _read(text: str, n_inputs: int, task: Task, n_classes: int) -> LightGbmModel:
    audited, forest = _audited(text, n_inputs, task, n_classes)
    try:
        booster = Booster(audited)
    except LibraryError as error:
        raise BundleError(f"{_FILE}: expected a LightGBM model, got an error ({error}).") from error
    return LightGbmModel(booster, forest, task, n_classes)


def _audited(text: str, n_inputs: int, task: Task, n_classes: int) -> tuple[str, texts.Forest]:
    """Check what LightGBM itself trusts, and write again what was checked and is needed.

    Returns
    -------
    The text, and its trees.
    """
    header, trees = texts.parted(text)
    per_round = _per_round(task, n_classes)
    expected = {
        "num_class": str(per_round),
        "num_tree_per_iteration": str(per_round),
        "label_index": "0",
        "max_feature_idx": str(n_inputs - 1),
        "objective": _OBJECTIVE[task].format(n_classes=n_classes),
        "feature_names": " ".join(f"Column_{i}" for i in range(n_inputs)),
    }
    for name, value in expected.items():
        if header.get(name) != value:
            raise BundleError(
                f"{_FILE}: expected a {task} model of {n_inputs} inputs, got another {name}. "
                "Do not use this file."
            )
    if len(trees) % per_round:
        raise BundleError(
            f"{_FILE}: expected {per_round} trees a round, got {len(trees)} in all. "
            "Do not use this file."
        )
    try:
        forest = texts.read(trees)
        forest.check(n_inputs)
    except texts.UnsoundTreeError as error:
        raise BundleError(
            f"{_FILE}: expected trees over {n_inputs} inputs, got another (tree {error}). "
            "Do not use this file."
        ) from error
    expected["feature_infos"] = header.get("feature_infos", "")
    return texts.written(expected, trees), forest


LIGHTGBM = Candidate(
    "lightgbm",
    "boosting",
    _fit,
    _load,
    {
        "fast": {"n_trees": 280, "learning_rate": 0.06, "num_leaves": 31, "min_data_in_leaf": 40,
                 "feature_fraction": 0.4, "lambda_l2": 2.0, "max_bin": 127, "extra_trees": True},
        "full": {"n_trees": 1000, "learning_rate": 0.025, "num_leaves": 31, "min_data_in_leaf": 40,
                 "feature_fraction": 0.4, "lambda_l2": 2.0, "max_bin": 255, "extra_trees": True},
    },
    n_views=2,
    space={
        "num_leaves": Range(15, 255, log=True),
        "min_data_in_leaf": Range(10, 200, log=True),
        "feature_fraction": Range(0.1, 0.8),
        "lambda_l2": Range(0.3, 30.0, log=True),
    },
    quick={"n_trees": 1 / 3, "learning_rate": 3, "max_bin": 1 / 2},
)  # fmt: skip
