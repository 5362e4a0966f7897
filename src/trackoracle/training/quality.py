"""Say how good the chosen candidate's distribution is, beside what is simpler."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trackoracle.evaluation import (
    LEAST_TESTED,
    Judged,
    evaluate_predictions,
    hit_quality,
    interval_quality,
)
from trackoracle.schema import Catalog, HitQuality, IntervalQuality, Popularity, Quality
from trackoracle.training.calibrated import judged_answers, judging
from trackoracle.training.config import TrainingConfig
from trackoracle.training.folds import Judgement
from trackoracle.training.leaderboard import Rows, genre_rows, placed
from trackoracle.training.material import Material, Values

LEVEL = 90
"""Level in per cent of the intervals that are tested by genre."""


def quality(
    judged: Mapping[str, Judged],
    judgements: list[Judgement],
    catalog: Catalog,
    material: Material,
    chosen: str,
    config: TrainingConfig,
) -> dict[str, tuple[Quality, ...]]:
    """Judge the chosen distribution under each protocol; parameters as of `by_genre`."""
    genres = genre_rows(catalog, LEAST_TESTED)
    found = {}
    for judgement in judgements:
        name = judgement.protocol.name
        if name not in judged:
            continue
        told = [
            judge_quality(material, judgement, judged[name], judgement.raw[chosen], genres, config)
        ]
        for (candidate, given), raw in judgement.partial.items():
            if candidate == chosen:
                part = judged_answers(material, judgement, chosen, given)
                told.append(
                    judge_quality(material, judgement, part, raw, genres, config, inputs=given)
                )
        found[name] = tuple(told)
    return found


def judge_quality(
    material: Material,
    judgement: Judgement,
    judged: Judged,
    raw: Values,
    genres: Mapping[str, Rows],
    config: TrainingConfig,
    *,
    inputs: str = "all",
) -> Quality:
    """Judge one distribution under one protocol.

    Parameters
    ----------
    judged
        The calibrated predictions of the rows scored there.
    raw
        (n,) or (n, b) out-of-fold answers of all rows, from which the isotonic rival starts.
    genres
        Name to row numbers.
    inputs
        The input groups that were given, as the report names them.
    """
    scores = evaluate_predictions(
        judged, material.target.task, n_bootstrap=config.n_bootstrap, seed=config.seed
    )
    intervals = _intervals(material, judgement, judged, genres, config)
    return Quality(inputs, scores, intervals, _hits(material, judgement, judged, raw, config))


def _intervals(
    material: Material,
    judgement: Judgement,
    judged: Judged,
    genres: Mapping[str, Rows],
    config: TrainingConfig,
) -> IntervalQuality | None:
    if LEVEL not in judged.intervals:
        return None
    artist = material.keys.first_artist[judgement.scored]
    groups = placed(genres, judgement)
    return interval_quality(
        judged, LEVEL, groups, artist, n_bootstrap=config.n_bootstrap, seed=config.seed
    )


def _hits(
    material: Material, judgement: Judgement, judged: Judged, raw: Values, config: TrainingConfig
) -> HitQuality | None:
    target = material.target
    if isinstance(target, Popularity):
        hits, is_hit = judged.hits(target.hit_above), material.values > target.hit_above
    else:
        hits, is_hit = judged, material.values == 1
    if hits is None or target.task == "multiclass":
        return None
    if raw.ndim > 1 and isinstance(target, Popularity):
        raw = raw[:, target.bins.searchsorted(target.hit_above) + 1 :].sum(axis=1)
    rival = isotonic_answers(material, judgement, raw, is_hit.astype(np.float64))
    return hit_quality(hits, rival, n_bootstrap=config.n_bootstrap, seed=config.seed)


def isotonic_answers(
    material: Material, judgement: Judgement, raw: Values, is_hit: Values
) -> Values:
    """Return what isotonic regression says of the scored rows, each fitted without its fold.

    Parameters
    ----------
    raw, is_hit
        (n,) raw answers and 0 or 1, of all rows.
    """
    from sklearn.isotonic import IsotonicRegression

    answers = np.full(len(raw), np.nan)
    for i in judging(judgement):
        others, own = judgement.calibrating(i), judgement.fold_of == i
        fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(
            raw[others], is_hit[others], sample_weight=material.keys.weight_among(others)
        )
        answers[own] = fitted.predict(raw[own])
    return answers[judgement.scored]
