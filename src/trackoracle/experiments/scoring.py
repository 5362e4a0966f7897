"""Both views of one cell: as if hits were half of the tracks, and as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trackoracle.evaluation import Judged, Metrics, balanced_weights, draw_metrics, hit_metrics
from trackoracle.experiments.arms import Answers
from trackoracle.experiments.resampling import Values
from trackoracle.experiments.results import MAIN, Finished
from trackoracle.experiments.settings import ExperimentSettings
from trackoracle.splits import Protocol, group_codes
from trackoracle.training import Material

_CALLS = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")
_BALANCED, _TRUE = "balanced", "true_rate"
"""Views: names of metrics begin with them while they are drawn together."""


def score_cell(
    material: Material, answers: Sequence[Answers], protocol: Protocol, settings: ExperimentSettings
) -> Finished:
    """Score the answers of all folds together, with intervals by the protocol's groups."""
    rows = np.concatenate([part.rows for part in answers])
    raw = np.concatenate([part.raw for part in answers])
    probability = np.concatenate([part.probability for part in answers])
    called = np.concatenate([part.called for part in answers]).astype(np.float64)
    target = material.values[rows]
    cluster = group_codes(material.keys, protocol.group)[rows]
    judged = Judged(target, probability, probability, material.keys.weight_among(rows), cluster)
    drawn = draw_metrics(
        _both_views(target, probability, raw, called),
        judged,
        n_bootstrap=settings.n_bootstrap,
        seed=settings.seed,
    )
    scores = drawn.estimates()
    return Finished(
        **{
            view: {
                name.removeprefix(f"{view}:"): estimate
                for name, estimate in scores.items()
                if name.startswith(f"{view}:")
            }
            for view in (_BALANCED, _TRUE)
        },
        draws=tuple(drawn.draws[f"{_TRUE}:{MAIN}"].tolist()),
        thresholds=tuple(part.threshold for part in answers),
        n_train=float(np.mean([part.n_train for part in answers])),
        n_made=float(np.mean([part.n_made for part in answers])),
        n_removed=float(np.mean([part.n_removed for part in answers])),
        seconds=round(sum(part.seconds for part in answers), 2),
    )


def _both_views(target: Values, probability: Values, raw: Values, called: Values) -> Metrics:
    """Return the metrics of both views as one function of weights.

    Ranking follows the calibrated probability, which compares over folds; calls are
    those of each fold's own threshold.
    """
    ranked, calls = hit_metrics(target, probability, 0.5), hit_metrics(target, called, 0.5)
    squared_raw = (raw - target) ** 2

    def metrics(weight: Values) -> dict[str, float]:
        even = balanced_weights(target, weight)
        views = {
            _BALANCED: {**_calls(calls(even)), MAIN: ranked(even)[MAIN]},
            _TRUE: {
                **ranked(weight),
                **_calls(calls(weight)),
                "brier_raw": float(np.average(squared_raw, weights=weight)),
                "called_share": float(np.average(called, weights=weight)),
            },
        }
        return {f"{view}:{name}": v for view, named in views.items() for name, v in named.items()}

    return metrics


def _calls(metrics: dict[str, float]) -> dict[str, float]:
    return {name: metrics[name] for name in _CALLS}
