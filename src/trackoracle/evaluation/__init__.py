"""Score predictions, overall and by group, with intervals; never fits."""

from trackoracle.evaluation.hits import (
    Ranking,
    balanced_weights,
    hit_metrics,
    lift_at,
    precision_at,
)
from trackoracle.evaluation.metrics import Metrics, mean_metrics
from trackoracle.evaluation.scoring import (
    Drawn,
    Judged,
    draw_metrics,
    evaluate_predictions,
    metrics_of,
    popularity_bands,
    score_groups,
)

__all__ = [
    "Drawn",
    "Judged",
    "Metrics",
    "Ranking",
    "balanced_weights",
    "draw_metrics",
    "evaluate_predictions",
    "hit_metrics",
    "lift_at",
    "mean_metrics",
    "metrics_of",
    "popularity_bands",
    "precision_at",
    "score_groups",
]
