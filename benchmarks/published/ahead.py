"""TrackOracle in the published protocols, leaks and all, beside its honest figures."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.published.agreement import LABELS, number, signed, with_interval
from benchmarks.published.ours import JUDGED
from benchmarks.published.plan import FOREST
from benchmarks.published.running import Replayed
from benchmarks.published.step import Step

_BEST = (
    ("H: gradient boosting", "accuracy", 0.8266, "gradient boosting, 5-fold grid search"),
    (FOREST, "roc_auc", 0.859, "balanced random forest, >= 51"),
    (FOREST, "accuracy", 0.834, "random forest, >= 51"),
    ("A: random forest", "mae", 4.86, "random forest, 300 trees"),
    ("A: random forest", "r2", 0.801, "random forest, 300 trees"),
)
"""Line, metric, the best published value without resampling, and of which model it is."""
COLUMNS = (
    "system", "metric", "published", "TrackOracle, same protocol", "ahead by",
    "recordings held out", "artists held out",
)  # fmt: skip
TITLE = "TrackOracle in the published protocols"


def tells(step: Step) -> bool:
    """Say whether a step is one of the table's."""
    return (step.line, step.name) in {(line, name) for line, *_ in _BEST for name, *_ in JUDGED}


def rows(replayed: Iterable[Replayed]) -> list[tuple[str, ...]]:
    """Return one row a published figure, its cells in the order of `COLUMNS`."""
    found = {(r.step.line, r.step.name): r.outcome.scores for r in replayed}
    table = []
    for line, metric, published, model in _BEST:
        scores = [found[line, name][metric] for name, *_ in JUDGED if (line, name) in found]
        if scores:
            gap = scores[0]["value"] - published
            ahead = signed(-gap if metric == "mae" else gap)
            same, *honest = map(with_interval, scores)
            label = (f"[{line[0]}] {model}", LABELS[metric])
            table.append((*label, number(published), same, ahead, *honest))
    return table
