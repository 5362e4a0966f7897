"""The tiers that a popularity's distribution gives, scored beside those of classifiers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from trackoracle.evaluation import Judged, evaluate_predictions
from trackoracle.models import candidate_named
from trackoracle.schema import CandidateResult, Catalog, Popularity
from trackoracle.training.calibrated import Rows, beside, distributions, in_row_order
from trackoracle.training.config import TrainingConfig
from trackoracle.training.folds import (
    Judgement,
    Material,
    Progress,
    Values,
    begin_judgement,
    judge,
)

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
            _tiers_beside(material, rival, own, distribution.tiers(edges))
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


def _tiers_beside(material: Material, judgement: Judgement, rows: Rows, p_tier: Values) -> Judged:
    numbers = np.arange(p_tier.shape[1])
    median = (np.cumsum(p_tier, axis=1)[:, :-1] < 0.5).sum(axis=1).astype(np.float64)
    mean = (p_tier * numbers).sum(axis=1)
    return replace(beside(material, judgement, rows, mean, median), p_tier=p_tier)
