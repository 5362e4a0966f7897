"""How far TrackOracle is ahead of one plain LightGBM in the same folds, paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

import trackoracle
from benchmarks.judging import KEPT, Court
from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result
from trackoracle.evaluation import Drawn, Judged, draw_metrics, metrics_of, paired_difference
from trackoracle.schema import Estimate, Hit, Keys, Popularity, Task
from trackoracle.settings import Settings
from trackoracle.splits import HONEST, Fold
from trackoracle.training import TrainingConfig, workers

PLAIN, FAST, FULL = "plain LightGBM", "TrackOracle, fast", "TrackOracle, full"
HITS, HIT_PREDICTOR = "new_artist, popularity > 70", "new_artist, hit predictor"
MARGINS = {
    ("catalog", "r2"): 0.02,
    ("catalog", "mae"): 0.5,
    ("known_artist", "r2"): 0.03,
    ("new_artist", "r2"): 0.06,
    ("new_artist", "mae"): 0.7,
    (HITS, "roc_auc"): 0.04,
    (HITS, "pr_auc"): 0.10,
    (HIT_PREDICTOR, "roc_auc"): 0.009,
}
"""How far ahead it is to be."""
METRICS = {"regression": ("r2", "mae"), "binary": ("roc_auc", "pr_auc")}
"""By task: by what is chosen, and what is told beside."""
_POINTS, _RANKED = METRICS["regression"], METRICS["binary"]
LABELS = {"r2": "R2", "mae": "MAE", "roc_auc": "ROC-AUC", "pr_auc": "PR-AUC"}
_LESS_IS_BETTER = ("mae",)
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Contest:
    """Models that judged the same tracks.

    Parameters
    ----------
    name
        Protocol, and what is asked.
    judged
        By model, the plain one first.
    task, metrics
        By which they are scored.
    """

    name: str
    judged: Mapping[str, Judged]
    task: Task
    metrics: tuple[str, ...]

    def among(self, rows: Rows, name: str) -> Contest:
        """Return the contest on some of the tracks."""
        judged = {model: part.take(rows) for model, part in self.judged.items()}
        return Contest(name, judged, self.task, self.metrics)


@dataclass(frozen=True)
class Standing:
    """One model's scores in a contest, and how far it is ahead of the plain one, paired."""

    contest: str
    model: str
    n_tracks: int
    scores: dict[str, Estimate]
    ahead: dict[str, Estimate]

    @property
    def told(self) -> str:
        """All scores in one cell."""
        return ", ".join(
            f"{LABELS[m]} {number(m, score.value)}" for m, score in self.scores.items()
        )

    def line(self) -> Line:
        """Return the standing as a line of the table."""
        cells = {"tracks": f"{self.n_tracks:,}"}
        for metric, score in self.scores.items():
            cells[LABELS[metric]] = number(metric, score.value)
            if metric in self.ahead:
                cells[f"{LABELS[metric]}: ahead by"] = with_interval(metric, self.ahead[metric])
        return Line(f"{self.contest}: {self.model}", cells)


def run(material: Material, kept: Path = KEPT, n_bootstrap: int = 200) -> Result:
    """Judge both in the same folds, for popularity and, where its files are there, for hits."""
    data = Path(material.path).parents[1]
    catalog = trackoracle.load_catalog(material.path)
    with workers(Settings.from_environment().n_jobs) as pool:
        contests = popularity_contests(Court.of(catalog, Popularity(), kept, pool))
        if (data / "hit-predictor").exists():
            hits = trackoracle.load_catalog(data / "hit-predictor")
            contests.append(hit_contest(Court.of(hits, Hit(), kept, pool)))
    standings = [standing for c in contests for standing in stand(c, n_bootstrap)]
    return Result(
        "accuracy",
        "how far ahead of one plain LightGBM, in the same folds?",
        f"{material.name}; 5 folds; intervals of differences are paired, 95 %, by what the "
        "protocol holds out",
        tuple(standing.line() for standing in standings),
        claims(standings),
        {"standings": [asdict(standing) for standing in standings]},
    )


