"""Probabilities and thresholds from the calibration part of the training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from trackoracle.evaluation import Ranking
from trackoracle.experiments.settings import ExperimentSettings

Values = NDArray[np.float64]
_FITTED_WITHIN, _APPLIED_WITHIN = 1e-3, 1e-9
"""Answers of exactly 0 or 1 have no odds; few of them must not decide the slope."""
_LEAST_SLOPE = 1e-6


@dataclass(frozen=True)
class Sigmoid:
    """Platt's calibration: log-odds in, log-odds out (Platt 1999).

    It undoes the shift that resampling gives to the odds, whose exact form for known
    sampling rates is an intercept (Elkan 2001), and orders tracks as the raw answer does.
    """

    slope: float
    intercept: float

    def probability(self, raw: Values) -> Values:
        """Return the calibrated probability of each raw answer: (n,)."""
        odds = logit(np.clip(raw, _APPLIED_WITHIN, 1 - _APPLIED_WITHIN))
        result: Values = expit(self.slope * odds + self.intercept)
        return result


def fit_sigmoid(raw: Values, target: Values, weight: Values) -> Sigmoid:
    """Fit the sigmoid by maximum likelihood.

    Examples
    --------
    >>> raw = np.repeat([0.2, 0.8], 100)
    >>> target = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 40)
    >>> fit_sigmoid(raw, target, np.ones(200)).probability(raw).round(2).min()
    np.float64(0.2)
    """
    from sklearn.linear_model import LogisticRegression

    odds = logit(np.clip(raw, _FITTED_WITHIN, 1 - _FITTED_WITHIN))
    fitted = LogisticRegression(C=1e6).fit(odds[:, None], target, sample_weight=weight)
    # A slope that falls would turn the order round: then nothing but the base rate is known.
    slope = float(fitted.coef_[0, 0])
    if slope > _LEAST_SLOPE:
        return Sigmoid(slope, float(fitted.intercept_[0]))
    rate = float(np.average(target, weights=weight))
    return Sigmoid(_LEAST_SLOPE, float(logit(rate)))


def choose_threshold(
    raw: Values, target: Values, weight: Values, settings: ExperimentSettings
) -> float:
    """Choose the raw answer at or above which a track is called a hit, by the stated rule.

    Every distinct answer is tried; of equally good ones the highest is taken, so that
    fewest tracks are called. Equal answers are called together: "precision_at_k" may
    call more than the share. "fixed" is .5 whatever the answers are.

    Returns
    -------
    The threshold; infinite when calling nothing costs least.

    Examples
    --------
    >>> raw, target = np.array([0.9, 0.6, 0.4, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    >>> choose_threshold(raw, target, np.ones(4), ExperimentSettings(threshold="f1"))
    0.6
    """
    if settings.threshold == "fixed":
        return 0.5
    ranking = Ranking(target, raw)
    hits, misses = ranking.masses(weight)
    found, alarms = np.cumsum(hits), np.cumsum(misses)
    called = found + alarms
    if settings.threshold == "precision_at_k":
        enough = called >= settings.top_share * called[-1] * (1 - 1e-12)
        return float(ranking.levels[np.argmax(enough)])
    if settings.threshold == "cost":
        cost = settings.cost_miss * (found[-1] - found) + settings.cost_alarm * alarms
        best = int(np.argmin(cost))
        nothing = settings.cost_miss * found[-1]
        return float(ranking.levels[best]) if cost[best] < nothing else np.inf
    f1 = 2 * found / (called + found[-1])
    return float(ranking.levels[np.argmax(f1)])
