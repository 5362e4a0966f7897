"""Out-of-fold answers become calibrated predictions beside the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import Calibration, Distribution, fit_calibration
from trackoracle.evaluation import Intervals, Judged
from trackoracle.models import candidate_named
from trackoracle.schema import Popularity, Ragged, Target, Tier
from trackoracle.splits import group_codes
from trackoracle.training.folds import Judgement
from trackoracle.training.material import Material, Values

Rows = NDArray[np.int64]
Reading = Callable[[Distribution], Distribution]

INTERVAL_LEVELS = (50, 80, 90)
"""Levels in per cent at which coverage and width are told."""


def judged_answers(
    material: Material, judgement: Judgement, name: str, given: str | None = None
) -> Judged:
    """Put a candidate's answers under one protocol beside the truth, for the rows scored there.

    The calibration of a fold's rows is fitted on the other folds' answers only, and looking
    forward on those of earlier folds only.
    Baselines are taken as they answer, uncalibrated, since they are to be naive.

    Parameters
    ----------
    given
        The input groups that answers are held to, as `Judgement.partial` names them; they are
        calibrated as answers to all inputs are, since a served oracle does the same.
    """
    if candidate_named(name).is_baseline and material.target.task != "multiclass":
        answers = judgement.raw[name][judgement.scored]
        return beside(material, judgement, judgement.scored, answers, answers)
    parts = [
        judged_part(material, judgement, own, distribution)
        for own, distribution in distributions(material, judgement, name, given)
    ]
    return in_row_order(judgement, parts)


def in_row_order(judgement: Judgement, parts: list[Judged]) -> Judged:
    """Join what the folds judge, fold after fold, and put it in the order of the rows."""
    rows = [np.flatnonzero(judgement.fold_of == i) for i in judging(judgement)]
    return Judged.joined(parts).take(np.argsort(np.concatenate(rows)))


def beside(
    material: Material, judgement: Judgement, rows: Rows, mean: Values, median: Values
) -> Judged:
    """Put numbers for some of the rows scored beside their truth."""
    weight = np.zeros(len(material.values))
    weight[judgement.scored] = material.keys.weight_among(judgement.scored)
    cluster = group_codes(material.keys, judgement.protocol.group)
    return Judged(material.values[rows], mean, median, weight[rows], cluster[rows])


def judged_part(
    material: Material, judgement: Judgement, rows: Rows, distribution: Distribution
) -> Judged:
    """Put the distribution of some of the rows scored beside their truth."""
    judged = beside(material, judgement, rows, distribution.mean, distribution.median)
    return with_told(judged, material.target, distribution)


def with_told(judged: Judged, target: Target, distribution: Distribution) -> Judged:
    """Add what a distribution tells beyond mean and median: intervals and P(hit), or tiers."""
    match target:
        case Tier():
            return replace(judged, p_tier=distribution.tiers(target.bins))
        case Popularity(hit_above=hit_above):
            intervals = predicted_intervals(distribution)
            stated = {level: distribution.held(*ends) for level, ends in intervals.items()}
            p_hit = distribution.above(hit_above)
            return replace(judged, p_hit=p_hit, intervals=intervals, stated=stated)
        case _:
            return judged


def judging(judgement: Judgement) -> list[int]:
    """Return the numbers of the folds whose rows are scored."""
    return [int(i) for i in np.unique(judgement.fold_of[judgement.scored])]


def distributions(
    material: Material, judgement: Judgement, name: str, given: str | None = None
) -> Iterator[tuple[Rows, Distribution]]:
    """Yield which rows each fold judges, with their distribution by the other folds' answers."""
    target, raw = material.target, judgement.raw[name]
    asked = raw if given is None else judgement.partial[name, given]
    # Without the artist's name every artist is a new one.
    is_known = judgement.knows_artist & (given is None or "artist" in given)
    genres = material.prepared.genres if given is None or "genre" in given else None
    for i in judging(judgement):
        own = np.flatnonzero(judgement.fold_of == i)
        if candidate_named(name).is_baseline:
            yield own, Distribution(target.support, np.cumsum(raw[own], axis=1), is_known[own])
            continue
        calibration = _calibration(material, judgement, name, i)
        yield own, calibration.distribution(asked[own], is_known[own], _taken(genres, own))


def _calibration(material: Material, judgement: Judgement, name: str, i: int) -> Calibration:
    """Return what calibrates the rows of a fold, fitted when it is first asked for.

    Scores, the quality of partial inputs and what tracks share all ask for it.
    """
    found = judgement.calibrations.get((name, i))
    if found is None:
        others = judgement.calibrating(i)
        found = judgement.calibrations[name, i] = calibrate(
            material.target,
            judgement.raw[name][others],
            material.values[others],
            material.keys.weight_among(others),
            judgement.knows_artist[others],
            _taken(material.prepared.genres, others),
        )
    return found


def _taken(lists: Ragged | None, rows: Rows) -> Ragged | None:
    return None if lists is None else lists.take(rows)


def calibrate(
    target: Target,
    raw: Values,
    values: Values,
    weight: Values,
    is_known: NDArray[np.bool_],
    genres: Ragged | None,
) -> Calibration:
    """Fit the calibration of a target; parameters as of `fit_calibration`.

    Genres are calibrated apart where the target has levels enough to be moved.
    """
    own = genres if isinstance(target, Popularity) else None
    return fit_calibration(raw, values, weight, is_known, target.support, target.bins, own)


def predicted_intervals(distribution: Distribution) -> Intervals:
    """Return the ends of the intervals, by level in per cent."""
    return {level: distribution.interval(level / 100) for level in INTERVAL_LEVELS}