def popularity_contests(court: Court) -> list[Contest]:
    """Judge popularity under each protocol, the stricter readings and hits beside."""
    fast, full = TrainingConfig(), TrainingConfig(profile="full")
    contests = []
    for protocol in HONEST:
        judged = {
            PLAIN: court.plain(protocol),
            FAST: court.ours("lightgbm_bins", fast, protocol),
            FULL: court.ours("lightgbm_bins", full, protocol),
        }
        contests.append(Contest(protocol, judged, "regression", _POINTS))
        strict = unseen_albums(court.catalog.tracks["album_name"], court.folds(protocol))
        if protocol == "known_artist":
            known = with_known_artist(court.catalog.keys, court.folds(protocol))
            strict = np.intersect1d(strict, known)
        if protocol != "catalog":
            contests.append(contests[-1].among(strict, f"{protocol}, album name unseen"))
        if protocol == "new_artist":
            above = Popularity().hit_above
            ranked = {model: _hits(part, above) for model, part in judged.items()}
            ranked["plain classifier"] = court.plain(protocol, hits_above=above)
            contests.append(Contest(HITS, ranked, "binary", _RANKED))
            contests.append(contests[-1].among(strict, f"{HITS}, album name unseen"))
    return contests


def hit_contest(court: Court) -> Contest:
    """Judge the hit predictor's hits of new artists."""
    judged = {
        PLAIN: court.plain("new_artist", hits_above=0.5),
        FAST: court.ours("lightgbm", TrainingConfig(), "new_artist"),
        FULL: court.ours("lightgbm", TrainingConfig(profile="full"), "new_artist"),
    }
    return Contest(HIT_PREDICTOR, judged, "binary", _RANKED)


def _hits(judged: Judged, above: float) -> Judged:
    hits = judged.hits(above)
    assert hits is not None
    return hits


def unseen_albums(names: pl.Series, folds: Sequence[Fold]) -> Rows:
    """Return the rows whose album's name stands in no training row of the fold that judges them.

    A compilation crosses the border of folds by its name alone, and a debut is on no
    compilation that is known. A row without a name counts as unseen.
    """
    folded = names.str.to_lowercase().str.strip_chars()
    unseen = [
        fold.test[
            ~folded[fold.test].is_in(folded[fold.train].drop_nulls().implode()).fill_null(False)
        ]
        for fold in folds
    ]
    return np.sort(np.concatenate(unseen))


def with_known_artist(keys: Keys, folds: Sequence[Fold]) -> Rows:
    """Return the rows of which someone credited stands in a training row of the fold."""
    artists, row = np.asarray(keys.artists.values), np.asarray(keys.artists.rows)
    known = []
    for fold in folds:
        in_train = np.isin(artists, artists[np.isin(row, fold.train)])
        known.append(np.intersect1d(fold.test, row[in_train]))
    return np.sort(np.concatenate(known))


def stand(contest: Contest, n_bootstrap: int) -> list[Standing]:
    """Score every model of a contest under the same resamples."""
    drawn: dict[str, Drawn] = {
        model: draw_metrics(
            metrics_of(judged, contest.task), judged, n_bootstrap=n_bootstrap, seed=0
        )
        for model, judged in contest.judged.items()
    }
    first, *others = drawn
    n = len(contest.judged[first].target)
    standings = []
    for model in (first, *others):
        scores = drawn[model].estimates()
        ahead = {m: _ahead(drawn[model], drawn[first], m) for m in contest.metrics}
        standings.append(
            Standing(
                contest.name,
                model,
                n,
                {metric: scores[metric] for metric in contest.metrics},
                {} if model == first else ahead,
            )
        )
    return standings


def _ahead(ours: Drawn, plain: Drawn, metric: str) -> Estimate:
    """Return how much better a metric is, whichever way is better."""
    first, second = (plain, ours) if metric in _LESS_IS_BETTER else (ours, plain)
    return paired_difference(first, second, metric)


def claims(standings: Sequence[Standing]) -> tuple[Claim, ...]:
    """Say of TrackOracle's profiles whether they are as far ahead as they are to be."""
    return tuple(
        Claim(
            f"{standing.contest}: {LABELS[metric]} ahead by {margin:g} with {standing.model}: "
            f"{with_interval(metric, standing.ahead[metric])}",
            standing.ahead[metric].value >= margin,
        )
        for (contest, metric), margin in MARGINS.items()
        for standing in standings
        if standing.contest == contest and standing.model in (FAST, FULL)
    )


def number(metric: str, value: float) -> str:
    """Write a score with the digits of its metric."""
    return format(value, ".2f" if metric == "mae" else ".3f")


def with_interval(metric: str, estimate: Estimate) -> str:
    """Write a score, or a difference of scores, with its interval."""
    value, low, high = (number(metric, v) for v in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"
