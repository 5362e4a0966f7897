"""What each input group adds: models trained without it, and with one group after the other."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import trackoracle
from benchmarks.judging import KEPT, Court
from benchmarks.material import Material
from benchmarks.results import Line, Result
from trackoracle.evaluation import evaluate_predictions
from trackoracle.schema import Popularity, Scores
from trackoracle.settings import Settings
from trackoracle.splits import HONEST
from trackoracle.training import TrainingConfig, workers

CANDIDATE = "lightgbm_bins"
GROUPS = ("audio", "genre", "metadata", "artist", "release")
"""In the order in which they become known of a track."""
_ADDED = {" + ".join(GROUPS[:i]): GROUPS[i:] for i in range(1, len(GROUPS))}
VARIANTS: dict[str, tuple[str, ...]] = {
    **_ADDED,
    "all": (),
    **{f"all but {group}": (group,) for group in GROUPS},
}
"""What a model is given, and without which groups it is trained."""
_METRICS = {"R2": ("r2", ".3f"), "MAE": ("mae", ".2f"), "90 % width": ("width_90", ".1f")}


def run(material: Material, kept: Path = KEPT, config: TrainingConfig | None = None) -> Result:
    """Train every variant under every protocol with the fast profile; score as a leaderboard."""
    config = config or TrainingConfig(protocols=HONEST)
    catalog = trackoracle.load_catalog(material.path)
    scores: dict[str, dict[str, Scores]] = {}
    with workers(Settings.from_environment().n_jobs) as pool:
        court = Court.of(catalog, Popularity(), kept, pool)
        for name, without in VARIANTS.items():
            asked = config.with_overrides({"without": without})
            judged = {p: court.ours(CANDIDATE, asked, p) for p in config.protocols}
            scores[name] = {
                p: evaluate_predictions(judged[p], "regression", n_bootstrap=config.n_bootstrap)
                for p in judged
            }
    return Result(
        "ablation",
        "what does each input group add under each protocol?",
        f"{material.name}; {len(court.catalog):,} tracks; {CANDIDATE}, profile {config.profile}, "
        "every line trained on its inputs only; 95 % intervals of R2 in --json",
        tuple(Line(name, _cells(found)) for name, found in scores.items()),
        (),
        {name: _figures(found) for name, found in scores.items()},
    )


def _cells(found: dict[str, Scores]) -> dict[str, str]:
    return {
        f"{protocol}: {label}": format(scores[metric].value, form)
        for protocol, scores in found.items()
        for label, (metric, form) in _METRICS.items()
    }


def _figures(found: dict[str, Scores]) -> dict[str, Any]:
    return {
        protocol: {metric: asdict(scores[metric]) for metric, _ in _METRICS.values()}
        for protocol, scores in found.items()
    }
