"""The tiers that a popularity's distribution gives, scored beside those of classifiers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from trackoracle.distributions import Distribution
from trackoracle.evaluation import evaluate_predictions
from trackoracle.models import candidate_named
from trackoracle.schema import CandidateResult, Catalog, Popularity, Target
from trackoracle.training.calibrated import distributions, in_row_order, judged_part
from trackoracle.training.config import TrainingConfig
from trackoracle.training.folds import Judgement, Progress, begin_judgement, judge
from trackoracle.training.material import Material

_CANDIDATE = "lightgbm_bins"
RIVAL = "popularity_tiers"
"""The name under which reports show it."""
RIVAL_NOTE = (
    f"{RIVAL}: the tiers that the distribution of a popularity gives, learnt by {_CANDIDATE} in "
    "the same folds. RPS skill: by what share the ranked probability score is below that of the "
    "tiers' own shares."
)


def read_from_popularity(
    edges: tuple[float, ...],
    material: Material,
    judgements: list[Judgement],
    catalog: Catalog,
    config: TrainingConfig,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> CandidateResult:
    """Learn popularity in the same folds and score the tiers that its distribution gives.

    Parameters
    ----------
    edges
        Between the tiers, points.
    material, judgements
        Of the tiers: their folds are cut again alike.
    catalog
        The tracks, in the material's order.
    """
    target = Popularity(tiers=edges)
    points = replace(material, target=target, values=target.values(catalog.tracks))
    rivals = [begin_judgement(points, j.protocol, (_CANDIDATE,), config) for j in judgements]
    judge(points, rivals, config, pool, progress)
    scores = {}
    for rival in rivals:
        parts = [
            judged_part(material, rival, own, _of_tiers(distribution, material.target, edges))
            for own, distribution in distributions(points, rival, _CANDIDATE)
        ]
        scores[rival.protocol.name] = evaluate_predictions(
            in_row_order(rival, parts),
            material.target.task,
            n_bootstrap=config.n_bootstrap,
            seed=config.seed,
        )
    seconds = round(sum(rival.seconds[_CANDIDATE] for rival in rivals), 2)
    return CandidateResult(RIVAL, candidate_named(_CANDIDATE).family, seconds, scores)


def _of_tiers(points: Distribution, tiers: Target, edges: tuple[float, ...]) -> Distribution:
    """Return the distribution of the tiers that a popularity's gives."""
    return Distribution(tiers.support, np.cumsum(points.tiers(edges), axis=1), points.is_known)
