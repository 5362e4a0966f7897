"""From out-of-fold answers to a leaderboard with intervals, and the choice by a stated rule."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import Calibration, fit_calibration
from trackoracle.evaluation import Judged, evaluate_predictions, popularity_bands, score_groups
from trackoracle.models import candidate_named
from trackoracle.schema import (
    CandidateResult,
    Catalog,
    GroupScore,
    ProtocolResult,
    Scores,
)
from trackoracle.splits import HONEST, group_codes
from trackoracle.training.config import TrainingConfig
from trackoracle.training.folds import Judgement, Material, Values

Rows = NDArray[np.int64]
MAIN_METRIC = {"regression": "r2", "binary": "roc_auc"}
RULE = "highest mean {metric} over {protocols}; ties within .001 go to the quicker"
_METRIC_LABEL = {"r2": "R2", "roc_auc": "ROC-AUC"}
_LEAST_IN_GENRE = 50


@dataclass(frozen=True)
class Board:
    """The scored candidates and the calibrated predictions behind them.

    Parameters
    ----------
    results
        By candidate.
    judged
        By candidate and protocol: the predictions of the rows scored there.
    scored
        By protocol: which rows these are, rising.
    """

    results: tuple[CandidateResult, ...]
    judged: dict[tuple[str, str], Judged]
    scored: dict[str, Rows]


def score_candidates(
    material: Material,
    judgements: list[Judgement],
    config: TrainingConfig,
    threshold: float,
    pool: ThreadPoolExecutor,
) -> Board:
    """Calibrate and score every candidate under every protocol that it was judged under.

    The calibration of a fold's rows is fitted on the other folds' answers only, and looking
    forward on those of earlier folds only.
    Baselines are scored as they answer, uncalibrated, since they are to be naive.
    """
    names = tuple(max(judgements, key=lambda judgement: len(judgement.raw)).raw)
    futures = {
        (name, judgement.protocol.name): pool.submit(
            _score, material, judgement, name, config, threshold
        )
        for name in names
        for judgement in judgements
        if name in judgement.raw
    }
    done = {key: future.result() for key, future in futures.items()}
    results = tuple(
        CandidateResult(
            name=name,
            family=candidate_named(name).family,
            seconds=round(sum(judgement.seconds.get(name, 0) for judgement in judgements), 2),
            scores={
                j.protocol.name: done[name, j.protocol.name][0] for j in judgements if name in j.raw
            },
        )
        for name in names
    )
    scored = {judgement.protocol.name: judgement.scored for judgement in judgements}
    return Board(results, {key: judged for key, (_, judged) in done.items()}, scored)


def _score(
    material: Material, judgement: Judgement, name: str, config: TrainingConfig, threshold: float
) -> tuple[Scores, Judged]:
    if candidate_named(name).is_baseline:
        mean = median = judgement.raw[name]
    else:
        mean, median = _calibrated(material, judgement, name)
    rows = judgement.scored
    cluster = group_codes(material.keys, judgement.protocol.group)[rows]
    weight = material.keys.weight_among(rows)
    judged = Judged(material.values[rows], mean[rows], median[rows], weight, cluster)
    scores = evaluate_predictions(
        judged,
        material.target.task,
        threshold=threshold,
        n_bootstrap=config.n_bootstrap,
        seed=config.seed,
    )
    return scores, judged


def _calibrated(material: Material, judgement: Judgement, name: str) -> tuple[Values, Values]:
    raw = judgement.raw[name]
    mean, median = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
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
        mean[own], median[own] = distribution.mean, distribution.median
    return mean, median


def choose(results: tuple[CandidateResult, ...], metric: str) -> tuple[str, str]:
    """Choose a candidate by the rule.

    Returns
    -------
    The candidate's name, and the rule as a sentence.
    """
    protocols = [name for name in results[0].scores if name in HONEST]
    contenders = [r for r in results if not candidate_named(r.name).is_baseline] or list(results)

    def reached(result: CandidateResult) -> float:
        return float(np.mean([result.scores[p][metric].value for p in protocols]))

    best = max(map(reached, contenders))
    near = [result for result in contenders if reached(result) >= best - 0.001]
    rule = RULE.format(metric=_METRIC_LABEL[metric], protocols=" and ".join(protocols))
    # Quickness is judged by the order of the registry, since wall times vary between runs.
    return near[0].name, rule


def final_calibration(material: Material, judgements: list[Judgement], name: str) -> Calibration:
    """Calibrate for serving.

    Tracks of known artists follow the strictest protocol that lets artists be
    known, tracks of new artists follow `new_artist`.
    """
    by_name = {judgement.protocol.name: judgement for judgement in judgements}
    honest = [by_name[p] for p in HONEST if p in by_name]
    with_known = [j for j in honest if j.protocol.name != "new_artist"] or honest
    strata = ((with_known[-1], True), (honest[-1], False))
    raw, values, weight, known = [], [], [], []
    for judgement, wanted in strata:
        rows = np.flatnonzero(judgement.knows_artist == wanted)
        raw.append(judgement.raw[name][rows])
        values.append(material.values[rows])
        weight.append(material.keys.weight[rows])
        known.append(np.full(len(rows), wanted))
    return fit_calibration(
        np.concatenate(raw),
        np.concatenate(values),
        np.concatenate(weight),
        np.concatenate(known),
        material.target.support,
    )


def protocol_result(judgement: Judgement) -> ProtocolResult:
    """Describe how a protocol was carried out."""
    protocol = judgement.protocol
    held_out = (*protocol.held_out, *(["every later release"] if protocol.forward else []))
    return ProtocolResult(
        name=protocol.name,
        held_out=", ".join(held_out) or "nothing beyond the row",
        stands_for=protocol.stands_for,
        n_folds=len(judgement.folds),
        n_tracks=len(judgement.scored),
        n_purged=sum(fold.n_purged for fold in judgement.folds),
        clusters=protocol.group,
    )


def protocol_notes(judgement: Judgement, names: tuple[str, ...], material: Material) -> list[str]:
    """Say what a protocol that looks forward leaves out."""
    protocol = judgement.protocol
    if not protocol.forward:
        return []
    n_scored, n_undated = len(judgement.scored), int(np.isnat(material.keys.released).sum())
    n_before = len(judgement.fold_of) - n_scored - n_undated
    absent = [name for name in names if name not in judgement.raw]
    scoreless = f", and {' and '.join(absent)} have no score" if absent else ""
    return [
        f"{protocol.name}: {material.target.name} is as of the snapshot, later than the releases, "
        f"so no history of it is used{scoreless}. Scored on the {n_scored:,} latest tracks; the "
        f"{n_before:,} earliest are learned from or calibrate, {n_undated:,} without a release "
        "date are left out."
    ]


def by_genre(
    board: Board, chosen: str, catalog: Catalog, material: Material, config: TrainingConfig
) -> dict[str, tuple[GroupScore, ...]]:
    """Score the chosen candidate by genre, for genres of at least 50 tracks."""
    if "genres" not in catalog.tracks.columns:
        return {}
    rows = catalog.tracks.select("genres").with_row_index("row").explode("genres").drop_nulls()
    groups = {
        str(genre): part["row"].to_numpy().astype(np.int64)
        for (genre,), part in sorted(rows.group_by("genres"), key=lambda pair: str(pair[0]))
        if len(part) >= _LEAST_IN_GENRE
    }
    return _grouped(board, chosen, groups, material, config)


def by_band(
    board: Board, chosen: str, catalog: Catalog, material: Material, config: TrainingConfig
) -> dict[str, tuple[GroupScore, ...]]:
    """Score the chosen candidate by band of true popularity."""
    if "popularity" not in catalog.tracks.columns:
        return {}
    points = catalog.tracks["popularity"].fill_null(np.nan).to_numpy()
    return _grouped(board, chosen, popularity_bands(points), material, config)


def _grouped(
    board: Board,
    chosen: str,
    groups: dict[str, Rows],
    material: Material,
    config: TrainingConfig,
) -> dict[str, tuple[GroupScore, ...]]:
    """Score groups of rows under each protocol, as far as their rows are scored there."""
    result = {}
    for (name, protocol), judged in board.judged.items():
        if name == chosen:
            place = np.full(len(material.values), -1)
            place[board.scored[protocol]] = np.arange(len(judged.target))
            within = {group: place[rows][place[rows] >= 0] for group, rows in groups.items()}
            present = {group: rows for group, rows in within.items() if len(rows)}
            task = material.target.task
            result[protocol] = score_groups(judged, task, present, seed=config.seed)
    return result
