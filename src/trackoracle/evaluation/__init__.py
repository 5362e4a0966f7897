"""Score predictions, overall and by group, with intervals; never fits."""

from trackoracle.evaluation.curves import (
    calibration_curve,
    confusion,
    curves_of,
    precision_recall_curve,
    roc_curve,
)
from trackoracle.evaluation.differences import (
    FoldTest,
    corrected_t_test,
    difference,
    fold_values,
    paired_difference,
)
from trackoracle.evaluation.hits import (
    Ranking,
    balanced_weights,
    hit_metrics,
    lift_at,
    precision_at,
)
from trackoracle.evaluation.intervals import (
    LEAST_TESTED,
    constant_width,
    coverage_by_group,
    interval_quality,
)
from trackoracle.evaluation.metrics import Intervals, Metrics, averages, mean_metrics
from trackoracle.evaluation.probabilities import (
    BrierParts,
    brier_parts,
    calibration_error,
    hit_quality,
)
from trackoracle.evaluation.scoring import (
    Drawn,
    Judged,
    draw_metrics,
    evaluate_predictions,
    metrics_of,
    popularity_bands,
    score_groups,
)
from trackoracle.evaluation.tiers import tier_metrics

__all__ = [
    "LEAST_TESTED",
    "BrierParts",
    "Drawn",
    "FoldTest",
    "Intervals",
    "Judged",
    "Metrics",
    "Ranking",
    "averages",
    "balanced_weights",
    "brier_parts",
    "calibration_curve",
    "calibration_error",
    "confusion",
    "constant_width",
    "corrected_t_test",
    "coverage_by_group",
    "curves_of",
    "difference",
    "draw_metrics",
    "evaluate_predictions",
    "fold_values",
    "hit_metrics",
    "hit_quality",
    "interval_quality",
    "lift_at",
    "mean_metrics",
    "metrics_of",
    "paired_difference",
    "popularity_bands",
    "precision_at",
    "precision_recall_curve",
    "roc_curve",
    "score_groups",
    "tier_metrics",
]
