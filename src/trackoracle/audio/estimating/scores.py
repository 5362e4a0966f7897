"""How good estimates are that were made without the rows they are of, with intervals by artist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trackoracle.audio.estimating.labelled import Codes
from trackoracle.audio.estimating.regressors import Values
from trackoracle.schema import ESTIMATED

LEVEL = 0.9
N_BOOTSTRAP = 200
METRICS = ("r2", "correlation", "mae", "coverage")
Interval = tuple[float, float, float]
"""Value, low and high of the 95 % bootstrap interval."""


@dataclass(frozen=True)
class FeatureScores:
    """Scores of one feature in one source.

    Parameters
    ----------
    feature, n
        Name, and number of labelled recordings.
    r2, correlation, mae
        Of the estimates.
    baseline_mae
        Of the mean of the source, whose R2 is 0.
    coverage
        Share of truths in the interval of level .9, made of other artists.
    """

    feature: str
    n: int
    r2: Interval
    correlation: Interval
    mae: Interval
    baseline_mae: float
    coverage: Interval

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "n": self.n,
            "baseline_mae": self.baseline_mae,
            **{
                name: dict(zip(("value", "low", "high"), getattr(self, name), strict=True))
                for name in METRICS
            },
        }


def score_features(
    estimates: Values, truths: Values, places: Values, group: Codes, seed: int
) -> list[FeatureScores]:
    """Score every feature that has labels; bootstraps resample whole groups."""
    found = []
    for j, name in enumerate(ESTIMATED):
        rows = np.flatnonzero(~np.isnan(truths[:, j]))
        if len(rows) > 1:
            own = (estimates[rows, j], truths[rows, j], places[rows, j])
            found.append(_score(name, *own, group[rows], seed))
    return found


def _score(
    name: str, estimate: Values, truth: Values, place: Values, group: Codes, seed: int
) -> FeatureScores:
    held = np.abs(place - 0.5) <= LEVEL / 2
    error = estimate - truth
    sums = np.stack(
        [
            np.ones_like(truth),
            truth,
            truth**2,
            estimate,
            estimate**2,
            truth * estimate,
            error**2,
            np.abs(error),
            held.astype(np.float64),
        ],
        axis=1,
    )
    codes, place_of = np.unique(group, return_inverse=True)
    by_group = np.stack(
        [np.bincount(place_of, sums[:, k], len(codes)) for k in range(sums.shape[1])], axis=1
    )
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(codes), np.full(len(codes), 1 / len(codes)), N_BOOTSTRAP)
    value, drawn = _metrics(sums.sum(axis=0)[None]), _metrics(times.astype(np.float64) @ by_group)
    ends = np.quantile(drawn, [0.025, 0.975], axis=1)
    told = [(float(value[k, 0]), float(ends[0, k]), float(ends[1, k])) for k in range(4)]
    baseline = float(np.abs(truth - truth.mean()).mean())
    return FeatureScores(name, len(truth), told[0], told[1], told[2], baseline, told[3])


def _metrics(sums: Values) -> Values:
    """Return R2, correlation, MAE and coverage of sums over rows, (n, 9) -> (4, n)."""
    _, y, yy, p, pp, yp, square, absolute, held = sums.T / np.maximum(sums[:, 0], 1)
    spread, own = np.maximum(yy - y**2, 1e-12), np.maximum(pp - p**2, 1e-12)
    return np.stack([1 - square / spread, (yp - y * p) / np.sqrt(spread * own), absolute, held])
