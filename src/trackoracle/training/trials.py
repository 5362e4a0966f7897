"""One search: trials of settings on some training rows, and the best of them.

Trials learn from all their rows with fewer, larger steps. How cheap a trial may be was measured
by ten settings of LightGBM on the 114k file (protocol catalog), as the rank correlation of trials
with full fits: .98 with half of the trees, .89 with a third, .47 with a sixth, -.60 with a
sixteenth. A third of the rows, in whole artists, gave -.01: histories of the target are thinner
there, and other settings are best.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import NotEnoughDataError
from trackoracle.evaluation import hit_metrics, mean_metrics, tier_metrics
from trackoracle.models import Params, candidate_named
from trackoracle.splits import Fold, Protocol
from trackoracle.training.config import TrainingConfig
from trackoracle.training.fitting import fit_candidate, inner_folds
from trackoracle.training.folds import point_answers
from trackoracle.training.material import FoldInputs, Material, Values, fold_inputs
from trackoracle.training.study import silent_optuna

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    Keep = Callable[[FrozenTrial], None]

_RANDOM = 4
"""Trials before the sampler models them."""


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Parameters
    ----------
    settings
        To lay over the configuration's; empty where those were not beaten.
    n_trials, n_stopped
        Carried out, and of these stopped early.
    """

    settings: Params
    n_trials: int = 0
    n_stopped: int = 0


@dataclass
class Search:
    """A search for settings of a candidate, by some protocols, on some rows.

    Parameters
    ----------
    name
        Tells it from the others, and seeds it.
    candidate
        Whose settings are looked for.
    protocols
        By which the rows are divided; several take turns.
    rows
        All that it sees of the material.
    seconds
        Its share of the budget.
    n_trials
        Trials to carry out; 0 for as many as the seconds allow.
    stop
        Set by whoever wants it to end.
    """

    name: str
    candidate: str
    protocols: tuple[Protocol, ...]
    rows: NDArray[np.int64]
    material: Material
    config: TrainingConfig
    seconds: float
    n_trials: int
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, known: list[FrozenTrial], keep: Keep) -> Found:
        """Go on from known trials until the budget is spent; keep each new one.

        Seconds that known trials took are spent already.
        """
        optuna = silent_optuna()
        start = time.perf_counter()
        # From the second trial on: the first is the one to beat.
        pruner = optuna.pruners.MedianPruner(n_startup_trials=1)
        study = optuna.create_study(direction="maximize", pruner=pruner)
        study.add_trials(known[: self.n_trials or None])
        if not known:
            study.enqueue_trial(self._defaults())
        earlier = sum(trial.user_attrs.get("seconds", 0.0) for trial in known)
        deadline = start + self.seconds - earlier
        if self._goes_on(study, deadline):
            try:
                inner = self._inner_folds()
            except NotEnoughDataError:
                # Too small to be divided again: the configuration's settings stand.
                return Found({})
            while self._goes_on(study, deadline):
                trial = self._try(study, inner, deadline)
                if trial:
                    keep(trial)
        return self._found(study)

    def _goes_on(self, study: Any, deadline: float) -> bool:
        if self._is_over(deadline):
            return False
        n_done = sum(trial.state.is_finished() for trial in study.trials)
        return not self.n_trials or n_done < self.n_trials

    def _is_over(self, deadline: float) -> bool:
        return self.stop.is_set() or time.perf_counter() >= deadline

    def _found(self, study: Any) -> Found:
        finished = [trial for trial in study.trials if trial.state.is_finished()]
        complete = [trial for trial in finished if trial.state.name == "COMPLETE"]
        if not complete:
            return Found({})
        best = max(complete, key=lambda trial: (trial.value, -trial.number))
        defaults = self._defaults()
        settings = {name: value for name, value in best.params.items() if value != defaults[name]}
        return Found(settings, len(finished), len(finished) - len(complete))

    def _defaults(self) -> Params:
        params = self.config.params_of(self.candidate)
        return {name: params[name] for name in self.config.space_of(self.candidate)}

    def _inner_folds(self) -> list[tuple[Fold, FoldInputs]]:
        """Divide the rows again by the same groups; fit the recipe in each part anew."""
        folds = inner_folds(self.material, self.rows, self.protocols, self.config)
        return [
            (fold, fold_inputs(self.material, fold, self.config, uses_history=by.uses_history))
            for fold, by in folds
        ]

    def _try(
        self, study: Any, inner: list[tuple[Fold, FoldInputs]], deadline: float
    ) -> FrozenTrial | None:
        """Carry out one trial; None where there is no time left to finish it."""
        optuna = silent_optuna()
        start = time.perf_counter()
        # A sampler of its own for each trial: a study gone on with continues as it would have.
        study.sampler = optuna.samplers.TPESampler(
            seed=self._seed(len(study.trials)), n_startup_trials=_RANDOM, multivariate=True
        )
        trial = study.ask(_distributions(self.config, self.candidate))
        config = _quick(self.config.having(self.candidate, trial.params), self.candidate)
        scores: list[float] = []
        for step, (fold, inputs) in enumerate(inner):
            if self._is_over(deadline):
                return None
            scores.append(self._scored(fold, inputs, config))
            trial.report(float(np.mean(scores)), step)
            if step + 1 < len(inner) and trial.should_prune():
                break
        # Rounded, since a time is no part of the result.
        trial.set_user_attr("seconds", round(time.perf_counter() - start, 1))
        if len(scores) < len(inner):
            pruned: FrozenTrial = study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return pruned
        finished: FrozenTrial = study.tell(trial, float(np.mean(scores)))
        return finished

    def _scored(self, fold: Fold, inputs: FoldInputs, config: TrainingConfig) -> float:
        model = fit_candidate(
            self.candidate, self.material, fold.train, inputs.recipe, inputs.train, config
        )
        return score_of(self.material, fold.test, model.predict(inputs.test))

    def _seed(self, number: int) -> int:
        parts = [self.config.seed, zlib.crc32(self.name.encode()), number]
        return int(np.random.SeedSequence(parts).generate_state(1)[0])


def _distributions(config: TrainingConfig, candidate: str) -> dict[str, Any]:
    distributions = silent_optuna().distributions
    kinds = {int: distributions.IntDistribution, float: distributions.FloatDistribution}
    return {
        name: kinds[type(range_.low)](range_.low, range_.high, log=range_.log)
        for name, range_ in config.space_of(candidate).items()
    }


def _quick(config: TrainingConfig, candidate: str) -> TrainingConfig:
    """Make fits cheaper by the factors that the candidate states."""
    params = config.params_of(candidate)
    quick: Params = {}
    for name, factor in candidate_named(candidate).quick.items():
        scaled = params[name] * factor
        quick[name] = max(1, round(scaled)) if isinstance(params[name], int) else min(1.0, scaled)
    return config.having(candidate, quick)


def score_of(material: Material, rows: NDArray[np.int64], raw: Values) -> float:
    """Score raw answers for some rows by the metric that candidates are chosen by."""
    values, weight = material.values[rows], material.keys.weight_among(rows)
    if material.target.task == "binary":
        return hit_metrics(values, raw, 0.5)(weight)["roc_auc"]
    if material.target.task == "multiclass":
        return tier_metrics(values, raw)(weight)["rpss"]
    points = point_answers(material.target, raw)
    return mean_metrics(values, points, points)(weight)["r2"]
