"""Learning curves: what more training tracks bring."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import ConfigError
from trackoracle.schema import Keys, LearningCurve, LearningPoint
from trackoracle.splits import HONEST, Fold, Protocol, group_codes
from trackoracle.training.config import TrainingConfig
from trackoracle.training.fitting import fit_candidate
from trackoracle.training.folds import Judgement, Progress
from trackoracle.training.leaderboard import MAIN_METRIC, score_answers
from trackoracle.training.material import Material, fold_inputs

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
LEAST_TRACKS = 50
"""Training tracks that each fold must keep; smaller shares are left out."""


def strictest(judgements: Sequence[Judgement]) -> Judgement:
    """Return the judgement under the last of the honest protocols that was carried out."""
    by_name = {judgement.protocol.name: judgement for judgement in judgements}
    return next(by_name[name] for name in reversed(HONEST) if name in by_name)


def learning_curve(
    material: Material,
    judgement: Judgement,
    name: str,
    config: TrainingConfig,
    *,
    threshold: float,
    pool: ThreadPoolExecutor,
    progress: Progress,
    shares: Sequence[float] = SHARES,
) -> LearningCurve:
    """Train one candidate under one protocol on growing shares of its training groups.

    Whole artists are drawn (without artists: whole groups of the protocol), and a
    larger share holds every smaller one. Test parts, and with them the last point, are
    those of the leaderboard; where settings were searched for, the configuration's are
    used for every share instead.

    Parameters
    ----------
    judgement
        Under the protocol, with the candidate's answers on all training tracks.
    name
        Of the candidate.
    threshold
        At or above it a probability is called a hit.
    shares
        Of the training groups of each fold, above 0 to 1. Shares that leave a fold
        with fewer than 50 training tracks, or with one class, are left out.
    """
    if not shares or not all(0 < share <= 1 for share in shares):
        raise ConfigError(
            f"shares: expected above 0 to 1, got {', '.join(map(str, shares)) or 'none'}. "
            "Correct them."
        )
    groups = training_groups(material.keys, judgement.protocol)
    parts = {
        share: _thinned(judgement, name, groups, share, config.seed)
        for share in sorted(set(shares))
    }
    parts = {share: part for share, part in parts.items() if _enough(part, material)}
    _fit_all(parts, name, material, config, pool, progress)
    points = []
    for share, part in parts.items():
        drawn, _ = score_answers(material, part, name, config, threshold)
        points.append(
            LearningPoint(
                share=share,
                n_tracks=round(np.mean([len(fold.train) for fold in part.folds])),
                n_groups=round(np.mean([len(np.unique(groups[f.train])) for f in part.folds])),
                score=drawn.estimates()[MAIN_METRIC[material.target.task]],
            )
        )
    return LearningCurve(
        candidate=name,
        protocol=judgement.protocol.name,
        metric=MAIN_METRIC[material.target.task],
        groups="artist" if material.keys.has_artists else judgement.protocol.group,
        points=tuple(points),
    )


def training_groups(keys: Keys, protocol: Protocol) -> NDArray[np.int64]:
    """Return the group of each row that is trained on whole or not at all: (n,)."""
    return keys.first_artist if keys.has_artists else group_codes(keys, protocol.group)


def _thinned(
    judgement: Judgement, name: str, groups: NDArray[np.int64], share: float, seed: int
) -> Judgement:
    """Keep a share of each fold's training groups, answers still to come but for the whole's."""
    if share == 1:
        return _unsearched(judgement, name)
    n_groups = int(groups.max()) + 1
    rank = np.random.default_rng(seed).permutation(n_groups)
    folds = []
    for fold in judgement.folds:
        ranks = rank[groups[fold.train]]
        present = np.unique(ranks)
        n_kept = max(1, round(share * len(present)))
        kept = fold.train[ranks <= present[n_kept - 1]]
        folds.append(Fold(kept, fold.test, fold.n_purged))
    n = len(judgement.fold_of)
    raw = {name: np.full_like(judgement.raw[name], np.nan)}
    return Judgement(judgement.protocol, folds, raw, {name: 0.0}, np.zeros(n, bool))


def _unsearched(judgement: Judgement, name: str) -> Judgement:
    """Take the answers with the configuration's settings, as the smaller shares are fitted."""
    raw = judgement.raw[name].copy()
    for (candidate, number), answers in judgement.unsearched.items():
        if candidate == name:
            raw[judgement.folds[number].test] = answers
    return replace(judgement, raw={name: raw})


def _enough(part: Judgement, material: Material) -> bool:
    trains = [fold.train for fold in part.folds]
    if min(map(len, trains)) < LEAST_TRACKS:
        return False
    return all(len(np.unique(material.values[train])) > 1 for train in trains)


def _fit_all(
    parts: dict[float, Judgement],
    name: str,
    material: Material,
    config: TrainingConfig,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> None:
    """Fill in the answers of every share but the whole, which are there already."""
    pending = [
        pool.submit(_fit_one, name, material, part, fold, config, share)
        for share, part in parts.items()
        if share < 1
        for fold in part.folds
    ]
    for n_done, future in enumerate(as_completed(pending), start=1):
        progress(n_done, len(pending), future.result())


def _fit_one(
    name: str,
    material: Material,
    part: Judgement,
    fold: Fold,
    config: TrainingConfig,
    share: float,
) -> str:
    start = time.perf_counter()
    ready = fold_inputs(material, fold, config, uses_history=part.protocol.uses_history)
    own = (name, material, fold.train, ready.recipe, ready.train, config)
    model = fit_candidate(*own, protocols=(part.protocol,))
    part.raw[name][fold.test] = model.predict(ready.test)
    part.knows_artist[fold.test] = ready.knows_artist
    part.seconds[name] += time.perf_counter() - start
    return f"learning curve, {100 * share:g} %, {name}"
