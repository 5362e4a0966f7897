"""Judge a predicted P(hit): whether it ranks, is what it says, and says much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.evaluation.curves import even_parts
from trackoracle.evaluation.metrics import Values, averages, require_finite, total_weight
from trackoracle.evaluation.scoring import Judged, draw_metrics, evaluate_predictions
from trackoracle.schema import HitQuality

N_BINS = 15
"""Bins of the expected calibration error, as of Guo et al. (2017)."""


@dataclass(frozen=True)
class BrierParts:
    """The Brier score in parts: brier = reliability - resolution + uncertainty."""

    brier: float
    reliability: float
    resolution: float
    uncertainty: float


def brier_parts(
    target: Values, probability: Values, weight: Values, *, n_bins: int = N_BINS
) -> BrierParts:
    """Return Murphy's (1973) parts of the Brier score, over bins of about equal weight.

    What probabilities differ within a bin is counted to the resolution, so that the parts
    add up: the generalized resolution of Stephenson, Coelho and Jolliffe (2008).

    Parameters
    ----------
    target, probability, weight
        (n,) 0 or 1, predicted, and how much each track counts.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    >>> parts = brier_parts(y, p, np.ones(4))
    >>> parts.reliability, parts.resolution, parts.uncertainty
    (0.0, 0.25, 0.25)
    """
    require_finite(target=target, probability=probability)
    share, gap = _gaps(target, probability, weight, even_parts(probability, weight, n_bins)[0])
    brier = float(np.average((probability - target) ** 2, weights=weight))
    rate = float(np.average(target, weights=weight))
    reliability, uncertainty = float(share @ gap**2), rate * (1 - rate)
    return BrierParts(brier, reliability, reliability + uncertainty - brier, uncertainty)


def calibration_error(
    target: Values,
    probability: Values,
    weight: Values,
    *,
    n_bins: int = N_BINS,
    equal_width: bool = False,
) -> float:
    """Return the expected calibration error: mean |predicted - true| over bins, by weight.

    Bins of equal weight look where the tracks are; bins of equal width look also at the
    few high probabilities of a rare hit, but see little of the many low ones.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 0.0, 1.0]), np.array([0.2, 0.2, 0.8, 0.8])
    >>> round(calibration_error(y, p, np.ones(4)), 2)
    0.25
    """
    require_finite(target=target, probability=probability)
    if equal_width:
        part = np.minimum((probability * n_bins).astype(np.int64), n_bins - 1)
    else:
        part, _ = even_parts(probability, weight, n_bins)
    share, gap = _gaps(target, probability, weight, part)
    return float(share @ np.abs(gap))


def _gaps(
    target: Values, probability: Values, weight: Values, part: NDArray[np.int64]
) -> tuple[Values, Values]:
    """Return each bin's share of the weight, and how far its mean prediction is too high."""
    total, mass = total_weight(weight), np.bincount(part, weight)
    sums = np.bincount(part, weight * (probability - target))
    gap: Values = np.divide(sums, mass, out=np.zeros_like(sums), where=mass > 0)
    return mass / total, gap


def hit_quality(
    judged: Judged, isotonic: Values, *, n_bootstrap: int = 200, seed: int = 0
) -> HitQuality | None:
    """Judge a predicted P(hit); None when all are hits or none is.

    Parameters
    ----------
    judged
        Of a hit target, or `Judged.hits` of popularity.
    isotonic
        (n,) what isotonic regression on the raw answer says, fitted on other folds.
    n_bootstrap, seed
        As of `evaluate_predictions`.

    Examples
    --------
    >>> p = np.repeat([0.1, 0.9], 50)
    >>> y = np.where(np.arange(100) % 10 == 0, p < 0.5, p > 0.5).astype(float)
    >>> judged = Judged(y, p, p, np.ones(100), np.arange(100))
    >>> quality = hit_quality(judged, p, n_bootstrap=20)
    >>> round(quality.resolution, 2), quality.over_isotonic.value
    (0.16, 0.0)
    """
    y, p, weight = judged.target, judged.mean, judged.weight
    rate = float(np.average(y, weights=weight))
    if not 0 < rate < 1:
        return None
    scores = evaluate_predictions(judged, "binary", n_bootstrap=n_bootstrap, seed=seed)
    other = (isotonic - y) ** 2
    over = averages({"over": (p - y) ** 2 - other})
    parts = brier_parts(y, p, weight)
    return HitQuality(
        base_rate=rate,
        roc_auc=scores["roc_auc"],
        pr_auc=scores["pr_auc"],
        brier=scores["brier"],
        reliability=parts.reliability,
        resolution=parts.resolution,
        uncertainty=parts.uncertainty,
        ece_by_weight=calibration_error(y, p, weight),
        ece_by_width=calibration_error(y, p, weight, equal_width=True),
        isotonic=float(np.average(other, weights=weight)),
        over_isotonic=draw_metrics(over, judged, n_bootstrap=n_bootstrap, seed=seed).estimates()[
            "over"
        ],
    )
