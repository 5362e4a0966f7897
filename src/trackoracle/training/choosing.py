"""The choice of a candidate by a stated rule, and what it learns from all rows.

Among candidates whose contributions are exact the best is chosen. One that only estimates them
must be ahead of it beyond chance: an oracle that says exactly why is worth more than a
difference that may be none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from trackoracle.evaluation import difference
from trackoracle.features import Recipe
from trackoracle.models import Model, candidate_named
from trackoracle.schema import CandidateResult, Difference
from trackoracle.splits import HONEST
from trackoracle.training.config import TrainingConfig
from trackoracle.training.fitting import fit_candidate
from trackoracle.training.folds import Judgement, silent
from trackoracle.training.leaderboard import MAIN_METRIC, Board
from trackoracle.training.material import Material, fit_rows
from trackoracle.training.search import Searches

IsAhead = Callable[[str, str], bool]
RULE = "highest mean {metric} over {protocols}; ties within .001 go to the quicker"
EXACT_RULE = (
    "; without exact contributions only if ahead of the best that has them beyond chance under "
    "each of these"
)
_METRIC_LABEL = {"r2": "R2", "roc_auc": "ROC-AUC", "rpss": "RPS skill"}


def compare(
    board: Board, judgements: list[Judgement], chosen: str, metric: str
) -> tuple[CandidateResult, ...]:
    """Say of every candidate how it differs from the chosen one under each protocol."""
    results = []
    for result in board.results:
        found = {}
        for judgement in judgements:
            told = _difference(board, judgement, result.name, chosen, metric)
            if result.name != chosen and told is not None:
                found[judgement.protocol.name] = told
        results.append(replace(result, difference=found))
    return tuple(results)


def _difference(
    board: Board, judgement: Judgement, first: str, second: str, metric: str
) -> Difference | None:
    """Return a candidate's score less another's under one protocol; None where one has none.

    Windows of time are no random parts of one whole: there the resamples alone speak.
    """
    own, other = (first, judgement.protocol.name), (second, judgement.protocol.name)
    if not {own, other} <= board.drawn.keys():
        return None
    by_fold = board.within[own] - board.within[other]
    ratio = np.mean([len(fold.test) / len(fold.train) for fold in judgement.folds])
    return difference(
        board.drawn[own],
        board.drawn[other],
        metric,
        None if judgement.protocol.forward else by_fold,
        float(ratio),
    )


def leads(board: Board, judgements: list[Judgement], metric: str) -> IsAhead:
    """Return how to ask whether one candidate is ahead of another beyond chance everywhere."""
    honest = [judgement for judgement in judgements if judgement.protocol.name in HONEST]

    def is_ahead(first: str, second: str) -> bool:
        told = [_difference(board, judgement, first, second, metric) for judgement in honest]
        return all(d is not None and d.value > 0 and d.beyond_chance for d in told)

    return is_ahead


def never(first: str, second: str) -> bool:
    """Call no candidate ahead of another."""
    return False


def choose(
    results: tuple[CandidateResult, ...],
    metric: str,
    is_ahead: IsAhead = never,
    inexact: Collection[str] = (),
) -> tuple[str, str]:
    """Choose a candidate by the rule.

    Parameters
    ----------
    results, metric
        What the candidates reached, and by what they are chosen.
    is_ahead
        Whether the first candidate is ahead of the second beyond chance under each protocol.
    inexact
        Candidates that turned out too large to tell contributions exactly, besides those
        that never do.

    Returns
    -------
    The candidate's name, and the rule as a sentence.
    """
    protocols = [name for name in results[0].scores if name in HONEST]
    contenders = [r for r in results if not candidate_named(r.name).is_baseline] or list(results)

    def reached(result: CandidateResult) -> float:
        return float(np.mean([result.scores[p][metric].value for p in protocols]))

    def best_of(some: list[CandidateResult]) -> CandidateResult:
        best = max(map(reached, some))
        # Quickness is judged by the order of the registry, since wall times vary between runs.
        return next(result for result in some if reached(result) >= best - 0.001)

    exact = [r for r in contenders if candidate_named(r.name).exact and r.name not in inexact]
    chosen = best_of(exact or contenders)
    ahead = [r for r in contenders if r not in exact and is_ahead(r.name, chosen.name)]
    if exact and ahead:
        chosen = best_of(ahead)
    rule = RULE.format(metric=_METRIC_LABEL[metric], protocols=" and ".join(protocols))
    return chosen.name, rule + (EXACT_RULE if 0 < len(exact) < len(contenders) else "")


@dataclass(frozen=True)
class Final:
    """The chosen candidate, why it is that one, and what it learned from all rows."""

    name: str
    rule: str
    config: TrainingConfig
    recipe: Recipe
    model: Model


def choose_and_fit(
    material: Material,
    judgements: list[Judgement],
    board: Board,
    searches: Searches,
    config: TrainingConfig,
    pool: ThreadPoolExecutor,
) -> Final:
    """Choose by the rule and fit on all rows.

    Only then it shows whether a candidate that could tell contributions exactly has grown
    too large for it: then the rule is asked again.
    """
    metric = MAIN_METRIC[material.target.task]
    too_large: set[str] = set()
    fitted: dict[str, Final] = {}
    while True:
        ahead = leads(board, judgements, metric)
        name, rule = choose(board.results, metric, ahead, too_large)
        if name not in fitted:
            refitted = config
            if name in config.searched:
                own = searches.on_all_rows(name, pool, silent).settings
                refitted = config.having(name, own)
            recipe, model = pool.submit(_refit, name, material, judgements, refitted).result()
            fitted[name] = Final(name, rule, refitted, recipe, model)
        final = replace(fitted[name], rule=rule)
        is_settled = name in too_large or not candidate_named(name).exact
        if is_settled or final.model.additive() is not None:
            return final
        too_large.add(name)


def _refit(
    name: str, material: Material, judgements: list[Judgement], config: TrainingConfig
) -> tuple[Recipe, Model]:
    """Fit the chosen candidate on all rows; what it is made of is weighed by all that decide."""
    rows = np.arange(len(material.values))
    recipe, matrix = fit_rows(material, rows, config)
    protocols = [j.protocol for j in judgements if j.protocol.name in HONEST]
    return recipe, fit_candidate(name, material, rows, recipe, matrix, config, protocols)
