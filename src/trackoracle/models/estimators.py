"""How the inputs of scikit-learn's estimators add up, and what they gained in training."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from trackoracle.models.candidate import Matrix, Values
from trackoracle.models.links import link_of
from trackoracle.models.trees import Trees, Walk, joined
from trackoracle.schema import Additive, Task


def additive_of(estimator: Any, task: Task, n_classes: int) -> tuple[Additive, ...] | None:
    """Return the part of a fitted estimator; None of more trees than tables are made for."""
    kind = type(estimator).__name__
    if kind == "Pipeline":
        return (_linear(estimator, task, n_classes),)
    if kind.startswith("HistGradientBoosting"):
        return _boosted(estimator, task, n_classes)
    return _averaged(estimator, task, n_classes)


def gains_of(estimator: Any) -> Values | None:
    """Return the share of the loss that splits by each input took away: (d,); None if linear."""
    if type(estimator).__name__ == "Pipeline":
        return None
    if hasattr(estimator, "feature_importances_"):
        return np.asarray(estimator.feature_importances_, np.float64)
    gained = np.zeros(estimator.n_features_in_)
    for nodes in _nodes(estimator):
        inner = nodes[nodes["is_leaf"] == 0]
        np.add.at(gained, inner["feature_idx"], inner["gain"])
    total = gained.sum()
    return gained / total if total > 0 else gained


def coefficients_of(estimator: Any) -> Values | None:
    """Return what one standard deviation of each input moves each margin by: (m, d)."""
    if type(estimator).__name__ != "Pipeline":
        return None
    return np.atleast_2d(np.asarray(estimator.steps[-1][1].coef_, np.float64))


def _spread(estimator: Any, task: Task, n_classes: int) -> Values | None:
    """Return which tier each class of the estimator is: (k, n_classes); None of other tasks."""
    if task != "multiclass":
        return None
    spread = np.zeros((len(estimator.classes_), n_classes))
    spread[np.arange(len(spread)), estimator.classes_.astype(np.int64)] = 1
    return spread


def _linear(pipeline: Any, task: Task, n_classes: int) -> Additive:
    """Count from the training tracks' means, by which missing values are filled."""
    fill, scale, last = (step for _, step in pipeline.steps)
    weights = np.atleast_2d(np.asarray(last.coef_, np.float64)) / scale.scale_
    base = np.atleast_1d(np.asarray(last.intercept_, np.float64))
    if task == "multiclass" and len(weights) == 1:  # of two tiers one margin is told
        weights, base = np.vstack([0 * weights, weights]), np.array([0.0, base[0]])

    def centred(matrix: Matrix) -> Values:
        filled = np.where(np.isnan(matrix), fill.statistics_, matrix)
        return np.asarray(filled - scale.mean_, np.float64)

    def margins(matrix: Matrix, n_threads: int) -> Values:
        told: Values = base + centred(matrix) @ weights.T
        return told

    def contributions(matrix: Matrix, slopes: Values, n_threads: int) -> Values:
        told: Values = centred(matrix) * (slopes @ weights)
        return told

    spread = _spread(pipeline, task, n_classes)
    return Additive(link_of(task), base, margins, contributions, spread)


def _nodes(boosting: Any) -> Iterable[Any]:
    return (tree.nodes for trees in boosting._predictors for tree in trees)


def _boosted(boosting: Any, task: Task, n_classes: int) -> tuple[Additive, ...] | None:
    per_round = boosting.n_trees_per_iteration_
    trees = [
        {
            "left": np.where(nodes["is_leaf"], -1, nodes["left"].astype(np.int64)),
            "right": np.where(nodes["is_leaf"], -1, nodes["right"].astype(np.int64)),
            "feature": nodes["feature_idx"].astype(np.int64),
            "threshold": nodes["num_threshold"],
            "missing_left": nodes["missing_go_to_left"].astype(bool),
            "cover": nodes["count"].astype(np.float64),
            "value": nodes["value"],
        }
        for nodes in _nodes(boosting)
    ]
    two_tiers = task == "multiclass" and per_round == 1
    start = np.asarray(boosting._baseline_prediction, np.float64).reshape(-1)
    if two_tiers:  # of two tiers one margin is told
        start = np.array([0.0, start[0]])
    output = [1 if two_tiers else i % per_round for i in range(len(trees))]
    walk = Walk(joined(trees, output, len(start)), boosting.n_features_in_)
    if not walk.fits:
        return None

    def margins(matrix: Matrix, n_threads: int) -> Values:
        asked = boosting.predict if task == "regression" else boosting.decision_function
        told = np.asarray(asked(matrix), np.float64).reshape(len(matrix), -1)
        return np.hstack([np.zeros_like(told), told]) if two_tiers else told

    spread = _spread(boosting, task, n_classes)
    return (Additive(link_of(task), start + walk.base, margins, walk.contributions, spread),)


def _averaged(estimator: Any, task: Task, n_classes: int) -> tuple[Additive, ...] | None:
    """Of a tree or a forest: answers themselves, points or shares of classes, are sums."""
    trees = [tree.tree_ for tree in getattr(estimator, "estimators_", [estimator])]
    parts, values = [], []
    for tree in trees:
        parts.append(
            {
                "left": tree.children_left.astype(np.int64),
                "right": tree.children_right.astype(np.int64),
                "feature": tree.feature.astype(np.int64),
                "threshold": tree.threshold,
                "missing_left": np.asarray(tree.missing_go_to_left, bool),
                "cover": tree.weighted_n_node_samples,
                "value": np.zeros(tree.node_count),
            }
        )
        values.append(tree.value[:, 0, :] / len(trees))
    whole = joined(parts, [0] * len(parts), 1)
    value, spread = np.concatenate(values), _spread(estimator, task, n_classes)
    if task == "binary":
        value = value[:, estimator.classes_ == 1] if 1 in estimator.classes_ else 0 * value[:, :1]
    walk = Walk(
        Trees(
            whole.roots, whole.left, whole.right, whole.feature, whole.threshold,
            whole.missing_left, whole.cover, value,
        ),
        estimator.n_features_in_,
    )  # fmt: skip
    if not walk.fits:
        return None

    def margins(matrix: Matrix, n_threads: int) -> Values:
        if hasattr(estimator, "n_jobs"):
            estimator.n_jobs = n_threads
        if task == "regression":
            return np.asarray(estimator.predict(matrix), np.float64)[:, None]
        shares = np.asarray(estimator.predict_proba(matrix), np.float64)
        return shares[:, estimator.classes_ == 1] if task == "binary" else shares

    return (Additive("identity", walk.base, margins, walk.contributions, spread),)
