"""Curves behind the scores: ROC, precision against recall, calibration, and the calls.

Each takes predictions beside the truth and gives plain numbers, thinned to
what a drawing can show.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import NotEnoughDataError
from trackoracle.evaluation.hits import Ranking
from trackoracle.evaluation.metrics import Values, require_finite, total_weight
from trackoracle.evaluation.scoring import Judged, percentile_interval, resampled
from trackoracle.schema import (
    CalibrationBin,
    CalibrationCurve,
    Confusion,
    Curves,
    Estimate,
    PrecisionRecallCurve,
    RocCurve,
    Task,
)

MOST_POINTS = 200


def curves_of(
    judged: Judged, task: Task, *, threshold: float = 0.5, n_bootstrap: int = 200, seed: int = 0
) -> Curves:
    """Return every curve that a task has; parameters as of `evaluate_predictions`.

    Examples
    --------
    >>> p = np.linspace(0, 1, 50)
    >>> judged = Judged((p > 0.5).astype(float), p, p, np.ones(50), np.arange(50))
    >>> curves_of(judged, "binary", n_bootstrap=20).confusion.true_positive
    25.0
    """
    calibration = calibration_curve(judged, task, n_bootstrap=n_bootstrap, seed=seed)
    if task != "binary":
        return Curves(calibration)
    ranked = judged.target, judged.mean, judged.weight
    return Curves(
        calibration,
        roc_curve(*ranked, most_points=MOST_POINTS // 2),
        precision_recall_curve(*ranked, most_points=MOST_POINTS // 2),
        confusion(*ranked, threshold=threshold),
    )


def roc_curve(
    target: Values, probability: Values, weight: Values, *, most_points: int = MOST_POINTS
) -> RocCurve:
    """Return the ROC curve.

    Parameters
    ----------
    target, probability, weight
        (n,) 0 or 1, predicted, and how much each track counts.
    most_points
        Kept, spread evenly along the curve, its ends included.

    Raises
    ------
    NotEnoughDataError
        When only one class has any weight.

    Examples
    --------
    >>> y, p = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.5, 0.9])
    >>> roc_curve(y, p, np.ones(4)).true_positive_rate
    (0.0, 0.5, 0.5, 1.0, 1.0)
    """
    found, alarms, levels = _cumulated(target, probability, weight)
    if found[-1] == 0 or alarms[-1] == 0:
        raise NotEnoughDataError(
            "ROC curve: expected hits and misses, got one class only. Use more tracks."
        )
    x, y = np.append(0.0, alarms / alarms[-1]), np.append(0.0, found / found[-1])
    kept = _thinned(x, y, most_points)
    return RocCurve(_plain(x[kept]), _plain(y[kept]), _plain(levels[kept[1:] - 1]))


def precision_recall_curve(
    target: Values, probability: Values, weight: Values, *, most_points: int = MOST_POINTS
) -> PrecisionRecallCurve:
    """Return precision against recall; parameters as of `roc_curve`.

    Raises
    ------
    NotEnoughDataError
        When no hit has any weight.

    Examples
    --------
    >>> y, p = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.5, 0.9])
    >>> precision_recall_curve(y, p, np.ones(4)).precision
    (1.0, 0.5, 0.6666666666666666, 0.5)
    """
    found, alarms, levels = _cumulated(target, probability, weight)
    if found[-1] == 0:
        raise NotEnoughDataError(
            "precision and recall: expected hits, got none. Use more tracks, or a lower threshold."
        )
    recall, precision = found / found[-1], found / (found + alarms)
    kept = _thinned(recall, precision, most_points)
    return PrecisionRecallCurve(
        recall=_plain(recall[kept]),
        precision=_plain(precision[kept]),
        threshold=_plain(levels[kept]),
        base_rate=float(precision[-1]),
    )


def confusion(
    target: Values, probability: Values, weight: Values, *, threshold: float = 0.5
) -> Confusion:
    """Count calls at a threshold against the truth, by the tracks' weights.

    Examples
    --------
    >>> y, p = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.5, 0.9])
    >>> confusion(y, p, np.ones(4)).false_positive
    1.0
    """
    require_finite(target=target, probability=probability)
    total_weight(weight)
    place = 2 * (target == 1) + (probability >= threshold)
    tn, fp, fn, tp = np.bincount(place, weight, 4).tolist()
    return Confusion(threshold, tp, fp, fn, tn)


def calibration_curve(
    judged: Judged, task: Task, *, n_bins: int = 10, n_bootstrap: int = 200, seed: int = 0
) -> CalibrationCurve:
    """Return the mean truth along the prediction: the reliability diagram's numbers.

    Parameters
    ----------
    judged
        Predictions and truth.
    task
        A share of hits in a bin that holds one class only gets an interval by the rule
        of three over its clusters, where a bootstrap would have no width (Hanley and
        Lippman-Hand 1983).
    n_bins
        Of about equal weight; equal predictions stay together, so there may be fewer.

    Examples
    --------
    >>> p = np.linspace(0, 1, 100)
    >>> judged = Judged((p > 0.5).astype(float), p, p, np.ones(100), np.arange(100))
    >>> [b.n_tracks for b in calibration_curve(judged, "binary", n_bins=4, n_bootstrap=20).bins]
    [25, 25, 25, 25]
    """
    require_finite(target=judged.target, mean=judged.mean)
    part, n_parts = even_parts(judged.mean, judged.weight, n_bins)

    def per_part(values: Values, weight: Values) -> Values:
        mass = np.bincount(part, weight, n_parts)
        sums = np.bincount(part, weight * values, n_parts)
        means: Values = np.divide(sums, mass, out=np.full(n_parts, np.nan), where=mass > 0)
        return means

    predicted, actual = per_part(judged.mean, judged.weight), per_part(judged.target, judged.weight)
    weights = resampled(judged, n_bootstrap, seed)
    draws = np.array([per_part(judged.target, weight) for weight in weights]).reshape(-1, n_parts)
    size = np.bincount(part, minlength=n_parts)
    bins = []
    for i in range(n_parts):
        low, high = percentile_interval(draws[:, i], actual[i])
        if task == "binary":
            n_clusters = len(np.unique(judged.cluster[part == i]))
            low, high = _rule_of_three(actual[i], low, high, n_clusters)
        estimate = Estimate(float(actual[i]), float(low), float(high))
        bins.append(CalibrationBin(int(size[i]), float(predicted[i]), estimate))
    return CalibrationCurve(tuple(bins))


def _rule_of_three(share: float, low: float, high: float, n: int) -> tuple[float, float]:
    if share == 0:
        return 0.0, max(high, min(1.0, 3 / n))
    if share == 1:
        return min(low, max(0.0, 1 - 3 / n)), 1.0
    return low, high


def even_parts(values: Values, weight: Values, n_parts: int) -> tuple[NDArray[np.int64], int]:
    """Number the part of each row: parts rise with the value and have about equal weight."""
    total = total_weight(weight)
    levels, tie = np.unique(values, return_inverse=True)
    mass = np.bincount(tie, weight, len(levels))
    middle = (np.cumsum(mass) - mass / 2) / total
    part = np.minimum((middle * n_parts).astype(np.int64), n_parts - 1)
    # A level without weight must not make a part of its own.
    part = part[mass > 0][np.maximum(np.cumsum(mass > 0) - 1, 0)]
    used, numbered = np.unique(part, return_inverse=True)
    return numbered[tie], len(used)


def _cumulated(
    target: Values, probability: Values, weight: Values
) -> tuple[Values, Values, Values]:
    """Return the weights of hits and misses at or above each level that has any, and the level."""
    total_weight(weight)
    ranking = Ranking(target, probability)
    hits, misses = ranking.masses(weight)
    weighty = hits + misses > 0
    return np.cumsum(hits[weighty]), np.cumsum(misses[weighty]), ranking.levels[weighty]


def _thinned(x: Values, y: Values, most: int) -> NDArray[np.int64]:
    """Choose points evenly along a curve, both ends included."""
    if len(x) <= most:
        return np.arange(len(x))
    steps = np.hypot(np.diff(x), np.diff(y))
    length = np.append(0.0, np.cumsum(steps))
    wanted = np.linspace(0, length[-1], most)
    kept = np.unique(np.searchsorted(length, wanted).clip(0, len(x) - 1))
    kept[0], kept[-1] = 0, len(x) - 1
    return kept


def _plain(values: Values) -> tuple[float, ...]:
    return tuple(values.tolist())
