"""Train: fit candidates over folds, score, choose, refit on all rows, calibrate."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trackoracle.distributions import Calibration
from trackoracle.errors import MissingColumnError, NotEnoughDataError, TargetError
from trackoracle.evaluation import curves_of
from trackoracle.features import Recipe, prepare
from trackoracle.models import Model, Params, candidate_named
from trackoracle.schema import (
    CandidateResult,
    Catalog,
    Contract,
    Report,
    Sharing,
    Target,
    Tier,
    check_tracks,
    fit_contract,
)
from trackoracle.splits import applicable
from trackoracle.training.calibrated import judged_answers
from trackoracle.training.choosing import choose_and_fit, compare
from trackoracle.training.config import TrainingConfig
from trackoracle.training.curves import learning_curve, strictest
from trackoracle.training.folds import (
    Progress,
    begin_judgement,
    feasible,
    judge,
    n_fits,
    silent,
    workers,
)
from trackoracle.training.leaderboard import (
    MAIN_METRIC,
    by_band,
    by_genre,
    final_calibration,
    protocol_notes,
    protocol_result,
    score_candidates,
)
from trackoracle.training.material import Material, fit_rows
from trackoracle.training.quality import quality
from trackoracle.training.search import Searches, open_study
from trackoracle.training.sharing import shared_uncertainty
from trackoracle.training.tiers import RIVAL_NOTE, read_from_popularity

LEAST_TRACKS = 50
HIT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Trained:
    """Everything that an oracle is made of."""

    target: Target
    config: TrainingConfig
    contract: Contract
    recipe: Recipe
    model: Model
    candidate: str
    settings: Params
    calibration: Calibration
    threshold: float
    sharing: Sharing
    report: Report
    catalog: Catalog

    @property
    def sample_rate(self) -> float | None:
        """Share of hits by which the answers were calibrated; none of a popularity."""
        if self.target.task != "binary":
            return None
        values = self.target.values(self.catalog.tracks)
        return float(np.average(values, weights=self.catalog.keys.weight))


def train_candidates(
    catalog: Catalog,
    target: Target,
    config: TrainingConfig,
    *,
    n_jobs: int = 1,
    progress: Progress = silent,
    study: Path | None = None,
    curve: bool = False,
) -> Trained:
    """Train every candidate under every protocol and refit the best on all rows.

    Parameters
    ----------
    catalog
        Tracks to learn from; those without a target are left out.
    target
        What to predict.
    config
        How.
    n_jobs
        Fits at a time.
    progress
        Told of every search and fit done.
    study
        File of the trials of searches, gone on from where it is there.
    curve
        Whether to compute the learning curve of the chosen candidate, under the strictest
        honest protocol.

    Raises
    ------
    TargetError
        When the target is absent or the same everywhere.
    MissingColumnError
        When there is nothing to learn it from.
    NotEnoughDataError
        With too few tracks, groups or classes for the folds.
    ConfigError, MissingExtraError
        When a candidate refuses its settings, or needs a library that is not installed.
    """
    start = time.perf_counter()
    for name in config.names:
        candidate_named(name).check(config.params_of(name))
    catalog, material, notes = labelled_material(catalog, target, config.without)
    protocols, left_out = applicable(config.protocols, material.keys)
    protocols, unfounded = feasible(protocols, material, config)
    notes += left_out + unfounded
    names, unfit = _fitting(config, material)
    notes += unfit
    judgements = [begin_judgement(material, protocol, names, config) for protocol in protocols]
    searches = Searches(material, config, judgements, n_jobs)
    if study and config.searched:
        searches.file = open_study(study, material, config)
    n_before, n_judged = len(searches.places), n_fits(judgements)
    n_rival = sum(len(j.folds) for j in judgements) if isinstance(target, Tier) else 0
    with workers(n_jobs) as pool:
        found = searches.in_folds(pool, _part(progress, 0, n_judged + n_rival))
        settings = {place: found_there.settings for place, found_there in found.items()}
        judge(material, judgements, config, pool, _part(progress, n_before, n_rival), settings)
        rivals: tuple[CandidateResult, ...] = ()
        if isinstance(target, Tier):
            n_done = n_before + n_judged + sum(map(bool, settings.values()))
            told = _part(progress, n_done, 0)
            notes.append(RIVAL_NOTE)
            rivals = (
                read_from_popularity(
                    target.edges, material, judgements, catalog, config, pool, told
                ),
            )
        board = score_candidates(material, judgements, config, HIT_THRESHOLD, pool)
        final = choose_and_fit(material, judgements, board, searches, config, pool)
        chosen, refitted = final.name, final.config
        results = compare(board, judgements, chosen, MAIN_METRIC[target.task])
        judged = {
            judgement.protocol.name: judged_answers(material, judgement, chosen)
            for judgement in judgements
            if chosen in judgement.raw
        }
        learning = None
        if curve:
            learning = learning_curve(
                material,
                strictest(judgements),
                chosen,
                config,
                threshold=HIT_THRESHOLD,
                pool=pool,
                progress=progress,
            )
    notes += searches.notes() if searches.done else []
    for judgement in judgements:
        notes += protocol_notes(judgement, names, material)
    report = Report(
        target=target.to_dict(),
        metric=MAIN_METRIC[target.task],
        protocols=tuple(map(protocol_result, judgements)),
        candidates=tuple(r for r in results if not candidate_named(r.name).is_baseline),
        baselines=(*(r for r in results if candidate_named(r.name).is_baseline), *rivals),
        chosen=chosen,
        rule=final.rule,
        by_genre=by_genre(judged, judgements, catalog, material, config),
        by_band=by_band(judged, judgements, catalog, material, config),
        notes=tuple(notes),
        audited=False,
        seconds=round(time.perf_counter() - start, 2),
        curves={
            protocol: curves_of(
                part,
                target.task,
                threshold=HIT_THRESHOLD,
                n_bootstrap=config.n_bootstrap,
                seed=config.seed,
            )
            for protocol, part in judged.items()
        },
        learning=learning,
        quality=quality(judged, judgements, catalog, material, chosen, config),
        fitting=getattr(final.model, "curve", None),
    )
    calibration = final_calibration(material, judgements, chosen)
    return Trained(
        target=target,
        config=config,
        contract=material.contract,
        recipe=final.recipe,
        model=final.model,
        candidate=chosen,
        settings=refitted.params_of(chosen),
        calibration=calibration,
        threshold=HIT_THRESHOLD,
        sharing=shared_uncertainty(material, judgements, chosen, config.seed),
        report=report,
        catalog=catalog,
    )


def _part(progress: Progress, n_before: int, n_after: int) -> Progress:
    """Report a part of the work as part of the whole."""
    return lambda n_done, n_all, last: progress(n_before + n_done, n_before + n_all + n_after, last)


def labelled_material(
    catalog: Catalog, target: Target, without: Collection[str] = ()
) -> tuple[Catalog, Material, list[str]]:
    """Keep the labelled tracks, in an order that does not depend on the source's.

    Input groups that are to be done `without` leave the contract, and stay in the keys.
    """
    values = target.values(catalog.tracks)
    labelled = ~np.isnan(values)
    notes = []
    if not labelled.all():
        n = int((~labelled).sum())
        notes.append(f"{n:,} tracks without {target.name} were left out.")
    if without:
        notes.append(f"Inputs not used: {', '.join(without)}.")
    _check_target(values[labelled], target)
    rows = np.flatnonzero(labelled)
    if "track_id" in catalog.tracks.columns:
        rows = rows[
            np.argsort(catalog.tracks["track_id"].fill_null("").to_numpy()[rows], kind="stable")
        ]
    catalog = catalog.take(rows)
    catalog = replace(catalog, keys=catalog.keys.renumbered())
    contract = fit_contract(catalog.tracks, catalog.other).without(without)
    checked = check_tracks(catalog.tracks, contract)
    material = Material(
        prepare(checked.tracks, contract),
        catalog.keys,
        contract,
        target,
        values[rows],
        target.remembered(catalog.tracks),
    )
    return catalog, material, notes


def _check_target(values: np.ndarray[tuple[int], np.dtype[np.float64]], target: Target) -> None:
    n = len(values)
    if n < LEAST_TRACKS:
        raise NotEnoughDataError(
            f"{target.name}: expected at least {LEAST_TRACKS} labelled tracks, got {n}. "
            "Use a larger catalog.",
            n_tracks=n,
        )
    if len(np.unique(values)) < 2:
        kind = "hits and misses" if target.task == "binary" else "different values"
        raise TargetError(
            f"{target.name}: expected {kind}, got {values[0]:g} for all {n:,} tracks. "
            "Choose another target or threshold."
        )


def _fitting(config: TrainingConfig, material: Material) -> tuple[tuple[str, ...], list[str]]:
    """Leave out the candidates whose inputs this catalog cannot give."""
    recipe, _ = fit_rows(material, np.arange(len(material.values)), config)
    if not recipe.names:
        raise MissingColumnError(
            f"inputs: expected a column to learn {material.target.name} from (tempo, genres, "
            "artists ...), got none with values. Check the names, or map them with "
            "--map tempo=THEIR_COLUMN."
        )
    names, notes = [], []
    for name in config.names:
        if material.target.task not in candidate_named(name).tasks:
            if name in config.candidates:
                notes.append(f"{name}: left out, it does not learn a {material.target.name}.")
            continue
        missing = [need for need in candidate_named(name).needs if need not in recipe.names]
        if missing:
            notes.append(f"{name}: left out, the catalog gives no {', '.join(missing)}.")
        else:
            names.append(name)
    return tuple(names), notes
