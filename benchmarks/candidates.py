"""One leaderboard of every candidate under every honest protocol, with what each costs.

A cell is one candidate under one protocol, all folds: it is kept on disk when it is done, and a
run that was stopped goes on with the others.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

import trackoracle
from benchmarks import leaderboard_page
from benchmarks.accuracy import METRICS
from benchmarks.judging import KEPT, Arrays, Court, Fitted
from benchmarks.material import Material
from benchmarks.results import Line, Result, seconds
from trackoracle.artifact.archive import write_archive
from trackoracle.evaluation import Drawn, draw_metrics, metrics_of, paired_difference
from trackoracle.models import CANDIDATES, Profile, candidate_named
from trackoracle.schema import Catalog, Estimate, Hit, Popularity, Target
from trackoracle.sealed import to_npy
from trackoracle.settings import Settings
from trackoracle.splits import HONEST
from trackoracle.training import TrainingConfig, judged_answers, workers

N_BOOTSTRAP = 200
N_SINGLE, N_MANY = 20, 10_000
WITH_NETWORKS = {
    "ensemble_with_network": (
        "ensemble", ("lightgbm_bins", "network_bins", "lightgbm", "xgboost", "forest", "network"),
    ),
    "stack_of_network_and_forest": ("stack", ("network", "forest")),
}  # fmt: skip
"""Candidates with members that need torch, which their settings do not name by themselves."""
ALL = (*CANDIDATES, *WITH_NETWORKS)


@dataclass(frozen=True)
class Entry:
    """One candidate on one file.

    Parameters
    ----------
    name
        Of the candidate.
    exact
        Whether its contributions are exact, when fitted on all rows.
    scores
        By protocol and metric.
    seconds
        Of a processor, for all folds of all protocols, recipes included.
    megabytes
        Of recipe and model, packed as in an oracle.
    single, many
        Seconds that the model takes for one track (median), and for each of 10,000 together.
    ahead
        By protocol: by how much it is ahead of the best with exact contributions, paired, in
        the metric by which the contest is ordered; empty of that one itself.
    """

    name: str
    exact: bool
    scores: dict[str, dict[str, Estimate]]
    seconds: float
    megabytes: float
    single: float
    many: float
    ahead: dict[str, Estimate] = field(default_factory=dict)

    def mean(self, metric: str) -> float:
        """Return a metric's mean over the protocols."""
        return float(np.mean([scores[metric].value for scores in self.scores.values()]))


