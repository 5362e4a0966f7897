"""Train estimators from labelled recordings: folds, scores, errors, then a fit on all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trackoracle.audio.estimating.card import estimator_card
from trackoracle.audio.estimating.errors import fit_errors
from trackoracle.audio.estimating.estimators import Estimators, LoudnessMap
from trackoracle.audio.estimating.labelled import N_FOLDS, Codes, Part, Pool
from trackoracle.audio.estimating.layers import LogMel
from trackoracle.audio.estimating.members import EstimatorSettings, fit_members
from trackoracle.audio.estimating.regressors import Values
from trackoracle.audio.estimating.scores import FeatureScores, score_features
from trackoracle.audio.estimating.second import better, fit_second, judge_second
from trackoracle.schema import ESTIMATED

Progress = Callable[[int, int, str], None]
_LEAST_R2 = 0.01


@dataclass(frozen=True)
class CrossValidation:
    """Estimates of every row, made without its group and title.

    Parameters
    ----------
    pool
        The rows.
    fold
        In which fold each row was judged, (n,).
    networks, waves
        What either said, (n, 7).
    share
        Of the networks in an estimate.
    chosen, second
        Features that the second family answers, and what it said, (n, 7).
    """

    pool: Pool
    fold: Codes
    networks: Values
    waves: Values
    share: float
    chosen: tuple[int, ...] = ()
    second: Values | None = None

    @property
    def estimates(self) -> Values:
        """Both together, (n, 7), or the second family's where that is chosen."""
        told = self.share * self.networks + (1 - self.share) * self.waves
        if self.second is not None:
            told[:, list(self.chosen)] = self.second[:, list(self.chosen)]
        return told

    def r2(self, source: int) -> Values:
        """Return R2 of each feature in one source, (7,); NaN where it has no labels."""
        rows = self.pool.source == source
        truths, error = self.pool.labels[rows], (self.estimates - self.pool.labels)[rows]
        found = np.full(truths.shape[1], np.nan)
        for j in range(truths.shape[1]):
            known = ~np.isnan(truths[:, j])
            if known.sum() > 1:
                spread = max(float(truths[known, j].var()), 1e-12)
                found[j] = 1 - (error[known, j] ** 2).mean() / spread
        return found


def train_estimators(
    parts: Sequence[Part],
    *,
    settings: EstimatorSettings | None = None,
    seed: int = 0,
    n_folds: int = N_FOLDS,
    loudness: LoudnessMap | None = None,
    log_mels: Sequence[LogMel] | None = None,
    sources: Sequence[str] = (),
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Estimators:
    """Train estimators and measure them in folds that hold out whole groups.

    Parameters
    ----------
    parts
        Labelled recordings, by the recipe of their descriptors.
    settings, seed, n_folds
        The same give the same estimators.
    loudness
        From LUFS to the catalogs' loudness, where it is known.
    log_mels
        Spectrograms of the rows of a single part: the second family is then tried in the same
        folds, and answers where it is better. Needs torch (extra `neural`).
    sources, notes
        Lines of the card: where the labelled recordings come from; what else to know.
    progress
        Called as (done, all, what was last done).

    Raises
    ------
    NotEnoughDataError
        Where a feature has too few labelled recordings or artists.
    """
    settings = settings or EstimatorSettings()
    pool = Pool.of(parts)
    judged = cross_validate(pool, settings, seed, n_folds, progress)
    second = None
    if log_mels is not None:
        judged = _with_second(judged, log_mels, settings, seed, n_folds)
        notes = (*notes, _told_of_second(judged))
        if judged.chosen:
            own = settings.spectrograms
            second = fit_second(pool, judged.chosen, log_mels, own, seed)
    errors, places = fit_errors(judged.estimates, pool.labels, pool.source, judged.fold)
    scores = _scores(judged, places, seed)
    weight = np.stack([judged.r2(i) for i in range(len(parts))])
    learned = ~np.isnan(weight).all(axis=0)
    weight = np.maximum(np.nan_to_num(weight), _LEAST_R2) ** 2
    weight[:, ~learned] = np.nan
    members = fit_members(pool, np.arange(len(pool.labels)), settings, seed)
    if progress:
        progress(n_folds + 1, n_folds + 1, "fitted")
    return Estimators(
        pool.recipes,
        pool.columns,
        pool.names,
        members,
        weight,
        errors,
        loudness,
        estimator_card(scores, pool, errors, loudness, sources, notes),
        {name: {s.feature: s.to_dict() for s in of} for name, of in scores.items()},
        second,
    )


def _with_second(
    judged: CrossValidation,
    log_mels: Sequence[LogMel],
    settings: EstimatorSettings,
    seed: int,
    n_folds: int,
) -> CrossValidation:
    """Judge the second family in the same folds, and choose the features that it answers."""
    pool = judged.pool
    folds = list(pool.folds(n_folds, seed))
    told = judge_second(pool, folds, log_mels, settings.spectrograms, seed)
    chosen = better(judged.estimates, told, pool.labels, pool.group, seed)
    return replace(judged, chosen=tuple(chosen), second=told)


def _told_of_second(judged: CrossValidation) -> str:
    names = [ESTIMATED[j] for j in judged.chosen]
    answers = f"answers {', '.join(names)}" if names else "is better at nothing and was left out"
    return f"A network on log-mel spectrograms was tried in the same folds: it {answers}."


def cross_validate(
    pool: Pool,
    settings: EstimatorSettings,
    seed: int = 0,
    n_folds: int = N_FOLDS,
    progress: Progress | None = None,
) -> CrossValidation:
    """Estimate every row by what the other folds tell."""
    shape = (len(pool.labels), len(ESTIMATED))
    networks, waves = np.full(shape, np.nan), np.full(shape, np.nan)
    fold = np.zeros(len(pool.labels), np.int64)
    for i, (train, test) in enumerate(pool.folds(n_folds, seed)):
        members = fit_members(pool, train, settings, seed)
        for source in range(len(pool.recipes)):
            rows = test[pool.source[test] == source]
            if len(rows):
                networks[rows], waves[rows] = members.apart(pool.inputs[rows], source)
        fold[test] = i
        if progress:
            progress(i + 1, n_folds + 1, f"fold {i + 1}")
    return CrossValidation(pool, fold, networks, waves, settings.share)


def _scores(judged: CrossValidation, places: Values, seed: int) -> dict[str, list[FeatureScores]]:
    """Score every source, and all rows together where there are several."""
    pool = judged.pool
    found = {}
    for i, recipe in enumerate(pool.recipes):
        rows = pool.source == i
        own = (judged.estimates[rows], pool.labels[rows], places[rows], pool.group[rows])
        found[recipe] = score_features(*own, seed)
    if len(pool.recipes) > 1:
        found["all"] = score_features(judged.estimates, pool.labels, places, pool.group, seed)
    return found
