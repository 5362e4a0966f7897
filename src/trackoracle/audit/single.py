"""How well one column alone tells the target, out of fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audit.subject import Codes, Subject, Values, level_codes
from trackoracle.evaluation import Judged, evaluate_predictions, hit_metrics, mean_metrics
from trackoracle.schema import Estimate, Severity, Task

Kind = Literal["number", "category", "date", "text"]

TOO_GOOD = {"r2": 0.61, "roc_auc": 0.926}
"""From here one column tells more than the best honest model makes of all columns.

R2 for new artists on the 114k tracks (AutoGluon, all columns and words) and ROC-AUC for new
artists of the hit predictor (all columns and words); shared reference, published results.
"""
STRIKING = {"r2": 0.305, "roc_auc": 0.713}
"""Half of that above chance: worth a look before it is believed."""
LABELS = {"r2": "R²", "roc_auc": "ROC-AUC"}
N_FOLDS = 5
_ROWS_IN_BIN = 20
_MOST_BINS = 100
_PRIOR_ROWS = 5.0
"""Rows of evidence that the overall mean weighs beside a bin's own rows."""
_N_BOOTSTRAP = 100
_STREAM = 7_919


@dataclass(frozen=True)
class InputColumn:
    """A column that somebody could train on.

    Parameters
    ----------
    name
        As the source calls it.
    kind
        How it was understood.
    numbers
        (n,) values of a number or date (days), NaN where missing; None for a category.
    codes
        (n,) bins of a number, or levels of a category; 0 where missing. Of free text only
        whether there is any.
    """

    name: str
    kind: Kind
    numbers: Values | None
    codes: Codes

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        """Which values are missing: (n,)."""
        missing: NDArray[np.bool_] = self.codes == 0
        return missing


def number_column(name: str, numbers: Values, kind: Kind = "number") -> InputColumn:
    """Cut numbers into bins of at least twenty rows; what is not finite is missing."""
    known = np.isfinite(numbers)
    numbers = np.where(known, numbers, np.nan)
    if not known.any():
        return InputColumn(name, kind, numbers, np.zeros(len(numbers), np.int64))
    n_bins = int(np.clip(known.sum() // _ROWS_IN_BIN, 2, _MOST_BINS))
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, n_bins + 1)[1:-1]))
    codes = np.zeros(len(numbers), np.int64)
    codes[known] = np.searchsorted(edges, numbers[known], side="right") + 1
    return InputColumn(name, kind, numbers, codes)


def category_column(name: str, texts: pl.Series) -> InputColumn:
    """Number the levels of a category."""
    return InputColumn(name, "category", None, level_codes(texts))


def text_column(name: str, texts: pl.Series) -> InputColumn:
    """Tell only where there is text."""
    return InputColumn(name, "text", None, texts.is_not_null().cast(pl.Int64).to_numpy())


def out_of_fold_means(codes: Codes, values: Values, apart: Codes, seed: int = 0) -> Values:
    """Answer each row with the mean target of its code in the other folds.

    Parameters
    ----------
    codes
        (n,) bin or level of each row.
    values
        (n,) target.
    apart
        (n,) rows of one code stay in one fold: their recording.
    """
    # A stream of its own: a catalog made by NumPy from the same seed would decide the folds.
    random = np.random.default_rng((_STREAM, seed))
    fold = random.integers(0, N_FOLDS, int(apart.max(initial=0)) + 1)[apart]
    cell = codes * N_FOLDS + fold
    n_cells = (int(codes.max(initial=0)) + 1) * N_FOLDS
    sums = np.bincount(cell, values, n_cells).reshape(-1, N_FOLDS)
    counts = np.bincount(cell, minlength=n_cells).reshape(-1, N_FOLDS).astype(np.float64)
    rest_sum, rest_count = sums.sum(1, keepdims=True) - sums, counts.sum(1, keepdims=True) - counts
    prior = sums.sum() / max(counts.sum(), 1.0)
    means = (rest_sum + _PRIOR_ROWS * prior) / (rest_count + _PRIOR_ROWS)
    answer: Values = means.ravel()[cell]
    return answer


def score_alone(subject: Subject, codes: Codes) -> float:
    """Return R2, or ROC-AUC for a hit, of one column's out-of-fold means."""
    judged = _judged(subject, codes)
    if subject.is_binary:
        metrics = hit_metrics(judged.target, judged.mean, 0.5)
    else:
        metrics = mean_metrics(judged.target, judged.mean, judged.mean)
    return metrics(judged.weight)[metric_of(subject)]


def estimate_alone(subject: Subject, codes: Codes) -> Estimate:
    """Return the same with its bootstrap interval over whole recordings."""
    task: Task = "binary" if subject.is_binary else "regression"
    judged = _judged(subject, codes)
    return evaluate_predictions(judged, task, n_bootstrap=_N_BOOTSTRAP)[metric_of(subject)]


def _judged(subject: Subject, codes: Codes) -> Judged:
    rows = np.flatnonzero(subject.labelled)
    values, recording = subject.values[rows], subject.keys.recording[rows]
    mean = out_of_fold_means(codes[rows], values, recording)
    return Judged(values, mean, mean, np.ones(len(rows)), recording)


def metric_of(subject: Subject) -> str:
    """Return the metric by which columns are compared."""
    return "roc_auc" if subject.is_binary else "r2"


def said(estimate: Estimate, metric: str) -> str:
    """Write a score with its interval."""
    return f"{LABELS[metric]} {estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def severity_alone(estimate: Estimate, metric: str) -> Severity | None:
    """Return how severe it is that a column alone reaches a score, None where it is not.

    The lower end of the interval must be striking, or few hits tell by chance.
    """
    if estimate.low < STRIKING[metric]:
        return None
    return "error" if estimate.value >= TOO_GOOD[metric] else "warning"
