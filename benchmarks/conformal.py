"""Whether the calibrated distribution is better than what conformal libraries make of LightGBM.

The training rows of a fold are divided once more, as its protocol divides rows: into a proper
training part and one for calibration. All get the same parts, the same inputs and the same views
of them, and are judged on the fold's test rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

import trackoracle
from benchmarks import conformal_rivals as rivals
from benchmarks.conformal_rivals import LEVEL, QUANTILES, Case, Part, Told, Values
from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result
from trackoracle.distributions import Distribution, fit_calibration
from trackoracle.evaluation import (
    LEAST_TESTED,
    Judged,
    averages,
    draw_metrics,
    interval_quality,
    paired_difference,
)
from trackoracle.models import candidate_named
from trackoracle.schema import Estimate, IntervalQuality, Popularity, Ragged
from trackoracle.splits import Fold, Protocol, make_folds, protocol_named
from trackoracle.training import Material as Labelled
from trackoracle.training import TrainingConfig, fit_rows, labelled_material
from trackoracle.training.fitting import BY_RECORDING, InnerFolds

OURS, CANDIDATE = "TrackOracle", "lightgbm_bins"
PROTOCOLS = ("new_artist", "catalog")
N_FOLDS, N_JUDGED, N_PARTS, SEED = 5, 1, 4, 0
"""The first of five folds is judged; one of four parts of its training rows calibrates."""
OFF = 0.05
"""A genre is off whose coverage is further than this from the level."""
EPSILON = 0.01
"""Spread over all points before the logarithm: empirical distributions call values impossible."""
LABELS = {
    "coverage": ("90 % holds", ".3f"),
    "width": ("width", ".2f"),
    "winkler": ("Winkler", ".2f"),
    "pinball": ("pinball", ".3f"),
    "mae": ("MAE", ".3f"),
    "crps": ("CRPS", ".3f"),
    "log_loss": ("log loss", ".3f"),
    "brier": ("Brier > 70", ".5f"),
}
LOSSES = ("winkler", "pinball", "mae", "crps", "log_loss", "brier")
"""Less is better; coverage and width alone are not."""
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Standing:
    """What one rival reached under a protocol, and by how much TrackOracle's losses are less.

    Parameters
    ----------
    scores, ahead
        By metric; `ahead` is paired, and empty of TrackOracle itself.
    intervals
        Coverage by genre.
    narrower
        TrackOracle's width at the level where it holds as much as this rival, over the
        rival's width.
    """

    protocol: str
    name: str
    n_tracks: int
    scores: dict[str, Estimate]
    ahead: dict[str, Estimate]
    intervals: IntervalQuality
    narrower: float | None

    @property
    def n_off(self) -> int:
        """Number of tested genres that are further than `OFF` from the level."""
        return sum(abs(group.coverage - LEVEL / 100) > OFF for group in self.intervals.groups)

    def lines(self) -> list[Line]:
        """Return the scores, and below them by how much TrackOracle is better."""
        cells = {LABELS[m][0]: format(of.value, LABELS[m][1]) for m, of in self.scores.items()}
        n_tested, n_sure = len(self.intervals.groups), len(self.intervals.off)
        cells["genres off"] = f"{self.n_off} of {n_tested}, {n_sure} beyond chance"
        if self.narrower is not None:
            cells["ours at this coverage"] = f"{self.narrower:.2f} x the width"
        ahead = {LABELS[m][0]: _with_interval(m, of) for m, of in self.ahead.items()}
        told = [Line(f"{self.protocol}: {self.name}", cells)]
        return [*told, Line("  TrackOracle better by", ahead)] if ahead else told


def run(
    material: Material,
    config: TrainingConfig | None = None,
    n_bootstrap: int = 200,
    protocols: Sequence[str] = PROTOCOLS,
) -> Result:
    """Judge the distribution and its rivals on some folds of each protocol."""
    config = config or TrainingConfig()
    catalog = trackoracle.load_catalog(material.path)
    _, labelled, _ = labelled_material(catalog, Popularity(), config.without)
    standings = [
        standing
        for name in protocols
        for standing in _judged(labelled, protocol_named(name), config, n_bootstrap)
    ]
    return Result(
        "conformal",
        "is the distribution better than conformal ones of the same inputs?",
        f"{material.name}; {N_JUDGED} of {N_FOLDS} folds; differences are paired, 95 %, by artist",
        tuple(line for standing in standings for line in standing.lines()),
        _claims(standings),
        {"standings": [asdict(s) | {"n_off": s.n_off} for s in standings]},
    )


def _judged(
    labelled: Labelled, protocol: Protocol, config: TrainingConfig, n_bootstrap: int
) -> list[Standing]:
    folds = make_folds(labelled.keys, protocol, N_FOLDS, SEED)[:N_JUDGED]
    tests, told = [], []
    for fold in folds:
        case, ours = divide(labelled, fold, protocol, config)
        tests.append(case.test)
        others = rivals.crepes_answers(case, SEED) | rivals.mapie_answers(case, SEED)
        told.append({OURS: Told.of(ours)} | others)
    artist = labelled.keys.first_artist[np.concatenate([fold.test for fold in folds])]
    joined = {name: Told.joined([each[name] for each in told]) for name in told[0]}
    return stand(protocol.name, Part.joined(tests), artist, joined, n_bootstrap)


def divide(
    labelled: Labelled, fold: Fold, protocol: Protocol, config: TrainingConfig
) -> tuple[Case, Distribution]:
    """Divide a fold's training rows; return what rivals get, and what TrackOracle makes of it."""
    keys, target = labelled.keys, labelled.target
    inner = make_folds(keys.take(fold.train), protocol, N_PARTS, SEED)[0]
    proper, apart = fold.train[inner.train], fold.train[inner.test]
    recipe, matrix = fit_rows(labelled, proper, config)

    def part(rows: Rows) -> Part:
        prepared = labelled.prepared.take(rows)
        genres = prepared.genres
        assert genres is not None
        return Part(
            recipe.transform(prepared),
            labelled.values[rows],
            keys.weight_among(rows),
            keys.recording[rows],
            recipe.knows_artist(prepared),
            genres,
        )

    calibration, test = part(apart), part(fold.test)
    request = InnerFolds(labelled, proper, recipe, matrix, config, BY_RECORDING).request(CANDIDATE)
    model = candidate_named(CANDIDATE).fit(request)
    own = fit_calibration(
        model.predict(calibration.matrix),
        calibration.values,
        calibration.weight,
        calibration.is_known,
        target.support,
        target.bins,
        calibration.genres,
    )
    assert request.groups is not None
    case = Case(
        request.matrix,
        request.target,
        request.weight,
        request.groups,
        calibration,
        test,
        target.support,
        rivals.regressor(config.params_of("lightgbm"), config.seed),
    )
    return case, own.distribution(model.predict(test.matrix), test.is_known, test.genres)


