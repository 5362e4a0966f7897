"""Is one candidate better than another beyond chance? Tests on the same folds.

Two questions, two answers. The paired bootstrap keeps the fitted models and
draws other tracks. The corrected resampled t-test asks for models fitted anew:
scores of folds are not independent, since the folds share training rows, and
the plain t-test calls differences that are none (type I errors of .1 to .5 at
the .05 level: Nadeau and Bengio 2003). Its power with five folds is little:
what it does not call different may still be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import ConfigError, NotEnoughDataError
from trackoracle.evaluation.metrics import Metrics, Values, require_finite
from trackoracle.evaluation.scoring import LEVEL, Drawn, Judged, percentile_interval
from trackoracle.schema import Difference, Estimate

ALPHA = 1 - LEVEL


@dataclass(frozen=True)
class FoldTest:
    """The corrected resampled t-test of a mean difference over folds.

    Parameters
    ----------
    mean, low, high
        Of the differences, and the 95 % interval.
    statistic, p, n_scores
        t, its two-sided p-value, and the number of differences (degrees of freedom + 1).
    """

    mean: float
    low: float
    high: float
    statistic: float
    p: float
    n_scores: int

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain data."""
        return asdict(self)


def corrected_t_test(differences: Sequence[float] | Values, test_to_train: float) -> FoldTest:
    """Test whether the mean difference over folds is 0, given that folds share training rows.

    The variance of the mean is (1/J + n_test/n_train) s^2 for J differences of
    sample variance s^2, with J - 1 degrees of freedom: Nadeau and Bengio,
    Inference for the Generalization Error, Machine Learning 52, 2003. For k folds
    repeated r times it holds with J = k r (Bouckaert and Frank, Evaluating the
    Replicability of Significance Tests for Comparing Learning Algorithms, PAKDD 2004).

    Parameters
    ----------
    differences
        (J,) score of one candidate less the other's, a fold (and repetition) each.
    test_to_train
        Rows in the test part over rows in the training part; 1 / (k - 1) for k folds.

    Raises
    ------
    NotEnoughDataError
        With fewer than two differences.

    Examples
    --------
    >>> test = corrected_t_test([0.01, 0.02, 0.015, 0.01, 0.02], test_to_train=1 / 4)
    >>> round(test.mean, 3), round(test.p, 3)
    (0.015, 0.011)
    """
    from scipy.stats import t as student

    values = np.asarray(differences, np.float64)
    if len(values) < 2:
        raise NotEnoughDataError(
            f"differences: expected at least 2, a fold each, got {len(values)}. Use more folds."
        )
    require_finite(differences=values)
    if not test_to_train > 0:
        raise ConfigError(
            f"test_to_train: expected above 0, got {test_to_train:g}. For k folds it is 1/(k - 1)."
        )
    mean, n = float(values.mean()), len(values)
    error = float(np.sqrt((1 / n + test_to_train) * values.var(ddof=1)))
    reach = float(student.ppf((1 + LEVEL) / 2, n - 1)) * error
    if error > 0:
        statistic = mean / error
    else:
        statistic = 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    p = float(2 * student.sf(abs(statistic), n - 1))
    return FoldTest(mean, mean - reach, mean + reach, statistic, p, n)


def paired_difference(first: Drawn, second: Drawn, metric: str) -> Estimate:
    """Return a metric of the first less that of the second, with its bootstrap interval.

    Both must be drawn on the same tracks with the same weights, clusters and seed,
    so that each resample holds the same clusters for both.

    Examples
    --------
    >>> from trackoracle.evaluation.scoring import draw_metrics, metrics_of
    >>> y = np.arange(30.0)
    >>> off = [Judged(y, y + by, y + by, np.ones(30), np.arange(30)) for by in (1, 3)]
    >>> one, two = (
    ...     draw_metrics(metrics_of(j, "regression"), j, n_bootstrap=20, seed=0) for j in off
    ... )
    >>> paired_difference(one, two, "mae")
    Estimate(value=-2.0, low=-2.0, high=-2.0)
    """
    if len(first.draws[metric]) != len(second.draws[metric]):
        raise ConfigError(
            f"{metric}: expected as many resamples of both candidates, got "
            f"{len(first.draws[metric])} and {len(second.draws[metric])}. Draw both alike."
        )
    value = first.values[metric] - second.values[metric]
    low, high = percentile_interval(first.draws[metric] - second.draws[metric], value)
    return Estimate(value, low, high)


def fold_values(metrics: Metrics, judged: Judged, fold_of: NDArray[np.int64], name: str) -> Values:
    """Return one metric within each fold: (k,), NaN where a fold gives none.

    Parameters
    ----------
    metrics
        Of the judged tracks.
    fold_of
        (n,) number of the fold in which each track was judged.
    name
        Of the metric.
    """
    folds = np.unique(fold_of)
    return np.array([metrics(judged.weight * (fold_of == fold))[name] for fold in folds])


def difference(
    first: Drawn,
    second: Drawn,
    metric: str,
    fold_differences: Values | None,
    test_to_train: float = 0.25,
) -> Difference:
    """Put both answers together: beyond chance is what both say.

    Parameters
    ----------
    first, second, metric
        As of `paired_difference`.
    fold_differences
        (k,) differences within folds, those without a value NaN; None where folds are
        no random parts, as in windows of time.
    test_to_train
        As of `corrected_t_test`.
    """
    paired = paired_difference(first, second, metric)
    p = None
    if fold_differences is not None:
        known = fold_differences[~np.isnan(fold_differences)]
        p = corrected_t_test(known, test_to_train).p if len(known) > 1 else None
    apart = paired.low > 0 or paired.high < 0
    return Difference(paired.value, paired.low, paired.high, p, apart and (p is None or p < ALPHA))
