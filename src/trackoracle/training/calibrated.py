"""Out-of-fold answers become calibrated predictions beside the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import (
    Calibration,
    Distribution,
    TierCalibration,
    TierDistribution,
    fit_calibration,
    fit_tier_calibration,
)
from trackoracle.evaluation import Judged
from trackoracle.models import candidate_named
from trackoracle.schema import Target
from trackoracle.splits import group_codes
from trackoracle.training.folds import Judgement, Material, Values

Flags = NDArray[np.bool_]

INTERVAL_LEVELS = (50, 80, 90)
"""Levels in per cent at which coverage and width are told."""


def judged_answers(material: Material, judgement: Judgement, name: str) -> Judged:
    """Put a candidate's answers under one protocol beside the truth, for the rows scored there.

    The calibration of a fold's rows is fitted on the other folds' answers only, and looking
    forward on those of earlier folds only.
    Baselines are taken as they answer, uncalibrated, since they are to be naive.
    """
    is_baseline = candidate_named(name).is_baseline
    if material.target.task == "multiclass":
        numbers = range(material.target.n_classes - 1)
        p_tier = (
            judgement.raw[name]
            if is_baseline
            else calibrated_tiers(material, judgement, name, numbers)
        )
        return judged_tiers(material, judgement, p_tier)
    rows = judgement.scored
    weight = material.keys.weight_among(rows)
    cluster = group_codes(material.keys, judgement.protocol.group)[rows]
    if is_baseline:
        answers = judgement.raw[name][rows]
        return Judged(material.values[rows], answers, answers, weight, cluster)
    columns = _calibrated(material, judgement, name)[:, rows]
    mean, median, *ends = columns
    pairs = zip(ends[::2], ends[1::2], strict=True)
    intervals = dict(zip(INTERVAL_LEVELS, pairs, strict=False))
    return Judged(material.values[rows], mean, median, weight, cluster, intervals)


def _calibrated(material: Material, judgement: Judgement, name: str) -> Values:
    """Return the mean, the median and the ends of the intervals of all rows: (k, n)."""
    is_number = material.target.task == "regression"
    table = np.full((2 + 2 * len(INTERVAL_LEVELS) * is_number, len(judgement.fold_of)), np.nan)
    for own, distribution in _distributions(material, judgement, name):
        table[0, own], table[1, own] = distribution.mean, distribution.median
        if is_number:
            table[2:, own] = np.concatenate(list(predicted_intervals(distribution).values()))
    return table


def calibrated_tiers(
    material: Material, judgement: Judgement, name: str, edges: Sequence[float]
) -> Values:
    """Return the probability of each tier of all rows: (n, len(edges) + 1), NaN if not judged.

    `edges` are in the unit of the distribution: points, or numbers of tiers.
    """
    table = np.full((len(judgement.fold_of), len(edges) + 1), np.nan)
    for own, distribution in _distributions(material, judgement, name):
        table[own] = distribution.tiers(edges)
    return table


def judged_tiers(material: Material, judgement: Judgement, p_tier: Values) -> Judged:
    """Put the (n, k) probabilities of tiers of all rows beside the truth, for the rows scored."""
    rows = judgement.scored
    tiers = TierDistribution(p_tier[rows], judgement.knows_artist[rows])
    return Judged(
        material.values[rows],
        tiers.mean,
        tiers.median,
        material.keys.weight_among(rows),
        group_codes(material.keys, judgement.protocol.group)[rows],
        p_tier=tiers.p_tier,
    )


def _distributions(
    material: Material, judgement: Judgement, name: str
) -> Iterator[tuple[Flags, Distribution | TierDistribution]]:
    """Yield which rows each fold judges, with their distribution by the other folds' answers."""
    raw = judgement.raw[name]
    for i in np.unique(judgement.fold_of[judgement.scored]):
        others, own = judgement.calibrating(i), judgement.fold_of == i
        calibration = calibrate(
            material.target,
            raw[others],
            material.values[others],
            material.keys.weight_among(others),
            judgement.knows_artist[others],
        )
        yield own, calibration.distribution(raw[own], judgement.knows_artist[own])


def calibrate(
    target: Target, raw: Values, values: Values, weight: Values, is_known: Flags
) -> Calibration | TierCalibration:
    """Fit the calibration that a target has; parameters as of `fit_calibration`."""
    if target.task == "multiclass":
        return fit_tier_calibration(raw, values, weight, is_known)
    return fit_calibration(raw, values, weight, is_known, target.support)


def predicted_intervals(
    distribution: Distribution | TierDistribution,
) -> dict[int, tuple[Values, Values]]:
    """Return the ends of the central intervals, by level in per cent."""
    return {
        level: (distribution.quantile(0.5 - level / 200), distribution.quantile(0.5 + level / 200))
        for level in INTERVAL_LEVELS
    }
