"""AutoGluon with fifteen minutes beside TrackOracle, on the same new artists.

One split a task: the first of five folds by artist. AutoGluon is asked twice, of the columns as
they are loaded, and of our recipe's columns with our weights, whose making costs it nothing. It
fits all that it knows but forests, which kept to no limit here. TrackOracle trains the way its
users do: audit, calibration and the leaderboard of the fast profile's candidates under one
protocol count, and answers begin from the columns as they are loaded. Whether a popularity is
above 70 is asked of an oracle of such hits, and of the oracle of popularity.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import trackoracle
from benchmarks.accuracy import METRICS, Contest, Standing, stand, with_interval
from benchmarks.environments import environment
from benchmarks.judging import FITTING, KEPT, SEED, Arrays, Court
from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result, megabytes, seconds
from trackoracle.evaluation import Judged
from trackoracle.schema import Hit, Popularity, Target
from trackoracle.settings import Settings
from trackoracle.splits import Fold
from trackoracle.training import TrainingConfig, fit_rows, labelled_material, workers

AUTOGLUON = ("autogluon.tabular[lightgbm,catboost,xgboost,fastai,tabm,realmlp,ray]==1.6.3",)
SECONDS = 900
"""That AutoGluon may train, on two cores."""
RAW, RECIPE = "AutoGluon, columns as loaded", "AutoGluon, our recipe's columns"
OURS, OF_POPULARITY = "TrackOracle", "TrackOracle, of popularity"
LEAST_TRAINING, LEAST_ANSWERING = 5, 20
"""Times sooner that TrackOracle is to be."""
N_BOOTSTRAP, N_SINGLE, N_MANY = 200, 20, 10_000
N_REPEATS = 5
"""Of what takes TrackOracle under a second; AutoGluon's seconds are measured once."""
Values = NDArray[np.float64]
_PROTOCOL = "new_artist"
_ROOMS = Path(trackoracle.__file__).parent
_WORKER = Path(__file__).with_name("automl_worker.py")
_TARGET, _WEIGHT = "target_of_benchmark", "weight_of_benchmark"
_KEYS = ("track_id", "isrc")


@dataclass(frozen=True)
class Case:
    """A task: its name, the tracks, and what is predicted."""

    name: str
    court: Court
    target: Target

    @property
    def fold(self) -> Fold:
        """Return the only fold that is judged."""
        return self.court.folds(_PROTOCOL)[0]


@dataclass(frozen=True)
class Cost:
    """What a rival took.

    Parameters
    ----------
    trained
        Seconds of two cores.
    single, many
        Seconds for one track, and for each of 10,000.
    megabytes
        On disk.
    told
        What it chose.
    """

    trained: float
    single: float
    many: float
    megabytes: float
    told: str


def run(material: Material, kept: Path = KEPT, allowed: int = SECONDS) -> Result:
    """Let both learn from the same artists, and be judged on the same others."""
    data = Path(material.path).parents[1]
    catalog = trackoracle.load_catalog(material.path)
    with workers(Settings.from_environment().n_jobs) as pool:
        points = case("popularity", catalog, Popularity(), kept, pool)
        above = case("popularity > 70", catalog, Hit(above=70), kept, pool)
        found = [_judged(points, allowed), _judged(above, allowed, points)]
        if (data / "hit-predictor").exists():
            hits = trackoracle.load_catalog(data / "hit-predictor")
            found.append(_judged(case("hit predictor", hits, Hit(), kept, pool), allowed))
    lines = tuple(line for standings, costs in found for line in _lines(standings, costs))
    return Result(
        "automl",
        f"how does it do beside AutoGluon with {allowed} s?",
        f"{material.name}; artists of one fold of five held out; 95 % intervals by artist, "
        "differences paired",
        lines,
        tuple(claim for standings, costs in found for claim in claims(standings, costs)),
        {
            "standings": [asdict(s) for standings, _ in found for s in standings],
            "costs": {
                standings[0].contest: {name: asdict(cost) for name, cost in costs.items()}
                for standings, costs in found
            },
        },
    )


def case(
    name: str, catalog: trackoracle.Catalog, target: Target, kept: Path, pool: ThreadPoolExecutor
) -> Case:
    """Return a task on a catalog."""
    return Case(name, Court.of(catalog, target, kept, pool), target)


