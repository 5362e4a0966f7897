"""Whether CatBoost earns its 288 MB: beside LightGBM on the same inputs, and mixed with it.

The first of five folds of a protocol. Both are shown the same views of the same rows, with the
same weights, and of a popularity the same classes of points; they are judged as they say it,
before calibration. CatBoost's rounds are so many that it may take thirty times as long; nothing
else of it is tuned.
"""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import trackoracle
from benchmarks.accuracy import LABELS, METRICS, Contest, Standing, stand
from benchmarks.environments import environment
from benchmarks.judging import FITTING, KEPT, SEED, Arrays, Court
from benchmarks.leaderboard_page import told
from benchmarks.material import Material
from benchmarks.measuring import stopwatch
from benchmarks.results import Claim, Line, Result, seconds
from trackoracle.distributions import Distribution
from trackoracle.evaluation import Judged
from trackoracle.models import FitRequest, Model, candidate_named
from trackoracle.models.binned_booster import BinnedModel
from trackoracle.schema import Hit, Popularity, Target, middles
from trackoracle.settings import Settings
from trackoracle.splits import Fold
from trackoracle.training import TrainingConfig, fit_rows, labelled_material, workers
from trackoracle.training.fitting import BY_RECORDING, InnerFolds

CATBOOST = ("catboost==1.2.8",)
OURS, RIVAL, MIXTURE = "LightGBM", "CatBoost", "half of each"
SETTINGS: dict[str, Any] = {
    "depth": 6,
    "iterations": 600,
    "learning_rate": 0.12,
    "border_count": 63,
    "rsm": 0.4,
    "random_seed": SEED,
    "thread_count": 2,
    "allow_writing_files": False,
    "verbose": False,
}
"""CatBoost's: a depth that is its default, inputs and borders as LightGBM has them."""
N_BOOTSTRAP = 200
_WORKER = Path(__file__).with_name("catboost_worker.py")
_LOSSES = {"regression": "MultiClass", "binary": "Logloss"}
"""By task: what CatBoost learns by; of a popularity, classes of points."""
Values = NDArray[np.float64]
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """One fold of a protocol, on one file.

    Parameters
    ----------
    name, protocol
        What is predicted, and how tracks are held out.
    court
        The tracks.
    candidate
        LightGBM's, of the target.
    """

    name: str
    protocol: str
    court: Court
    candidate: str

    @property
    def fold(self) -> Fold:
        """The only one that is judged."""
        return self.court.folds(self.protocol)[0]

    @cached_property
    def shown(self) -> tuple[FitRequest, Matrix]:
        """What both learn from, and the inputs of the rows that are judged."""
        config = TrainingConfig(seed=SEED)
        _, material, _ = labelled_material(self.court.catalog, self.court.target)
        recipe, matrix = fit_rows(material, self.fold.train, config)
        inner = InnerFolds(material, self.fold.train, recipe, matrix, config, BY_RECORDING)
        judged = recipe.transform(material.prepared.take(self.fold.test))
        return inner.request(self.candidate), judged

    @cached_property
    def lightgbm(self) -> tuple[Model, float]:
        """The candidate as it is trained, and the seconds of a processor that it took."""
        request = self.shown[0]
        with stopwatch() as watch:
            model = candidate_named(self.candidate).fit(request)
        return model, watch.cpu

    def beside(self, answers: Values) -> Judged:
        """Put answers for the judged rows, or probabilities of bins, beside the truth."""
        mean = middle = answers
        if answers.ndim == 2:
            up_to, known = answers.cumsum(axis=1), np.ones(len(answers), bool)
            whole = Distribution(middles(self.court.target), up_to, known)
            mean, middle = whole.mean, whole.median
        return self.court.beside(self.protocol, self.fold.test, mean, middle)


def run(material: Material, kept: Path = KEPT, n_bootstrap: int = N_BOOTSTRAP) -> Result:
    """Judge both on the same folds, and mixtures of half of each."""
    with workers(Settings.from_environment().n_jobs) as pool:
        found = [_judged(case, n_bootstrap) for case in cases(material, kept, pool)]
    return Result(
        "boosters",
        "does CatBoost earn its 288 MB?",
        f"{material.name}; one fold of five; before calibration; differences to LightGBM are "
        "paired, 95 %, by what the protocol holds out",
        tuple(_line(s, costs.get(s.model)) for standings, costs in found for s in standings),
        tuple(claim for standings, _ in found for claim in claims(standings)),
        {
            "standings": [asdict(s) for standings, _ in found for s in standings],
            "costs": {standings[0].contest: costs for standings, costs in found},
        },
    )