@dataclass(frozen=True)
class Contest:
    """All candidates on one file.

    Parameters
    ----------
    name
        Of file and target.
    n_tracks
        Labelled tracks.
    metrics
        By which it is ordered, and what is told beside.
    entries
        The best first.
    """

    name: str
    n_tracks: int
    metrics: tuple[str, str]
    entries: tuple[Entry, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let the command line say how much of it is run, and where its page goes."""
    group = parser.add_argument_group("candidates")
    group.add_argument(
        "--share", type=float, default=1.0, help="of the artists, for a trial (default: all)"
    )
    group.add_argument("--profile", choices=("fast", "full"), default="fast", help="settings")
    group.add_argument(
        "--only", default="", metavar="NAME,NAME", help=f"of {', '.join(ALL)} (default: all)"
    )
    group.add_argument("--to", type=Path, metavar="FOLDER", help="write leaderboard.md and figure")


def with_options(arguments: argparse.Namespace) -> Callable[[Material], Result]:
    """Return the benchmark as the command line asks for it."""
    names = tuple(filter(None, arguments.only.split(","))) or ALL
    return partial(
        run, share=arguments.share, profile=arguments.profile, names=names, to=arguments.to
    )


def run(
    material: Material,
    share: float = 1.0,
    profile: Profile = "fast",
    names: Sequence[str] = ALL,
    to: Path | None = None,
    kept: Path = KEPT,
) -> Result:
    """Judge the candidates on the tracks, and where its files are there on the hit predictor."""
    for name in names:
        asked(name, TrainingConfig())
    config = TrainingConfig(profile=profile)
    files: list[tuple[str, str, Target]] = [(material.name, material.path, Popularity())]
    hits = Path(material.path).parents[1] / "hit-predictor"
    if hits.exists():
        files.append(("real data: hit-predictor", str(hits), Hit()))
    with workers(Settings.from_environment().n_jobs) as pool:
        contests = []
        for name, path, target in files:
            catalog = part_of(trackoracle.load_catalog(path), share)
            court = Court.of(catalog, target, kept, pool)
            contests.append(_contest(f"{target.name}, {name}", court, names, config))
    told = f"{profile} profile, 5 folds" + (f", {100 * share:g} % of the artists" * (share < 1))
    if to is not None:
        leaderboard_page.write(contests, told, to)
    return Result(
        "candidates",
        "who predicts best under each protocol, and at what cost?",
        f"{told}; 95 % intervals resample what the protocol holds out; ahead is of the best whose "
        "contributions are exact, paired",
        tuple(_line(contest, entry) for contest in contests for entry in contest.entries),
        (),
        {"contests": [asdict(contest) for contest in contests]},
    )


def part_of(catalog: Catalog, share: float) -> Catalog:
    """Return the tracks of a share of the artists, drawn by seed 0."""
    if not 0 < share <= 1:
        raise SystemExit(f"--share: expected above 0 to 1, got {share:g}. Correct it.")
    artist = catalog.keys.first_artist
    rank = np.random.default_rng(0).permutation(int(artist.max()) + 1)
    return catalog.take(np.flatnonzero(rank[artist] < share * len(rank)))


def asked(name: str, config: TrainingConfig) -> tuple[str, TrainingConfig]:
    """Return the candidate that is meant, and its settings."""
    if name not in WITH_NETWORKS:
        return candidate_named(name).name, config
    candidate, members = WITH_NETWORKS[name]
    return candidate, replace(config, params={candidate: {"members": members}})


def _contest(name: str, court: Court, names: Sequence[str], config: TrainingConfig) -> Contest:
    task = court.target.task
    learns = [n for n in names if task in candidate_named(asked(n, config)[0]).tasks]
    first, beside = METRICS[task]
    entered = [_entry(n, court, config) for n in learns]
    ordered = sorted(entered, key=lambda pair: -pair[0].mean(first))
    best = next((drawn for entry, drawn in ordered if entry.exact), {})
    entries = tuple(
        replace(entry, ahead={p: paired_difference(drawn[p], best[p], first) for p in best})
        if drawn is not best
        else entry
        for entry, drawn in ordered
    )
    return Contest(name, len(court.catalog), (first, beside), entries)


def _entry(name: str, court: Court, config: TrainingConfig) -> tuple[Entry, dict[str, Drawn]]:
    """Return a candidate's entry, and by protocol the draws behind its scores."""
    drawn, taken = {}, 0.0
    candidate, config = asked(name, config)
    for protocol in HONEST:
        if protocol == "known_artist" and not court.catalog.keys.has_albums:
            continue
        material, judgement = court.judgement(candidate, config, protocol)
        judged = judged_answers(material, judgement, candidate)
        drawn[protocol] = draw_metrics(
            metrics_of(judged, court.target.task), judged, n_bootstrap=N_BOOTSTRAP, seed=0
        )
        taken += judgement.seconds[candidate]
    cost = court.whole(candidate, config, cost_of)
    scores = {protocol: own.estimates() for protocol, own in drawn.items()}
    entry = Entry(
        name=name,
        exact=bool(cost["exact"]),
        scores={p: {m: own[m] for m in METRICS[court.target.task]} for p, own in scores.items()},
        seconds=taken,
        megabytes=float(cost["megabytes"]),
        single=float(cost["single"]),
        many=float(cost["many"]),
    )
    return entry, drawn


def cost_of(fitted: Fitted) -> Arrays:
    """Measure what a model weighs on disk, and what an answer takes of one thread."""
    model, matrix = fitted.model, fitted.matrix[:N_MANY]
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.oracle")
        facts, arrays = fitted.recipe.state()
        files = {f"recipe/{name}.npy": to_npy(array) for name, array in arrays.items()}
        files |= {f"model/{name}": content for name, content in model.members().items()}
        write_archive(path, {"recipe": facts}, files)
        size = path.stat().st_size / 1e6
    model.predict(matrix[:1])
    singles = [_timed(model.predict, matrix[i : i + 1]) for i in range(min(N_SINGLE, len(matrix)))]
    return {
        "megabytes": np.array(size),
        "single": np.array(median(singles)),
        "many": np.array(_timed(model.predict, matrix) / len(matrix)),
        "exact": np.array(model.additive() is not None),
    }


def _timed(work: Callable[[np.ndarray], object], matrix: np.ndarray) -> float:
    start = time.perf_counter()
    work(matrix)
    return time.perf_counter() - start


def _line(contest: Contest, entry: Entry) -> Line:
    first, beside = contest.metrics
    cells = {}
    for protocol, own in entry.scores.items():
        cells[protocol] = f"{leaderboard_page.told(own[first])}, {own[beside].value:.3g}"
        if protocol in entry.ahead:
            cells[f"{protocol}: ahead"] = leaderboard_page.told(entry.ahead[protocol], digits=4)
    cells |= {
        "fits": seconds(entry.seconds),
        "MB": f"{entry.megabytes:.2f}",
        "one track": seconds(entry.single),
        "each of 10,000": seconds(entry.many),
        "exact": "yes" if entry.exact else "no",
    }
    return Line(f"{contest.name.split(',')[0]}: {entry.name}", cells)
