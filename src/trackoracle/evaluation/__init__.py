"""Score predictions, overall and by group, with intervals; never fits."""

from trackoracle.evaluation.metrics import hit_metrics, mean_metrics
from trackoracle.evaluation.scoring import (
    Judged,
    evaluate_predictions,
    popularity_bands,
    score_groups,
)

__all__ = [
    "Judged",
    "evaluate_predictions",
    "hit_metrics",
    "mean_metrics",
    "popularity_bands",
    "score_groups",
]