def cases(material: Material, kept: Path, pool: ThreadPoolExecutor) -> list[Case]:
    """Return the popularity of new artists and of a known catalog, and where it is there, hits."""

    def court(path: str, target: Target) -> Court:
        return Court.of(trackoracle.load_catalog(path), target, kept, pool)

    points = court(material.path, Popularity())
    found = [
        Case("popularity", name, points, "lightgbm_bins") for name in ("new_artist", "catalog")
    ]
    hits = Path(material.path).parents[1] / "hit-predictor"
    if hits.exists():
        found.append(Case("hit predictor", "new_artist", court(str(hits), Hit()), "lightgbm"))
    return found


def _judged(case: Case, n_bootstrap: int) -> tuple[list[Standing], dict[str, dict[str, float]]]:
    """Return scores, and what each took."""
    answers, costs = {}, {}
    for name, answer in ((OURS, _lightgbm), (RIVAL, _catboost)):
        facts = {"boosters": name, "protocol": case.protocol, "candidate": case.candidate}
        facts |= {"wanted": CATBOOST, "settings": SETTINGS} if name == RIVAL else {}
        found = case.court.kept(facts, (*FITTING, Path(__file__), _WORKER), partial(answer, case))
        answers[name] = found["answers"]
        costs[name] = {key: float(found[key]) for key in ("fitted", "answered", "megabytes")}
    answers[MIXTURE] = (answers[OURS] + answers[RIVAL]) / 2
    judged = {name: case.beside(own) for name, own in answers.items()}
    task = case.court.target.task
    contest = Contest(f"{case.name}, {case.protocol}", judged, task, METRICS[task])
    return stand(contest, n_bootstrap), costs


def _lightgbm(case: Case) -> Arrays:
    model, fitted = case.lightgbm
    judged = case.shown[1]
    with stopwatch() as watch:
        answers = model.predict(judged)
    return {
        "answers": answers,
        "fitted": fitted,
        "answered": watch.cpu / len(judged),
        "megabytes": sum(map(len, model.members().values())) / 1e6,
    }


def _catboost(case: Case) -> Arrays:
    """Let CatBoost learn and answer, of a popularity in the classes of LightGBM's candidate."""
    request, judged = case.shown
    model = case.lightgbm[0]
    target = request.target
    if isinstance(model, BinnedModel):
        target = model.class_of[np.searchsorted(request.bins, target, side="left")]
    python = environment("catboost", *CATBOOST)
    with TemporaryDirectory() as folder:
        names = ("arrays.npz", "answers.npy", "model.cbm", "told.json")
        paths = {name.partition(".")[0]: str(Path(folder, name)) for name in names}
        learned = {"matrix": request.matrix, "target": target, "weight": request.weight}
        np.savez(paths["arrays"], judged=judged, **learned)
        asked = {"loss_function": _LOSSES[request.task], **SETTINGS}
        question = Path(folder, "asked.json")
        question.write_text(json.dumps({**paths, "settings": asked}))
        subprocess.run([python, _WORKER, question], check=True, cwd=folder)
        answers, cost = np.load(paths["answers"]), json.loads(Path(paths["told"]).read_text())
    if isinstance(model, BinnedModel):
        answers = answers[:, model.class_of] * model.share
    else:
        answers = answers[:, 1]
    return {"answers": answers, **cost}


def _line(standing: Standing, cost: dict[str, float] | None) -> Line:
    """Return a line narrow enough for a terminal; all other figures are in the JSON."""
    cells = {"score": standing.told, "ahead by": ""}
    if standing.ahead:
        cells["ahead by"] = told(next(iter(standing.ahead.values())), digits=4)
    if cost is not None:
        cells |= {
            "fit": seconds(cost["fitted"]),
            "each": f"{cost['answered'] * 1e6:.3g} µs",
            "MB": f"{cost['megabytes']:.1f}",
        }
    return Line(f"{standing.contest}: {standing.model}", cells)


def claims(standings: list[Standing]) -> tuple[Claim, ...]:
    """Say whether CatBoost, alone or mixed, leaves LightGBM where it is."""

    def claim(standing: Standing) -> Claim:
        metric, ahead = next(iter(standing.ahead.items()))
        what = f"{standing.contest}: {standing.model} is not ahead of LightGBM beyond chance"
        return Claim(f"{what}, {LABELS[metric]} {told(ahead, digits=4)}", ahead.low <= 0)

    return tuple(map(claim, standings[1:]))
