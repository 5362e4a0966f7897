"""What an experiment found: plain numbers, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from trackoracle.evaluation import Drawn
from trackoracle.experiments.settings import Cell
from trackoracle.schema import Estimate, ProtocolResult, Scores, Shown

MAIN = "pr_auc"
RULE = "highest PR-AUC at the true rate"


@dataclass(frozen=True)
class Finished:
    """What is kept of a finished cell, in memory and in the study.

    Parameters
    ----------
    balanced, true_rate
        Scores as if hits were half of the tracks, and as they are.
    draws
        PR-AUC at the true rate under each bootstrap resample; paired between cells.
    thresholds
        On the raw answer, fold by fold.
    n_train, n_made, n_removed
        Rows fitted on, how many of them were made, and rows left out as outliers,
        on average over folds.
    seconds
        Of all folds.
    """

    balanced: Scores
    true_rate: Scores
    draws: tuple[float, ...]
    thresholds: tuple[float, ...]
    n_train: float
    n_made: float
    n_removed: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, from which `finished_from_dict` rebuilds it."""
        return asdict(self)


def finished_from_dict(facts: Mapping[str, Any]) -> Finished:
    """Rebuild a finished cell; raises KeyError, TypeError or ValueError when it is none."""
    return Finished(
        balanced=_scores(facts["balanced"]),
        true_rate=_scores(facts["true_rate"]),
        draws=tuple(map(float, facts["draws"])),
        thresholds=tuple(map(float, facts["thresholds"])),
        n_train=float(facts["n_train"]),
        n_made=float(facts["n_made"]),
        n_removed=float(facts["n_removed"]),
        seconds=float(facts["seconds"]),
    )


def _scores(facts: Mapping[str, Any]) -> Scores:
    return {
        str(name): Estimate(float(e["value"]), float(e["low"]), float(e["high"]))
        for name, e in facts.items()
    }


@dataclass(frozen=True)
class CellResult:
    """One cell of the grid.

    Parameters
    ----------
    cell
        What was combined.
    balanced
        Scores as if hits were half of the tracks: what balanced test sets report.
    true_rate
        Scores at the rate that the tracks have.
    gain
        PR-AUC at the true rate less that of the same candidate on the rows as they are,
        with a paired interval; None where that cell is not in the grid.
    thresholds, n_train, n_made, n_removed, seconds
        As in `Finished`.
    """

    cell: Cell
    balanced: Scores
    true_rate: Scores
    gain: Estimate | None
    thresholds: tuple[float, ...]
    n_train: float
    n_made: float
    n_removed: float
    seconds: float


@dataclass(frozen=True)
class Experiment(Shown):
    """Every cell of a grid, judged on the same tracks under one protocol.

    Parameters
    ----------
    target, settings
        As plain data.
    protocol
        How it was carried out.
    hit_rate
        Share of hits among the judged tracks, each recording counted once; also the
        PR-AUC of guessing.
    threshold_rule
        How the threshold was chosen, as a sentence.
    cells
        In the order of the grid.
    best, rule
        The best cell's key, and by which rule.
    notes
        What was left out.
    seconds
        Of the whole run, without what a study already had.
    """

    target: dict[str, Any]
    settings: dict[str, Any]
    protocol: ProtocolResult
    hit_rate: float
    threshold_rule: str
    cells: tuple[CellResult, ...]
    best: str
    rule: str
    notes: tuple[str, ...]
    seconds: float

    def of(self, key: str) -> CellResult:
        """Return the result of one cell, as "forest/smote/none/none"."""
        return next(result for result in self.cells if result.cell.key == key)

    def to_dict(self) -> dict[str, Any]:
        """Return the experiment as plain data."""
        return asdict(self)

    def to_frame(self) -> pl.DataFrame:
        """Return one row a cell, a column a number."""
        rows = []
        for result in self.cells:
            views = {"balanced": result.balanced, "true_rate": result.true_rate}
            if result.gain:
                views["gain"] = {MAIN: result.gain}
            rows.append(
                {
                    **asdict(result.cell),
                    **{
                        f"{view}_{name}{end}": getattr(estimate, attribute)
                        for view, scores in views.items()
                        for name, estimate in scores.items()
                        for end, attribute in (("", "value"), ("_low", "low"), ("_high", "high"))
                    },
                    "threshold": float(np.mean(result.thresholds)),
                    "n_train": result.n_train,
                    "n_made": result.n_made,
                    "n_removed": result.n_removed,
                    "seconds": result.seconds,
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)


def gathered(finished: Mapping[Cell, Finished]) -> tuple[CellResult, ...]:
    """Set every cell beside the plain one of its candidate."""
    return tuple(
        CellResult(
            cell=cell,
            balanced=done.balanced,
            true_rate=done.true_rate,
            gain=_gain(done, finished.get(cell.plain)) if cell != cell.plain else None,
            thresholds=done.thresholds,
            n_train=done.n_train,
            n_made=done.n_made,
            n_removed=done.n_removed,
            seconds=done.seconds,
        )
        for cell, done in finished.items()
    )


def _gain(done: Finished, plain: Finished | None) -> Estimate | None:
    if plain is None:
        return None
    value = done.true_rate[MAIN].value - plain.true_rate[MAIN].value
    draws = np.array(done.draws) - np.array(plain.draws)
    return Drawn({MAIN: value}, {MAIN: draws}).estimates()[MAIN]
