"""Score predictions with bootstrap intervals, overall and by group. Never fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.evaluation.metrics import Metric, Values, hit_metrics, mean_metrics
from trackoracle.schema import Estimate, GroupScore, Scores, Task

LEVEL = 0.95
"""Level of the bootstrap intervals (percentile method, Efron and Tibshirani 1993)."""
BANDS = ((0.0, 0.0), (1.0, 25.0), (26.0, 50.0), (51.0, 75.0), (76.0, 100.0))


@dataclass(frozen=True)
class Judged:
    """Predictions beside the truth.

    Parameters
    ----------
    target, mean, median
        (n,) truth, and the mean and median of the predicted distribution; the mean
        of a hit is its probability.
    weight
        (n,) 1 over the number of rows of the recording.
    cluster
        (n,) code of what is resampled whole: the recording, album or artist.
    """

    target: Values
    mean: Values
    median: Values
    weight: Values
    cluster: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Judged:
        """Return some rows."""
        return Judged(
            self.target[rows],
            self.mean[rows],
            self.median[rows],
            self.weight[rows],
            self.cluster[rows],
        )


def evaluate_predictions(
    judged: Judged, task: Task, *, threshold: float = 0.5, n_bootstrap: int = 200, seed: int = 0
) -> Scores:
    """Score predictions, with an interval for each metric.

    Parameters
    ----------
    judged
        Predictions and truth.
    task
        Which metrics.
    threshold
        At or above it a probability is called a hit.
    n_bootstrap
        Number of resamples of whole clusters; 0 gives intervals of no width.
    seed
        For the resamples.

    Examples
    --------
    >>> y = np.arange(10.0)
    >>> judged = Judged(y, y, y, np.ones(10), np.arange(10))
    >>> evaluate_predictions(judged, "regression", n_bootstrap=20)["mae"].value
    0.0
    """
    if task == "binary":
        metrics = hit_metrics(judged.target, judged.mean, threshold)
    else:
        metrics = mean_metrics(judged.target, judged.mean, judged.median)
    return _estimates(metrics, judged, n_bootstrap, seed)


def _estimates(metrics: dict[str, Metric], judged: Judged, n_bootstrap: int, seed: int) -> Scores:
    drawn: dict[str, list[float]] = {name: [] for name in metrics}
    for weight in _resampled(judged, n_bootstrap, seed):
        for name, metric in metrics.items():
            drawn[name].append(metric(weight))
    tail = (1 - LEVEL) / 2
    scores = {}
    for name, metric in metrics.items():
        value = metric(judged.weight)
        known = np.array(drawn[name])[~np.isnan(drawn[name])]
        low, high = np.quantile(known, [tail, 1 - tail]) if len(known) else (value, value)
        scores[name] = Estimate(value, float(low), float(high))
    return scores


def _resampled(judged: Judged, n_bootstrap: int, seed: int) -> Iterator[Values]:
    """Yield the weights of each resample of whole clusters."""
    codes, cluster = np.unique(judged.cluster, return_inverse=True)
    random = np.random.default_rng(seed)
    for _ in range(n_bootstrap):
        drawn = np.bincount(random.integers(0, len(codes), len(codes)), minlength=len(codes))
        weight = judged.weight * drawn[cluster]
        if weight.any():
            yield weight


def score_groups(
    judged: Judged,
    task: Task,
    groups: dict[str, NDArray[np.int64]],
    *,
    n_bootstrap: int = 100,
    seed: int = 0,
) -> tuple[GroupScore, ...]:
    """Score groups of rows: error and bias, which say something within a group.

    Parameters
    ----------
    groups
        Name to row numbers; groups may overlap.
    """
    results = []
    for name, rows in groups.items():
        part = judged.take(rows)
        scores = _estimates(_group_metrics(part, task), part, n_bootstrap, seed)
        results.append(GroupScore(name, len(rows), scores))
    return tuple(results)


def _group_metrics(part: Judged, task: Task) -> dict[str, Metric]:
    error = part.mean - part.target
    bias: Metric = lambda weight: float(np.average(error, weights=weight))  # noqa: E731
    if task == "binary":
        brier = hit_metrics(part.target, part.mean, 0.5)["brier"]
        return {"brier": brier, "bias": bias}
    return {"mae": mean_metrics(part.target, part.mean, part.median)["mae"], "bias": bias}


def popularity_bands(points: Values) -> dict[str, NDArray[np.int64]]:
    """Return the rows of each band of true popularity that has any."""
    bands = {}
    for low, high in BANDS:
        rows = np.flatnonzero((points >= low) & (points < high + 1))
        if len(rows):
            bands[f"{low:g}" if low == high else f"{low:g} to {high:g}"] = rows
    return bands
