"""Weighted metrics of one set of predictions, quick to compute again under other weights.

Sorting depends on the predictions only, so that each metric sorts once and
then scores any number of bootstrap weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Metric = Callable[[Values], float]


def mean_metrics(target: Values, mean: Values, median: Values) -> dict[str, Metric]:
    """Return the metrics of a predicted number.

    Parameters
    ----------
    target, mean, median
        (n,) truth, and the mean and median of the predicted distribution.

    Returns
    -------
    Metric name to a function of (n,) weights: R2, RMSE and Spearman of the mean,
    MAE of the median.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> mean_metrics(y, y, y)["r2"](np.ones(3))
    1.0
    """
    squared, absolute = (target - mean) ** 2, np.abs(target - median)
    rank_target, rank_mean = _ranker(target), _ranker(mean)

    def r2(weight: Values) -> float:
        centre = np.average(target, weights=weight)
        spread = float(np.average((target - centre) ** 2, weights=weight))
        return 1 - float(np.average(squared, weights=weight)) / spread if spread > 0 else np.nan

    def spearman(weight: Values) -> float:
        a, b = rank_target(weight), rank_mean(weight)
        a = a - np.average(a, weights=weight)
        b = b - np.average(b, weights=weight)
        scale = np.sqrt(np.sum(weight * a * a) * np.sum(weight * b * b))
        return float(np.sum(weight * a * b) / scale) if scale > 0 else 0.0

    return {
        "r2": r2,
        "mae": lambda weight: float(np.average(absolute, weights=weight)),
        "rmse": lambda weight: float(np.sqrt(np.average(squared, weights=weight))),
        "spearman": spearman,
    }


def _ranker(values: Values) -> Callable[[Values], Values]:
    """Return a function from weights to weighted mid-ranks."""
    _, tie = np.unique(values, return_inverse=True)

    def ranks(weight: Values) -> Values:
        mass = np.bincount(tie, weight)
        middle = np.cumsum(mass) - mass / 2
        result: Values = middle[tie]
        return result

    return ranks


def hit_metrics(target: Values, probability: Values, threshold: float) -> dict[str, Metric]:
    """Return the metrics of a predicted probability.

    Parameters
    ----------
    target
        (n,) 0 or 1.
    probability
        (n,) predicted.
    threshold
        At or above it a track is called a hit.

    Returns
    -------
    Metric name to a function of (n,) weights: ROC-AUC, PR-AUC (average precision),
    accuracy, F1 and Brier score.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 1.0]), np.array([0.1, 0.6, 0.8])
    >>> hit_metrics(y, p, 0.5)["roc_auc"](np.ones(3))
    1.0
    """
    called = probability >= threshold
    is_hit = target == 1
    squared = (probability - target) ** 2
    _, tie = np.unique(-probability, return_inverse=True)

    def masses(weight: Values) -> tuple[Values, Values]:
        """Weights of hits and misses at each distinct probability, highest first."""
        hits: Values = np.bincount(tie, weight * is_hit).astype(np.float64)
        return hits, np.bincount(tie, weight).astype(np.float64) - hits

    def roc_auc(weight: Values) -> float:
        hits, misses = masses(weight)
        total = hits.sum() * misses.sum()
        below = misses.sum() - np.cumsum(misses) + misses / 2
        return float(np.sum(hits * below) / total) if total > 0 else np.nan

    def pr_auc(weight: Values) -> float:
        hits, misses = masses(weight)
        found = np.cumsum(hits)
        taken = found + np.cumsum(misses)
        precision = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
        return float(np.sum(hits * precision) / found[-1]) if found[-1] > 0 else np.nan

    def f1(weight: Values) -> float:
        both = np.sum(weight * (called & is_hit))
        either = np.sum(weight * called) + np.sum(weight * is_hit)
        return float(2 * both / either) if either > 0 else 0.0

    return {
        "roc_auc": roc_auc,
        "pr_auc": pr_auc,
        "accuracy": lambda weight: float(np.average(called == is_hit, weights=weight)),
        "f1": f1,
        "brier": lambda weight: float(np.average(squared, weights=weight)),
    }
