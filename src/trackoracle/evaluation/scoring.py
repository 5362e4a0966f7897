"""Score predictions with bootstrap intervals, overall and by group. Never fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.evaluation.hits import hit_metrics
from trackoracle.evaluation.metrics import (
    Intervals,
    Metrics,
    Values,
    averages,
    interval_columns,
    mean_metrics,
)
from trackoracle.evaluation.tiers import tier_metrics
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
    intervals
        Level in per cent to the (n,) ends of the predicted intervals, where there are any.
    p_hit
        (n,) P(popularity > hit threshold), of the same distribution; None of a hit, whose
        mean it is, and of a bare answer.
    p_tier
        (n, k) probability of each tier, of a tier target, whose mean is that of the tiers'
        numbers.
    stated
        Level in per cent to the (n,) probability that the intervals say they hold: whole
        points and likely single ones, as popularity 0, seldom allow just the level.
    """

    target: Values
    mean: Values
    median: Values
    weight: Values
    cluster: NDArray[np.int64]
    intervals: Intervals = field(default_factory=dict)
    p_hit: Values | None = None
    p_tier: Values | None = None
    stated: Mapping[int, Values] = field(default_factory=dict)

    def take(self, rows: NDArray[np.int64]) -> Judged:
        """Return some rows."""
        return Judged(
            self.target[rows],
            self.mean[rows],
            self.median[rows],
            self.weight[rows],
            self.cluster[rows],
            {level: (low[rows], high[rows]) for level, (low, high) in self.intervals.items()},
            None if self.p_hit is None else self.p_hit[rows],
            None if self.p_tier is None else self.p_tier[rows],
            {level: held[rows] for level, held in self.stated.items()},
        )

    @classmethod
    def joined(cls, parts: Sequence[Judged]) -> Judged:
        """Return the tracks of all parts, part after part; all parts have the same fields."""

        def all_of(name: str) -> Any:
            values = [getattr(part, name) for part in parts]
            return None if values[0] is None else np.concatenate(values)

        def ends(level: int, i: int) -> Values:
            return np.concatenate([part.intervals[level][i] for part in parts])

        intervals = {level: (ends(level, 0), ends(level, 1)) for level in parts[0].intervals}
        stated = {
            level: np.concatenate([part.stated[level] for part in parts])
            for level in parts[0].stated
        }
        by_level = ("intervals", "stated")
        columns = {f.name: all_of(f.name) for f in fields(cls) if f.name not in by_level}
        return cls(**columns, intervals=intervals, stated=stated)

    def hits(self, above: float) -> Judged | None:
        """Return P(hit) beside whether it was one, as of a hit target; None where there is none.

        Parameters
        ----------
        above
            A hit has more points than this.
        """
        if self.p_hit is None:
            return None
        is_hit = (self.target > above).astype(np.float64)
        return Judged(is_hit, self.p_hit, self.p_hit, self.weight, self.cluster)


@dataclass(frozen=True)
class Drawn:
    """Metrics of one set of predictions, and the same under each bootstrap resample.

    Parameters
    ----------
    values
        Metric name to value.
    draws
        Metric name to (b,) values; NaN where a resample gives none.
    """

    values: dict[str, float]
    draws: dict[str, Values]

    def estimates(self) -> Scores:
        """Return each value with its percentile interval."""
        return {
            name: Estimate(value, *percentile_interval(self.draws[name], value))
            for name, value in self.values.items()
        }


def percentile_interval(draws: Values, value: float) -> tuple[float, float]:
    """Return the ends of the bootstrap interval; the value itself without any draw."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return value, value
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def evaluate_predictions(
    judged: Judged, task: Task, *, threshold: float = 0.5, n_bootstrap: int = 200, seed: int = 0
) -> Scores:
    """Score predictions, with an interval for each metric.

    Parameters
    ----------
    judged
        Predictions and truth.
    task
        Which metrics: those of `hit_metrics`, `tier_metrics` or `mean_metrics`.
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
    metrics = metrics_of(judged, task, threshold=threshold)
    return draw_metrics(metrics, judged, n_bootstrap=n_bootstrap, seed=seed).estimates()


def metrics_of(judged: Judged, task: Task, *, threshold: float = 0.5) -> Metrics:
    """Return the metrics of a task as a function of weights."""
    if task == "binary":
        return hit_metrics(judged.target, judged.mean, threshold)
    if judged.p_tier is not None:
        return tier_metrics(judged.target, judged.p_tier)
    return mean_metrics(judged.target, judged.mean, judged.median, judged.intervals)


def draw_metrics(metrics: Metrics, judged: Judged, *, n_bootstrap: int, seed: int) -> Drawn:
    """Compute metrics under the tracks' weights and under resamples of whole clusters.

    Equal clusters, weights and seed give equal resamples, so that the draws of two
    candidates on the same tracks are paired.
    """
    values = metrics(judged.weight)
    drawn = [metrics(weight) for weight in resampled(judged, n_bootstrap, seed)]
    return Drawn(values, {name: np.array([d[name] for d in drawn]) for name in values})


def resampled(judged: Judged, n_bootstrap: int, seed: int) -> Iterator[Values]:
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
    groups: Mapping[str, NDArray[np.int64]],
    *,
    n_bootstrap: int = 100,
    seed: int = 0,
) -> tuple[GroupScore, ...]:
    """Score groups of rows: error, bias and coverage, which say something within a group.

    Parameters
    ----------
    groups
        Name to row numbers; groups may overlap.
    """
    results = []
    for name, rows in groups.items():
        part = judged.take(rows)
        drawn = draw_metrics(_group_metrics(part, task), part, n_bootstrap=n_bootstrap, seed=seed)
        results.append(GroupScore(name, len(rows), drawn.estimates()))
    return tuple(results)


def _group_metrics(part: Judged, task: Task) -> Metrics:
    error = part.mean - part.target
    if task == "binary":
        return averages({"brier": error**2, "bias": error})
    if part.p_tier is not None:
        called = part.p_tier.argmax(axis=1)
        return averages({"accuracy": (called == part.target).astype(np.float64), "bias": error})
    return averages(
        {
            "mae": np.abs(part.median - part.target),
            "bias": error,
            **interval_columns(part.target, part.intervals),
        }
    )


def popularity_bands(points: Values) -> dict[str, NDArray[np.int64]]:
    """Return the rows of each band of true popularity that has any."""
    bands = {}
    for low, high in BANDS:
        rows = np.flatnonzero((points >= low) & (points < high + 1))
        if len(rows):
            bands[f"{low:g}" if low == high else f"{low:g} to {high:g}"] = rows
    return bands
