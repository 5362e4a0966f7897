"""Weighted metrics of predicted tiers: calls, and probabilities of classes that are in order."""

from __future__ import annotations

import numpy as np

from trackoracle.evaluation.metrics import Metrics, Values, averages, require_finite, total_weight

_LEAST_PROBABILITY = float(np.finfo(np.float64).eps)
"""What log loss takes for a tier that was called impossible, as scikit-learn does."""


def tier_metrics(target: Values, probability: Values) -> Metrics:
    """Return the metrics of the predicted probabilities of tiers.

    Parameters
    ----------
    target
        (n,) number of the true tier.
    probability
        (n, k) of each tier.

    Returns
    -------
    Function of (n,) weights to metric name and value. Of the likeliest tier: accuracy,
    balanced accuracy (mean recall of the tiers that there are) and macro-F1 (over the tiers
    that there are or that are called). Of the probabilities: log loss; the ranked probability
    score `rps`, the mean over all edges of the Brier score of exceeding the edge (Epstein
    1969); and its skill `rpss`, the share by which it is below that of answering the shares
    of the tiers themselves (Murphy 1971), as R2 is of a squared error; NaN for one tier.

    Examples
    --------
    >>> sure = np.eye(3)[[0, 1, 2, 2]]
    >>> found = tier_metrics(np.array([0.0, 1.0, 2.0, 0.0]), sure)(np.ones(4))
    >>> found["accuracy"], found["rps"], round(found["macro_f1"], 3)
    (0.75, 0.25, 0.778)
    """
    require_finite(target=target, probability=probability.sum(axis=1))
    n_classes, true = probability.shape[1], target.astype(np.int64)
    exceeds = (true[:, None] > np.arange(n_classes - 1)).astype(np.float64)
    told = 1 - np.cumsum(probability, axis=1)[:, :-1]
    of_truth = np.maximum(probability[np.arange(len(true)), true], _LEAST_PROBABILITY)
    average = averages(
        {
            "log_loss": -np.log(of_truth),
            "rps": ((told - exceeds) ** 2).mean(axis=1),
            **{f"exceeds_{edge}": column for edge, column in enumerate(exceeds.T)},
        }
    )
    place = true * n_classes + probability.argmax(axis=1)

    def metrics(weight: Values) -> dict[str, float]:
        found = average(weight)
        shares = np.array([found[f"exceeds_{edge}"] for edge in range(n_classes - 1)])
        plain = float((shares * (1 - shares)).mean())
        counts = np.bincount(place, weight, n_classes**2).reshape(n_classes, n_classes)
        return {
            "rpss": 1 - found["rps"] / plain if plain > 0 else np.nan,
            **_call_metrics(counts / total_weight(weight)),
            "log_loss": found["log_loss"],
            "rps": found["rps"],
        }

    return metrics


def _call_metrics(counts: Values) -> dict[str, float]:
    """Return the metrics of calls from the shares of true tiers (rows) and calls (columns)."""
    right, there, called = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    known, met = there > 0, there + called > 0
    return {
        "accuracy": float(right.sum()),
        "balanced_accuracy": float((right[known] / there[known]).mean()),
        "macro_f1": float((2 * right[met] / (there + called)[met]).mean()),
    }
