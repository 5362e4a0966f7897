"""Run a grid: every arm in every fold, in parallel, every cell scored when its folds are done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trackoracle.catalogs import load_catalog
from trackoracle.errors import ConfigError, MissingColumnError, NotEnoughDataError
from trackoracle.experiments.arms import Answers, answer, arms_of, prepare_arm
from trackoracle.experiments.resampling import NEEDS_IMBLEARN
from trackoracle.experiments.results import MAIN, RULE, Experiment, Finished, gathered
from trackoracle.experiments.scoring import score_cell
from trackoracle.experiments.settings import Cell, ExperimentSettings
from trackoracle.experiments.study import Study, made_from
from trackoracle.models import candidate_named
from trackoracle.optional import require
from trackoracle.schema import Catalog, Hit, ProtocolResult, Rows, check_rights
from trackoracle.settings import Settings
from trackoracle.splits import Fold, Protocol, applicable, make_folds, protocol_named
from trackoracle.training import Material, Progress, fit_rows, labelled_material, silent, workers

Arm = tuple[str, str, str]


@dataclass(frozen=True)
class Ground:
    """What every cell stands on: the same tracks, folds and settings."""

    material: Material
    protocol: Protocol
    folds: tuple[Fold, ...]
    settings: ExperimentSettings


def run_experiments(
    catalog: Catalog | str | Path | Rows,
    settings: ExperimentSettings | None = None,
    *,
    target: Hit | None = None,
    study: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    i_have_the_rights: bool = False,
) -> Experiment:
    """Try a grid of candidates, resampling, outlier and transform arms on a hit target.

    Every cell is fitted inside the folds of one protocol, on training rows only, and
    judged on the same tracks. A part of the training rows, divided off by the same
    protocol, is never resampled: it calibrates the answers and chooses the threshold.

    Parameters
    ----------
    catalog
        A catalog, or what `load_catalog` takes.
    settings
        The grid and how it is judged; see `ExperimentSettings`.
    target
        `Hit()` for a given label, `Hit(above=50)` for popularity above 50.
    study
        A file that keeps every finished cell: the same call goes on from there.
    n_jobs
        Fits at a time; by default as many as there are cores.
    progress
        Called with cells by folds done, all of them, and what was done last.
    i_have_the_rights
        As of `train`.

    Raises
    ------
    TargetError
        When the target is absent or the same everywhere.
    NotEnoughDataError
        With too few tracks, groups or classes.
    RightsError
        When tracks came from a live service, without `i_have_the_rights`.
    StudyError
        When the study is cut off, or of something else.
    MissingExtraError
        When an arm needs imbalanced-learn and it is not installed.

    Examples
    --------
    >>> import trackoracle as to
    >>> few = to.ExperimentSettings(
    ...     candidates=("tree",), resampling=("none", "class_weights"), n_folds=2, n_bootstrap=20
    ... )
    >>> experiment = to.run_experiments("sample", few, target=to.Hit(above=50))
    >>> [result.cell.resampling for result in experiment.cells]
    ['none', 'class_weights']
    """
    start = time.perf_counter()
    settings = settings or ExperimentSettings()
    if any(arm in NEEDS_IMBLEARN for arm in settings.resampling):
        require("imblearn", extra="study")
    target = Hit() if target is None else target
    if target.task != "binary":
        raise ConfigError(
            f"target: expected a hit, got {target.name}. Give Hit(), or Hit(above=50)."
        )
    loaded = catalog if isinstance(catalog, Catalog) else load_catalog(catalog)
    rights = check_rights(loaded.card, stated=i_have_the_rights)
    _, material, notes = labelled_material(loaded, target)
    ground = _ground(material, settings)
    cells, unfit = _fitting(ground)
    kept = Study(Path(study) if study else None, made_from(material, settings))
    with workers(n_jobs or Settings.from_environment().n_jobs) as pool:
        left_out = _run(ground, cells, kept, pool, progress or silent)
    finished = {cell: done for cell in cells if (done := kept.finished(cell))}
    if not finished:
        raise NotEnoughDataError(left_out[0])
    notes += [*rights, *unfit, *(f"Left out: {error}" for error in left_out)]
    return _experiment(ground, finished, tuple(notes), time.perf_counter() - start)


def _ground(material: Material, settings: ExperimentSettings) -> Ground:
    protocol = protocol_named(settings.protocol)
    _, reasons = applicable((protocol.name,), material.keys)
    if reasons:
        raise NotEnoughDataError(f"{reasons[0]} Choose another with --protocol.")
    folds = make_folds(material.keys, protocol, settings.n_folds, settings.seed)
    return Ground(material, protocol, tuple(folds), settings)


def _fitting(ground: Ground) -> tuple[tuple[Cell, ...], list[str]]:
    """Leave out the candidates whose inputs this catalog cannot give."""
    recipe, _ = fit_rows(
        ground.material,
        ground.folds[0].train,
        ground.settings.training,
        uses_history=ground.protocol.uses_history,
    )
    if not recipe.names:
        raise MissingColumnError(
            f"inputs: expected a column to learn {ground.material.target.name} from (tempo, "
            "genres, artists ...), got none with values. Check the names, or map them with "
            "--map tempo=THEIR_COLUMN."
        )
    lacking = {
        cell.candidate: ", ".join(set(candidate_named(cell.candidate).needs) - set(recipe.names))
        for cell in ground.settings.cells
    }
    notes = [f"{name}: left out, there is no {needs}." for name, needs in lacking.items() if needs]
    cells = tuple(cell for cell in ground.settings.cells if not lacking[cell.candidate])
    if not cells:
        raise MissingColumnError(f"candidates: expected one that can be fitted. {notes[0]}")
    return cells, notes


def _run(
    ground: Ground, cells: Sequence[Cell], kept: Study, pool: ThreadPoolExecutor, progress: Progress
) -> list[str]:
    """Work through the arms; return what is wrong with each one that the tracks do not allow."""
    arms = arms_of([cell for cell in cells if kept.finished(cell) is None])
    n_folds = len(ground.folds)
    n_all = n_folds * len(cells)
    n_done = n_all - n_folds * sum(map(len, arms.values()))
    progress(n_done, n_all, "")
    places: dict[Future[list[Answers]], tuple[Arm, int]] = {
        pool.submit(_answers, ground, fold, members): (arm, i)
        for arm, members in arms.items()
        for i, fold in enumerate(ground.folds)
    }
    answers: dict[Arm, dict[int, list[Answers]]] = {arm: {} for arm in arms}
    left_out: dict[Arm, str] = {}
    pending = set(places)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            arm, i = places.pop(future)
            n_done += len(arms[arm])
            progress(n_done, n_all, " ".join(name for name in arm if name != "none") or "plain")
            if future.cancelled():
                continue
            try:
                answers[arm][i] = future.result()
            except NotEnoughDataError as error:
                left_out[arm] = str(error)
                for other in [other for other, (of, _) in places.items() if of == arm]:
                    other.cancel()
            if len(answers[arm]) == n_folds:
                kept.keep(_scored(ground, arms[arm], answers.pop(arm)))
    return list(dict.fromkeys(left_out.values()))


def _answers(ground: Ground, fold: Fold, cells: list[Cell]) -> list[Answers]:
    ready = prepare_arm(ground.material, fold, cells[0].arm, ground.settings, ground.protocol)
    return [answer(cell, ready, fold, ground.settings) for cell in cells]


def _scored(
    ground: Ground, cells: list[Cell], answers: dict[int, list[Answers]]
) -> dict[Cell, Finished]:
    by_fold = [answers[i] for i in range(len(ground.folds))]
    return {
        cell: score_cell(
            ground.material, [parts[c] for parts in by_fold], ground.protocol, ground.settings
        )
        for c, cell in enumerate(cells)
    }


def _experiment(
    ground: Ground, finished: dict[Cell, Finished], notes: tuple[str, ...], seconds: float
) -> Experiment:
    material, protocol, settings = ground.material, ground.protocol, ground.settings
    rows = np.concatenate([fold.test for fold in ground.folds])
    held_out = (*protocol.held_out, *(["every later release"] if protocol.forward else []))
    return Experiment(
        target=material.target.to_dict(),
        settings=settings.to_dict(),
        protocol=ProtocolResult(
            name=protocol.name,
            held_out=", ".join(held_out) or "nothing beyond the row",
            stands_for=protocol.stands_for,
            n_folds=len(ground.folds),
            n_tracks=len(rows),
            n_purged=sum(fold.n_purged for fold in ground.folds),
            clusters=protocol.group,
        ),
        hit_rate=float(np.average(material.values[rows], weights=material.keys.weight_among(rows))),
        threshold_rule=_rule(settings),
        cells=gathered(finished),
        best=max(finished, key=lambda cell: finished[cell].true_rate[MAIN].value).key,
        rule=RULE,
        notes=notes,
        seconds=round(seconds, 2),
    )


def _rule(settings: ExperimentSettings) -> str:
    if settings.threshold == "fixed":
        return "fixed at .5 of the model's own answer"
    if settings.threshold == "precision_at_k":
        how, ties = f"the top {100 * settings.top_share:g} % called", "ties are called together"
    else:
        ties = "of equal ones the highest"
        how = "highest F1"
    if settings.threshold == "cost":
        how = f"least cost, a miss {settings.cost_miss:g} : a false alarm {settings.cost_alarm:g}"
    return f"{how} on a calibration part of the training rows; {ties}"