def _judged(
    one: Case, allowed: int, points: Case | None = None
) -> tuple[list[Standing], dict[str, Cost]]:
    """Return scores and costs of all on one task, AutoGluon's better answer first.

    Parameters
    ----------
    points
        The popularity of the same tracks, whose oracle tells hits too.
    """
    answers: dict[str, Judged] = {}
    costs: dict[str, Cost] = {}
    for name in (RAW, RECIPE):
        answers[name], costs[name] = _autogluon(one, name, allowed)
    own = _ours(one)
    answers[OURS], costs[OURS] = _beside(one, own["mean"], own["median"]), _cost(own)
    if points is not None:
        told = _ours(points)
        answers[OF_POPULARITY] = _beside(one, told["p_hit"], told["p_hit"])
        costs[OF_POPULARITY] = _cost(told)
    metrics = METRICS[one.target.task]
    contest = Contest(one.name, answers, one.target.task, metrics)
    plain = {s.model: s.scores[metrics[0]].value for s in stand(contest, 2)}
    first, second = sorted((RAW, RECIPE), key=lambda name: -plain[name])
    ordered = {name: answers[name] for name in (first, second, *answers)}
    return stand(Contest(one.name, ordered, one.target.task, metrics), N_BOOTSTRAP), costs


def _beside(one: Case, mean: Values, middle: Values) -> Judged:
    """Put answers for the fold's test rows beside the truth."""
    return one.court.beside(_PROTOCOL, one.fold.test, mean, middle)


def _cost(told: Arrays) -> Cost:
    named = {name: float(told[name]) for name in ("trained", "single", "many", "megabytes")}
    return Cost(**named, told=str(told["told"]))


def _ours(one: Case) -> Arrays:
    config = TrainingConfig(protocols=(_PROTOCOL,))
    facts = {"automl": OURS, "config": asdict(config)}
    places = (*FITTING, *(_ROOMS / room for room in ("training", "distributions")), Path(__file__))
    return one.court.kept(facts, places, lambda: _train(one, config))


def _train(one: Case, config: TrainingConfig) -> Arrays:
    catalog, fold = one.court.catalog, one.fold
    learned, judged = catalog.take(fold.train), catalog.take(fold.test).tracks
    began = time.perf_counter()
    oracle = trackoracle.train(learned, target=one.target, config=config)
    trained = time.perf_counter() - began
    if isinstance(oracle.target, Popularity):
        whole = oracle.distribution(judged)
        mean, middle, hits = whole.mean, whole.median, whole.above(oracle.target.hit_above)
    else:
        mean = middle = hits = oracle.predict(judged)["p_hit"].to_numpy()
    with TemporaryDirectory() as folder:
        path = Path(folder, "own.oracle")
        oracle.save(path)
        size = path.stat().st_size / 1e6
    singles = [_timed(oracle, judged[i : i + 1]) for i in range(N_SINGLE)]
    many = judged[:N_MANY]
    return {
        "mean": np.asarray(mean),
        "median": np.asarray(middle),
        "p_hit": hits,
        "trained": np.array(trained),
        "single": np.array(median(singles)),
        "many": np.array(median(_timed(oracle, many) for _ in range(N_REPEATS)) / len(many)),
        "megabytes": np.array(size),
        "told": np.array(oracle.report.chosen),
    }


def _timed(oracle: trackoracle.Oracle, rows: pl.DataFrame) -> float:
    start = time.perf_counter()
    oracle.predict(rows)
    return time.perf_counter() - start


def _autogluon(one: Case, name: str, allowed: int) -> tuple[Judged, Cost]:
    facts = {"automl": name, "seconds": allowed, "wanted": AUTOGLUON}
    told = one.court.kept(facts, (_WORKER,), lambda: _ask_autogluon(one, name, allowed))
    return _beside(one, told["mean"], told["median"]), _cost(told)