def stand(
    protocol: str, test: Part, artist: Rows, told: dict[str, Told], n_bootstrap: int
) -> list[Standing]:
    """Score all, TrackOracle first, under the same resamples of artists."""
    judged = {name: _beside(test, artist, own) for name, own in told.items()}
    drawn = {
        name: draw_metrics(
            averages(_columns(test.values, own)), judged[name], n_bootstrap=n_bootstrap, seed=SEED
        )
        for name, own in told.items()
    }
    groups, standings = genre_rows(test.genres), []
    for name in told:
        losses = [metric for metric in LOSSES if metric in drawn[name].values and name != OURS]
        ahead = {m: paired_difference(drawn[name], drawn[OURS], m) for m in losses}
        quality = interval_quality(judged[name], LEVEL, groups, artist, n_bootstrap=20, seed=SEED)
        width = None if name == OURS else _width_at(told[OURS], test, quality.coverage.value)
        standings.append(
            Standing(
                protocol,
                name,
                len(test.values),
                drawn[name].estimates(),
                ahead,
                quality,
                None if width is None else width / quality.width.value,
            )
        )
    return standings


def _beside(test: Part, artist: Rows, told: Told) -> Judged:
    median = told.quantiles[:, QUANTILES.index(0.5)]
    ends = {LEVEL: (told.low, told.high)}
    return Judged(test.values, median, median, test.weight, artist, ends)


