"""Weighted metrics of a predicted probability: ranking, calls at a threshold, the top."""

from __future__ import annotations

import numpy as np

from trackoracle.errors import ConfigError
from trackoracle.evaluation.metrics import Metrics, Values, require_finite, total_weight

TOP_SHARES = (0.01, 0.05, 0.10)
"""Shares of tracks that precision at the top and lift are told for."""


class Ranking:
    """Tracks in the order of a predicted probability, highest first, ties together.

    Parameters
    ----------
    target
        (n,) 0 or 1.
    probability
        (n,) predicted.

    Examples
    --------
    >>> ranking = Ranking(np.array([0.0, 0.0, 1.0]), np.array([0.2, 0.9, 0.9]))
    >>> ranking.levels.tolist(), [m.tolist() for m in ranking.masses(np.ones(3))]
    ([0.9, 0.2], [[1.0, 0.0], [1.0, 1.0]])
    """

    def __init__(self, target: Values, probability: Values) -> None:
        require_finite(target=target, probability=probability)
        rising, tie = np.unique(-probability, return_inverse=True)
        self.levels: Values = -rising
        self._tie = tie
        self._is_hit = target == 1

    def masses(self, weight: Values) -> tuple[Values, Values]:
        """Return the weights of hits and of misses at each level: (k,) each."""
        n = len(self.levels)
        hits = np.bincount(self._tie, weight * self._is_hit, n)
        misses = np.bincount(self._tie, weight * ~self._is_hit, n)
        return hits.astype(np.float64), misses.astype(np.float64)


def hit_metrics(target: Values, probability: Values, threshold: float) -> Metrics:
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
    Function of (n,) weights to metric name and value: ROC-AUC, PR-AUC (average
    precision), accuracy, balanced accuracy, precision, recall, F1, Brier score, and
    `precision_at_1`, `lift_at_1` (among the 1 % of tracks ranked highest), `_5`, `_10`.
    What has no value is NaN (ROC-AUC of one class), but a precision, recall or F1
    of nothing called or nothing to find is 0.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 1.0]), np.array([0.1, 0.6, 0.8])
    >>> found = hit_metrics(y, p, 0.5)(np.ones(3))
    >>> found["roc_auc"], found["precision"], found["recall"]
    (1.0, 0.5, 1.0)
    """
    ranking = Ranking(target, probability)
    levels = ranking.levels
    n_called = int((levels >= threshold).sum())

    def metrics(weight: Values) -> dict[str, float]:
        hits, misses = ranking.masses(weight)
        found, alarms = np.cumsum(hits), np.cumsum(misses)
        n_hits, n_misses = float(found[-1]), float(alarms[-1])
        called_hits = float(found[n_called - 1]) if n_called else 0.0
        called_misses = float(alarms[n_called - 1]) if n_called else 0.0
        n_all = total_weight(weight)
        recall, spared = _share(called_hits, n_hits), _share(n_misses - called_misses, n_misses)
        squared = np.sum(hits * (1 - levels) ** 2) + np.sum(misses * levels**2)
        one_class = n_hits == 0 or n_misses == 0
        return {
            "roc_auc": np.nan if one_class else _roc_auc(hits, misses, alarms),
            "pr_auc": _average_precision(hits, found, alarms) if n_hits else np.nan,
            "accuracy": (called_hits + n_misses - called_misses) / n_all,
            "balanced_accuracy": np.nan if one_class else (recall + spared) / 2,
            "precision": _share(called_hits, called_hits + called_misses),
            "recall": recall,
            "f1": _share(2 * called_hits, called_hits + called_misses + n_hits),
            "brier": float(squared) / n_all,
            **_at_the_top(found, alarms, n_hits / n_all),
        }

    return metrics


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _roc_auc(hits: Values, misses: Values, alarms: Values) -> float:
    below = alarms[-1] - alarms + misses / 2
    return float(np.sum(hits * below) / (hits.sum() * alarms[-1]))


def _average_precision(hits: Values, found: Values, alarms: Values) -> float:
    taken = found + alarms
    precision = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
    return float(np.sum(hits * precision) / found[-1])


def _at_the_top(found: Values, alarms: Values, base_rate: float) -> dict[str, float]:
    precision = {f"{100 * s:g}": _top_precision(found, alarms, s) for s in TOP_SHARES}
    return {
        **{f"precision_at_{k}": value for k, value in precision.items()},
        **{
            f"lift_at_{k}": value / base_rate if base_rate > 0 else np.nan
            for k, value in precision.items()
        },
    }


def _top_precision(found: Values, alarms: Values, share: float) -> float:
    """Return the expected precision among the highest ranked when ties are drawn at random."""
    taken = found + alarms
    size = share * float(taken[-1])
    reached = np.interp(size, np.append(0.0, taken), np.append(0.0, found))
    return float(reached) / size


def precision_at(
    target: Values, probability: Values, share: float, weight: Values | None = None
) -> float:
    """Return the share of hits among the tracks ranked highest.

    Parameters
    ----------
    target, probability
        (n,) 0 or 1, and what ranks the tracks.
    share
        How many are taken, as a share of all tracks (of their weight), above 0 to 1.
        A tie at the border counts by its expectation under random order.
    weight
        (n,); by default all count alike.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.3, 0.1])
    >>> precision_at(y, p, 0.25), precision_at(y, p, 0.5)
    (1.0, 0.5)
    """
    _require_share(share)
    weight = _weights(target, weight)
    total_weight(weight)
    hits, misses = Ranking(target, probability).masses(weight)
    return _top_precision(np.cumsum(hits), np.cumsum(misses), share)


def lift_at(
    target: Values, probability: Values, share: float, weight: Values | None = None
) -> float:
    """Return how many times the base rate `precision_at` is; NaN without any hit.

    Examples
    --------
    >>> lift_at(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.3, 0.1]), 0.25)
    2.0
    """
    top = precision_at(target, probability, share, weight)
    base_rate = float(np.average(target, weights=weight))
    return top / base_rate if base_rate > 0 else np.nan


def balanced_weights(target: Values, weight: Values | None = None) -> Values:
    """Return weights under which hits and misses count alike: the balanced view.

    What published balanced test sets report: the ranking metrics are unchanged by
    it, but precision, F1, PR-AUC and accuracy are those of an even mixture.

    Parameters
    ----------
    target
        (n,) 0 or 1.
    weight
        (n,) to start from; by default all count alike.

    Returns
    -------
    (n,) weights of the same sum; unchanged when only one class has any.

    Examples
    --------
    >>> balanced_weights(np.array([1.0, 0.0, 0.0, 0.0])).round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    weight = _weights(target, weight)
    is_hit = target == 1
    hits, misses = float(weight[is_hit].sum()), float(weight[~is_hit].sum())
    if hits == 0 or misses == 0:
        return weight
    half = (hits + misses) / 2
    return weight * np.where(is_hit, half / hits, half / misses)


def _weights(target: Values, weight: Values | None) -> Values:
    return np.ones(len(target)) if weight is None else weight


def _require_share(share: float) -> None:
    if not 0 < share <= 1:
        raise ConfigError(
            f"share: expected above 0 to 1, got {share:g}. Give the share of tracks, as .05."
        )
