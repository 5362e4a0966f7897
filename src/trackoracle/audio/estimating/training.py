"""Train estimators from labelled recordings: folds, scores, errors, then a fit on all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trackoracle.audio.estimating.card import estimator_card
from trackoracle.audio.estimating.errors import fit_errors
from trackoracle.audio.estimating.estimators import Estimators, LoudnessMap
from trackoracle.audio.estimating.labelled import ESTIMATED, N_FOLDS, Codes, Part, Pool
from trackoracle.audio.estimating.members import EstimatorSettings, fit_members
from trackoracle.audio.estimating.regressors import Values
from trackoracle.audio.estimating.scores import FeatureScores, score_features

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
    """

    pool: Pool
    fold: Codes
    networks: Values
    waves: Values
    share: float

    @property
    def estimates(self) -> Values:
        """Both together, (n, 7)."""
        return self.share * self.networks + (1 - self.share) * self.waves

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
    )


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
