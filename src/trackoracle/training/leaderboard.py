"""From out-of-fold answers to a leaderboard with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import Calibration
from trackoracle.evaluation import (
    Drawn,
    Judged,
    draw_metrics,
    fold_values,
    metrics_of,
    popularity_bands,
    score_groups,
)
from trackoracle.models import candidate_named
from trackoracle.schema import (
    CandidateResult,
    Catalog,
    GroupScore,
    ProtocolResult,
    Task,
)
from trackoracle.splits import HONEST
from trackoracle.training.calibrated import calibrate, judged_answers
from trackoracle.training.config import TrainingConfig
from trackoracle.training.folds import Judgement
from trackoracle.training.material import Material, Values

Rows = NDArray[np.int64]
MAIN_METRIC = {"regression": "r2", "binary": "roc_auc", "multiclass": "rpss"}
_LEAST_IN_GENRE = 50


@dataclass(frozen=True)
class Board:
    """The scored candidates, and what their differences are computed from.

    Parameters
    ----------
    results
        By candidate.
    drawn, within
        By candidate and protocol: the metrics under the resamples, which are the same for
        all candidates, and the main metric within each fold.
    """

    results: tuple[CandidateResult, ...]
    drawn: dict[tuple[str, str], Drawn]
    within: dict[tuple[str, str], Values]


def score_candidates(
    material: Material,
    judgements: list[Judgement],
    config: TrainingConfig,
    threshold: float,
    pool: ThreadPoolExecutor,
) -> Board:
    """Calibrate and score every candidate under every protocol that it was judged under."""
    names = tuple(max(judgements, key=lambda judgement: len(judgement.raw)).raw)
    futures = {
        (name, judgement.protocol.name): pool.submit(
            score_answers, material, judgement, name, config, threshold
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
                j.protocol.name: done[name, j.protocol.name][0].estimates()
                for j in judgements
                if name in j.raw
            },
        )
        for name in names
    )
    return Board(
        results,
        {key: drawn for key, (drawn, _) in done.items()},
        {key: within for key, (_, within) in done.items()},
    )


def score_answers(
    material: Material, judgement: Judgement, name: str, config: TrainingConfig, threshold: float
) -> tuple[Drawn, Values]:
    """Score one candidate under one protocol: with resamples, and the main metric by fold."""
    task = material.target.task
    judged = judged_answers(material, judgement, name)
    metrics = metrics_of(judged, task, threshold=threshold)
    drawn = draw_metrics(metrics, judged, n_bootstrap=config.n_bootstrap, seed=config.seed)
    fold_of = judgement.fold_of[judgement.scored]
    return drawn, fold_values(metrics, judged, fold_of, MAIN_METRIC[task])


def final_calibration(material: Material, judgements: list[Judgement], name: str) -> Calibration:
    """Calibrate for serving.

    Tracks of known artists follow the strictest protocol that lets artists be
    known, tracks of new artists follow `new_artist`.
    """
    strata = serving_strata(judgements)
    raw, values, weight, known, taken = [], [], [], [], []
    for judgement, wanted in strata:
        rows = np.flatnonzero(judgement.knows_artist == wanted)
        raw.append(judgement.raw[name][rows])
        values.append(material.values[rows])
        weight.append(material.keys.weight[rows])
        known.append(np.full(len(rows), wanted))
        taken.append(rows)
    genres = material.prepared.genres
    return calibrate(
        material.target,
        np.concatenate(raw),
        np.concatenate(values),
        np.concatenate(weight),
        np.concatenate(known),
        None if genres is None else genres.take(np.concatenate(taken)),
    )


def serving_strata(judgements: list[Judgement]) -> tuple[tuple[Judgement, bool], ...]:
    """Return under which protocol tracks of known, and of new artists stand for those served."""
    by_name = {judgement.protocol.name: judgement for judgement in judgements}
    honest = [by_name[p] for p in HONEST if p in by_name]
    with_known = [j for j in honest if j.protocol.name != "new_artist"] or honest
    return ((with_known[-1], True), (honest[-1], False))


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
    judged: dict[str, Judged],
    judgements: list[Judgement],
    catalog: Catalog,
    material: Material,
    config: TrainingConfig,
) -> dict[str, tuple[GroupScore, ...]]:
    """Score the chosen candidate by genre, for genres of at least 50 tracks.

    Parameters
    ----------
    judged
        By protocol: the chosen candidate's predictions of the rows scored there.
    catalog
        The tracks, in the material's order.
    """
    groups = genre_rows(catalog, _LEAST_IN_GENRE)
    if not groups:
        return {}
    return _grouped(groups, judged, judgements, material.target.task, config)


def genre_rows(catalog: Catalog, least: int) -> dict[str, Rows]:
    """Return the rows of each genre that has at least so many."""
    if "genres" not in catalog.tracks.columns:
        return {}
    rows = catalog.tracks.select("genres").with_row_index("row").explode("genres").drop_nulls()
    return {
        str(genre): part["row"].to_numpy().astype(np.int64)
        for (genre,), part in sorted(rows.group_by("genres"), key=lambda pair: str(pair[0]))
        if len(part) >= least
    }


def placed(groups: Mapping[str, Rows], judgement: Judgement) -> dict[str, Rows]:
    """Return where among the scored rows each group's stand; groups without any are left out."""
    place = np.full(len(judgement.fold_of), -1)
    place[judgement.scored] = np.arange(len(judgement.scored))
    within = {group: place[rows][place[rows] >= 0] for group, rows in groups.items()}
    return {group: rows for group, rows in within.items() if len(rows)}


def by_band(
    judged: dict[str, Judged],
    judgements: list[Judgement],
    catalog: Catalog,
    material: Material,
    config: TrainingConfig,
) -> dict[str, tuple[GroupScore, ...]]:
    """Score the chosen candidate by band of true popularity; parameters as of `by_genre`."""
    if "popularity" not in catalog.tracks.columns:
        return {}
    points = catalog.tracks["popularity"].fill_null(np.nan).to_numpy()
    return _grouped(popularity_bands(points), judged, judgements, material.target.task, config)


def _grouped(
    groups: dict[str, Rows],
    judged: dict[str, Judged],
    judgements: list[Judgement],
    task: Task,
    config: TrainingConfig,
) -> dict[str, tuple[GroupScore, ...]]:
    """Score groups of rows under each protocol, as far as their rows are scored there."""
    result = {}
    for judgement in judgements:
        part = judged.get(judgement.protocol.name)
        if part is None:
            continue
        present = placed(groups, judgement)
        result[judgement.protocol.name] = score_groups(part, task, present, seed=config.seed)
    return result