def _columns(target: Values, told: Told) -> dict[str, Values]:
    """Return each track's share of every metric: (n,) each."""
    width = told.high - told.low
    short, long = np.maximum(told.low - target, 0), np.maximum(target - told.high, 0)
    # The interval score of Gneiting and Raftery (2007), of Winkler (1972).
    winkler = width + 2 / (1 - LEVEL / 100) * (short + long)
    beyond = target[:, None] - told.quantiles
    levels = np.array(QUANTILES)
    columns = {
        "coverage": ((short == 0) & (long == 0)).astype(np.float64),
        "width": width,
        "winkler": winkler,
        "pinball": np.maximum(levels * beyond, (levels - 1) * beyond).mean(axis=1),
        "mae": np.abs(beyond[:, QUANTILES.index(0.5)]),
    }
    return columns | ({} if told.distribution is None else _of_whole(target, told.distribution))


def _of_whole(target: Values, distribution: Distribution) -> dict[str, Values]:
    support, cumulative = distribution.support, distribution.cumulative
    steps = np.diff(support)
    off = cumulative[:, :-1] - (target[:, None] <= support[:-1])
    below, up_to = distribution.levels(target)
    mass = (1 - EPSILON) * (up_to - below) + EPSILON / len(support)
    above = Popularity().hit_above
    return {
        "crps": (off**2 * steps).sum(axis=1),
        "log_loss": -np.log(mass),
        "brier": (distribution.above(above) - (target > above)) ** 2,
    }


def _width_at(told: Told, test: Part, coverage: float) -> float | None:
    """Return the mean width of intervals at the level where they hold a share; None beyond all."""
    assert told.distribution is not None
    held, widths = [], []
    for level in np.linspace(0.7, 0.99, 30):
        low, high = told.distribution.interval(level)
        inside = (low <= test.values) & (test.values <= high)
        held.append(np.average(inside, weights=test.weight))
        widths.append(np.average(high - low, weights=test.weight))
    if not held[0] <= coverage <= held[-1]:
        return None
    return float(np.interp(coverage, held, widths))


def genre_rows(genres: Ragged) -> dict[str, Rows]:
    """Return the rows of each genre that has enough to be tested, by its hash."""
    hashes, code = np.unique(genres.values, return_inverse=True)
    count = np.bincount(code)
    return {
        f"{hashes[i]:016x}": genres.rows[code == i] for i in np.flatnonzero(count >= LEAST_TESTED)
    }


def _claims(standings: Sequence[Standing]) -> tuple[Claim, ...]:
    """Say of each loss whether TrackOracle's is less than every rival's, beyond chance."""
    claims = []
    for protocol in dict.fromkeys(standing.protocol for standing in standings):
        for metric in LOSSES:
            least = min(
                (s for s in standings if s.protocol == protocol and metric in s.ahead),
                key=lambda standing: standing.scores[metric].value,
            )
            ahead = least.ahead[metric]
            what = f"{protocol}: {LABELS[metric][0]} less than of {least.name}, the best rival, by"
            claims.append(Claim(f"{what} {_with_interval(metric, ahead)}", ahead.low > 0))
    return tuple(claims)


def _with_interval(metric: str, estimate: Estimate) -> str:
    value, low, high = (
        format(v, LABELS[metric][1]) for v in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({low} to {high})"
