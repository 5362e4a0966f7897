"""Weighted metrics of one set of predictions, quick to compute again under other weights.

Sorting depends on the predictions only, so that each set of metrics sorts once
and then scores any number of bootstrap weights. All metrics of one set are
computed together, since they share the sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import InvalidValuesError, NotEnoughDataError

Values = NDArray[np.float64]
Metrics = Callable[[Values], dict[str, float]]
"""A function of (n,) weights that gives the value of each metric by name."""
Intervals = Mapping[int, tuple[Values, Values]]
"""Level in per cent to the (n,) lower and upper ends of the predicted intervals."""


def require_finite(**columns: Values) -> None:
    """Refuse predictions or targets that are none, or no numbers.

    Raises
    ------
    NotEnoughDataError
        Without any row.
    InvalidValuesError
        Naming the column and its first rows.
    """
    for name, values in columns.items():
        if not len(values):
            raise NotEnoughDataError(
                f"{name}: expected at least one track to score, got none. Use a larger catalog."
            )
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise InvalidValuesError(
                name,
                "finite numbers",
                "that are not",
                rows=bad[:3].tolist(),
                examples=values[bad[:3]].tolist(),
                n_bad=len(bad),
                n_rows=len(values),
                advice="Leave these rows out before scoring.",
            )


def total_weight(weight: Values) -> float:
    """Return the sum of the weights; raises NotEnoughDataError when it is not above 0."""
    total = float(weight.sum())
    if not total > 0:
        raise NotEnoughDataError(
            f"weight: expected a sum above 0, got {total:g} ({len(weight):,} tracks). "
            "Give some track a weight."
        )
    return total


def averages(columns: Mapping[str, Values]) -> Metrics:
    """Return the weighted averages of (n,) columns, under their names."""
    table = np.stack(list(columns.values()))

    def metrics(weight: Values) -> dict[str, float]:
        # Not a matrix product: its rounding would depend on the number of BLAS threads.
        means = np.einsum("kn,n->k", table, weight) / total_weight(weight)
        return dict(zip(columns, means.tolist(), strict=True))

    return metrics


def interval_columns(target: Values, intervals: Intervals) -> dict[str, Values]:
    """Return for each level whether the target is inside, ends included, and the width."""
    columns = {}
    for level, (low, high) in intervals.items():
        require_finite(low=low, high=high)
        columns[f"coverage_{level}"] = ((low <= target) & (target <= high)).astype(np.float64)
        columns[f"width_{level}"] = high - low
    return columns


def mean_metrics(
    target: Values, mean: Values, median: Values, intervals: Intervals | None = None
) -> Metrics:
    """Return the metrics of a predicted number.

    Parameters
    ----------
    target, mean, median
        (n,) truth, and the mean and median of the predicted distribution.
    intervals
        Level in per cent to (n,) lower and upper ends.

    Returns
    -------
    Function of (n,) weights to metric name and value: R2, RMSE and Spearman of the
    mean, MAE of the median, and for each level of the intervals `coverage_90` (the
    share of targets inside, ends included) and `width_90` (mean distance of the ends).

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> mean_metrics(y, y, y, {90: (y - 1, y + 1)})(np.ones(3))["width_90"]
    2.0
    """
    require_finite(target=target, mean=mean, median=median)
    centred = target - target.mean()
    averaged: dict[str, Values] = {
        "centre": centred,
        "spread": centred**2,
        "squared": (target - mean) ** 2,
        "mae": np.abs(target - median),
    }
    average = averages({**averaged, **interval_columns(target, intervals or {})})
    rank_target, rank_mean = _ranker(target), _ranker(mean)

    def metrics(weight: Values) -> dict[str, float]:
        found = average(weight)
        squared = found.pop("squared")
        spread = found.pop("spread") - found.pop("centre") ** 2
        return {
            "r2": 1 - squared / spread if spread > _NO_SPREAD else np.nan,
            "mae": found.pop("mae"),
            "rmse": float(np.sqrt(squared)),
            "spearman": _correlation(rank_target(weight), rank_mean(weight), weight),
            **found,
        }

    return metrics


_NO_SPREAD = 1e-12
"""Below it the targets of a sample are all the same but for rounding."""


def _correlation(a: Values, b: Values, weight: Values) -> float:
    a = a - np.average(a, weights=weight)
    b = b - np.average(b, weights=weight)
    scale = np.sqrt(np.sum(weight * a * a) * np.sum(weight * b * b))
    return float(np.sum(weight * a * b) / scale) if scale > 0 else 0.0


def _ranker(values: Values) -> Callable[[Values], Values]:
    """Return a function from weights to weighted mid-ranks."""
    _, tie = np.unique(values, return_inverse=True)

    def ranks(weight: Values) -> Values:
        mass = np.bincount(tie, weight)
        middle = np.cumsum(mass) - mass / 2
        result: Values = middle[tie]
        return result

    return ranks