def _ask_autogluon(one: Case, name: str, allowed: int) -> Arrays:
    python = environment("autogluon", *AUTOGLUON)
    binary = one.target.task == "binary"
    tables = loaded_columns(one) if name == RAW else recipe_columns(one)
    with TemporaryDirectory() as folder:
        paths = {part: str(Path(folder, f"{part}.parquet")) for part in tables}
        for part, table in tables.items():
            table.write_parquet(paths[part])
        asked = {
            **paths,
            "target": _TARGET,
            "problem": "binary" if binary else "regression",
            "metric": "roc_auc" if binary else "r2",
            "weight": None if name == RAW else _WEIGHT,
            "seconds": allowed,
            "models": str(Path(folder, "models")),
            "answers": str(Path(folder, "answers.npy")),
            "told": str(Path(folder, "told.json")),
        }
        question = Path(folder, "asked.json")
        question.write_text(json.dumps(asked))
        subprocess.run([python, _WORKER, question], check=True, cwd=folder)
        told = json.loads(Path(asked["told"]).read_text())
        answers = np.load(asked["answers"])
    chosen = f"{told['best']}, {told['models']} models"
    measured = {key: np.array(told[key]) for key in ("trained", "single", "many", "megabytes")}
    return {"mean": answers, "median": answers, **measured, "told": np.array(chosen)}


def loaded_columns(one: Case) -> Mapping[str, pl.DataFrame]:
    """Return the columns as they were loaded, lists as text; no ids, and nothing of the target."""
    tracks, fold = one.court.catalog.tracks, one.fold
    hidden = {*_KEYS, "popularity", "hit"}
    lists = [name for name, dtype in tracks.schema.items() if dtype == pl.List(pl.String)]
    table = tracks.select(
        pl.col(name).list.join(";") if name in lists else pl.col(name)
        for name in tracks.columns
        if name not in hidden
    ).with_columns(pl.Series(_TARGET, _values(one)))
    return {"train": table[fold.train], "test": table[fold.test].drop(_TARGET)}


def recipe_columns(one: Case) -> Mapping[str, pl.DataFrame]:
    """Return our recipe's columns, fitted on the rows learned from, and our weights."""
    config = TrainingConfig(seed=SEED)
    _, material, _ = labelled_material(one.court.catalog, one.target)
    fold, keys = one.fold, one.court.catalog.keys
    recipe, matrix = fit_rows(material, fold.train, config)
    names = [f"input_{i}" for i in range(matrix.shape[1])]
    learned = pl.DataFrame(matrix, schema=names).with_columns(
        pl.Series(_TARGET, _values(one)[fold.train]),
        pl.Series(_WEIGHT, keys.weight_among(fold.train)),
    )
    judged = recipe.transform(material.prepared.take(fold.test))
    return {"train": learned, "test": pl.DataFrame(judged, schema=names)}


def _values(one: Case) -> Any:
    """Return the target's values (n,); classes as whole numbers."""
    values = one.target.values(one.court.catalog.tracks)
    return values.astype(np.int64) if one.target.task == "binary" else values


def claims(standings: list[Standing], costs: Mapping[str, Cost]) -> tuple[Claim, ...]:
    """Say whether TrackOracle is ahead of the better of AutoGluon's answers, and how much sooner.

    Ahead is beyond chance: the paired interval is above 0.
    """
    best, found = standings[0], []
    metric, rival = next(iter(best.scores)), costs[best.model]
    for standing in standings:
        if standing.model not in (OURS, OF_POPULARITY):
            continue
        own, told = costs[standing.model], f"{best.contest}, {standing.model}"
        found += [
            Claim(f"{told}: ahead of {best.model}", standing.ahead[metric].low > 0),
            Claim(
                f"{told}: trained in 1/{LEAST_TRAINING} of its time or less",
                own.trained * LEAST_TRAINING <= rival.trained,
            ),
            Claim(
                f"{told}: answers {N_MANY:,} in 1/{LEAST_ANSWERING} of its time or less",
                own.many * LEAST_ANSWERING <= rival.many,
            ),
        ]
    return tuple(found)


def _lines(standings: list[Standing], costs: Mapping[str, Cost]) -> list[Line]:
    """Return a line a model, narrow enough for a terminal; all other figures are in the JSON."""
    lines, metric = [], next(iter(standings[0].scores))
    for standing in standings:
        cost, ahead = costs[standing.model], standing.ahead.get(metric)
        cells = {
            "score": standing.told,
            "ahead by": "" if ahead is None else with_interval(metric, ahead),
            "training": seconds(cost.trained),
            "one": seconds(cost.single),
            "each of 10,000": f"{cost.many * 1e6:.3g} µs",
            "on disk": megabytes(cost.megabytes),
        }
        lines.append(Line(f"{standing.contest}: {standing.model}", cells))
    return lines
