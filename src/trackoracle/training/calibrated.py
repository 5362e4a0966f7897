"""Out-of-fold answers become calibrated predictions beside the truth."""

from __future__ import annotations

import numpy as np

from trackoracle.distributions import Distribution, fit_calibration
from trackoracle.evaluation import Judged
from trackoracle.models import candidate_named
from trackoracle.splits import group_codes
from trackoracle.training.folds import Judgement, Material, Values

INTERVAL_LEVELS = (50, 80, 90)
"""Levels in per cent at which coverage and width are told."""


def judged_answers(material: Material, judgement: Judgement, name: str) -> Judged:
    """Put a candidate's answers under one protocol beside the truth, for the rows scored there.

    The calibration of a fold's rows is fitted on the other folds' answers only, and looking
    forward on those of earlier folds only.
    Baselines are taken as they answer, uncalibrated, since they are to be naive.
    """
    rows = judgement.scored
    weight = material.keys.weight_among(rows)
    cluster = group_codes(material.keys, judgement.protocol.group)[rows]
    if candidate_named(name).is_baseline:
        answers = judgement.raw[name][rows]
        return Judged(material.values[rows], answers, answers, weight, cluster)
    columns = _calibrated(material, judgement, name)[:, rows]
    mean, median, *ends = columns
    pairs = zip(ends[::2], ends[1::2], strict=True)
    intervals = dict(zip(INTERVAL_LEVELS, pairs, strict=False))
    return Judged(material.values[rows], mean, median, weight, cluster, intervals)


def _calibrated(material: Material, judgement: Judgement, name: str) -> Values:
    """Return the mean, the median and the ends of the intervals of all rows: (k, n)."""
    raw = judgement.raw[name]
    is_number = material.target.task == "regression"
    table = np.full((2 + 2 * len(INTERVAL_LEVELS) * is_number, len(raw)), np.nan)
    for i in np.unique(judgement.fold_of[judgement.scored]):
        others, own = judgement.calibrating(i), judgement.fold_of == i
        calibration = fit_calibration(
            raw[others],
            material.values[others],
            material.keys.weight_among(others),
            judgement.knows_artist[others],
            material.target.support,
        )
        distribution = calibration.distribution(raw[own], judgement.knows_artist[own])
        table[0, own], table[1, own] = distribution.mean, distribution.median
        if is_number:
            table[2:, own] = np.concatenate(list(predicted_intervals(distribution).values()))
    return table


def predicted_intervals(distribution: Distribution) -> dict[int, tuple[Values, Values]]:
    """Return the ends of the central intervals, by level in per cent."""
    return {
        level: (distribution.quantile(0.5 - level / 200), distribution.quantile(0.5 + level / 200))
        for level in INTERVAL_LEVELS
    }
