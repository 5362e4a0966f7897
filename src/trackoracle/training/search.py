"""Look for settings inside training rows only, so that the scores of a fold stay nested.

Each fold has searches of its own, which see its training rows and nothing else. The settings
of the configuration are the first trial of each. What a search reached inside is never shown:
it is the best of many, and so too high (Cawley and Talbot 2010, JMLR 11).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

from trackoracle.errors import ConfigError
from trackoracle.models import candidate_named
from trackoracle.splits import HONEST
from trackoracle.training.config import TrainingConfig
from trackoracle.training.folds import Judgement, Place, Progress
from trackoracle.training.material import Material, fingerprint
from trackoracle.training.study import StudyFile, check_study, silent_optuna
from trackoracle.training.trials import Found, Search, score_of

ALL_ROWS = "all rows"


def check_search(config: TrainingConfig, study: Path | None = None) -> None:
    """Refuse, before any work, a search that cannot be carried out.

    Raises
    ------
    MissingExtraError
        When a search is asked for and Optuna is not installed.
    ConfigError
        When a study, or a number of trials, is given and nothing will be searched.
    StudyError
        When the study file is not whole.
    """
    if config.searched:
        silent_optuna()
        if study:
            check_study(study)
    elif study or config.search.n_trials:
        asked = "--study" if study else f"search.n_trials={config.search.n_trials}"
        raise ConfigError(
            f"{asked}: expected a run that searches, got profile {config.profile}, search.seconds="
            f"{config.search.seconds:g} and candidates {', '.join(config.names)}. "
            f"Choose --profile full with {' or '.join(config.search.candidates)}."
        )


@dataclass
class Searches:
    """The searches of one training run: one a fold and candidate, and one on all rows.

    Parameters
    ----------
    material, config
        Of the run.
    judgements
        Whose folds are searched in.
    n_jobs
        Searches at a time.
    file
        Where trials are kept and gone on from, if anywhere.
    """

    material: Material
    config: TrainingConfig
    judgements: Sequence[Judgement]
    n_jobs: int
    file: StudyFile | None = None
    done: list[Found] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def places(self) -> list[Place]:
        """Where to search: every fold, for every candidate that is searched and judged there."""
        return [
            (judgement.protocol.name, number, name)
            for judgement in self.judgements
            for number in range(len(judgement.folds))
            for name in self.config.searched
            if name in judgement.raw
        ]

    def in_folds(self, pool: ThreadPoolExecutor, progress: Progress) -> dict[Place, Found]:
        """Search the training rows of every fold, side by side."""
        by_name = {judgement.protocol.name: judgement for judgement in self.judgements}
        searches = {}
        for protocol, number, name in self.places:
            judgement = by_name[protocol]
            searches[protocol, number, name] = self._search(
                f"{protocol}, fold {number + 1}, {name}", name, [judgement],
                judgement.folds[number].train,
            )  # fmt: skip
        return dict(zip(searches, self._run(list(searches.values()), pool, progress), strict=True))

    def on_all_rows(self, name: str, pool: ThreadPoolExecutor, progress: Progress) -> Found:
        """Search all rows for the candidate that was chosen, by the protocols that chose it."""
        honest = [j for j in self.judgements if j.protocol.name in HONEST]
        rows = np.arange(len(self.material.values))
        return self._run([self._search(f"{ALL_ROWS}, {name}", name, honest, rows)], pool, progress)[
            0
        ]

    def _search(
        self, title: str, name: str, judgements: Sequence[Judgement], rows: np.ndarray
    ) -> Search:
        # Searches run n_jobs at a time, so each may take longer than its share of the clock.
        n_searches = len(self.places) + 1
        asked = self.config.search
        return Search(
            name=title,
            candidate=name,
            protocols=tuple(judgement.protocol for judgement in judgements),
            rows=rows,
            material=self.material,
            config=self.config,
            seconds=np.inf if asked.n_trials else asked.seconds * self.n_jobs / n_searches,
            n_trials=asked.n_trials,
            stop=self._stop,
        )

    def _run(
        self, searches: list[Search], pool: ThreadPoolExecutor, progress: Progress
    ) -> list[Found]:
        futures = {pool.submit(self._run_one, search): search.name for search in searches}
        try:
            for i, future in enumerate(as_completed(futures), start=1):
                future.result()
                progress(i, len(futures), f"search: {futures[future]}")
        except BaseException:
            # Threads cannot be killed, and the interpreter waits for them: let them end soon.
            self._stop.set()
            raise
        found = [future.result() for future in futures]
        self.done += found
        return found

    def _run_one(self, search: Search) -> Found:
        if self.file is None:
            return search.run([], lambda _: None)
        file = self.file
        return search.run(file.trials(search.name), lambda trial: file.add(search.name, trial))

    def notes(self) -> list[str]:
        """Say what was searched, and what it gained by scores on rows that no search saw."""
        asked, n_changed = self.config.search, sum(bool(found.settings) for found in self.done)
        budget = f"{asked.n_trials} trials each" if asked.n_trials else f"{asked.seconds:g} seconds"
        notes = [
            f"search: settings of {' and '.join(self.config.searched)} were looked for within the "
            f"training rows of each fold, so the scores are nested. {len(self.done)} searches, "
            f"budget {budget}: {sum(found.n_trials for found in self.done):,} trials, "
            f"{sum(found.n_stopped for found in self.done):,} of them stopped early; "
            f"in {n_changed} of them other settings than the profile's came out best."
        ]
        for name in self.config.searched:
            gained = [
                f"{judgement.protocol.name} {self._gained(judgement, name):+.4f}"
                for judgement in self.judgements
                if name in judgement.raw
            ]
            notes.append(
                f"search: mean gain of {name} over the profile's settings in the same folds, "
                f"before calibration: {', '.join(gained)}."
            )
        return notes

    def _gained(self, judgement: Judgement, name: str) -> float:
        """Score of a candidate's answers, less that with the profile's settings: mean by fold.

        By fold, since raw answers of different settings are not on one scale.
        """
        gained = []
        for number, fold in enumerate(judgement.folds):
            without = judgement.unsearched.get((name, number))
            if without is None:
                gained.append(0.0)
            elif len(np.unique(self.material.values[fold.test])) > 1:
                raw = judgement.raw[name][fold.test]
                gained.append(
                    score_of(self.material, fold.test, raw)
                    - score_of(self.material, fold.test, without)
                )
        return float(np.mean(gained)) if gained else 0.0


def open_study(path: Path, material: Material, config: TrainingConfig) -> StudyFile:
    """Open the study of these searches, or make it.

    Raises
    ------
    StudyError
        When it is of another target, configuration or catalog, or not whole.
    """
    facts = config.to_dict()
    # More time, more trials or narrower intervals make no earlier trial wrong.
    del facts["search"], facts["n_bootstrap"]
    spaces = {
        name: [str(item) for item in candidate_named(name).space.items()]
        for name in config.searched
    }
    return StudyFile(
        path,
        {
            "target": json.dumps(material.target.to_dict(), sort_keys=True).encode(),
            "config": json.dumps([facts, spaces, version("trackoracle")], sort_keys=True).encode(),
            "catalog": fingerprint(material).encode(),
        },
    )
