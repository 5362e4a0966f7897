"""Which candidate the starter oracle is to be: on its own inputs, with what each would cost.

The starter knows no artists and no releases, and nothing of it rests on fewer than twenty
tracks: who is ahead with all columns need not be ahead here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from tools.build_starter import CONFIG, LEAST_HESSIAN

import trackoracle
from benchmarks.accuracy import LABELS, METRICS, Contest, Standing, number, stand, with_interval
from benchmarks.candidates import asked, cost_of
from benchmarks.judging import KEPT, Court
from benchmarks.material import Material
from benchmarks.measuring import stopwatch
from benchmarks.results import Claim, Line, Result, seconds
from trackoracle.schema import Popularity
from trackoracle.settings import Settings
from trackoracle.splits import HONEST
from trackoracle.training import SearchSettings, TrainingConfig, workers

N_EXPLAINED = 40
SHIPPED = "lightgbm_bins, as it ships"


@dataclass(frozen=True)
class Cost:
    """What a starter of one candidate would cost.

    Parameters
    ----------
    megabytes
        Of recipe and model, packed as in an oracle.
    predict, explain
        Seconds for one track, the middle of 40.
    error
        The largest standard error of a track's contributions, in points, the middle of 40
        tracks; None where they are exact.
    """

    megabytes: float
    predict: float
    explain: float
    error: float | None

    def cells(self) -> dict[str, str]:
        """Return the cost as cells of the table."""
        return {
            "MB": f"{self.megabytes:.1f}",
            "predict": seconds(self.predict),
            "explain": seconds(self.explain),
            "error": "exact" if self.error is None else f"{self.error:.2f} points",
        }


def contenders() -> dict[str, tuple[str, TrainingConfig]]:
    """Return the candidates that may be the starter, with its settings; what ships first.

    The others keep their profile's settings, but for what a leaf must rest on.
    """
    leaves = {"min_sum_hessian_in_leaf": LEAST_HESSIAN}
    fast = replace(CONFIG, params={"lightgbm_bins": leaves})
    mixture, with_network = asked("ensemble_with_network", fast)
    return {
        SHIPPED: ("lightgbm_bins", CONFIG),
        "lightgbm_bins, fast profile": ("lightgbm_bins", fast),
        "lightgbm_bins, full profile": ("lightgbm_bins", replace(fast, profile="full")),
        "mixture with a network": (
            mixture,
            replace(with_network, params={**fast.params, **with_network.params}),
        ),
        "by_genre": ("by_genre", fast),
    }


def run(material: Material, kept: Path = KEPT, n_bootstrap: int = 200) -> Result:
    """Judge the contenders in the same folds, and measure what each costs."""
    catalog, asked_of = trackoracle.load_catalog(material.path), contenders()
    standings: list[Standing] = []
    with workers(Settings.from_environment().n_jobs) as pool:
        court = Court.of(catalog, Popularity(), kept, pool)
        for protocol in HONEST:
            judged = {
                name: court.ours(candidate, config, protocol)
                for name, (candidate, config) in asked_of.items()
            }
            standings += stand(
                Contest(protocol, judged, "regression", METRICS["regression"]), n_bootstrap
            )
        costs = {
            name: _cost(catalog, court, candidate, config)
            for name, (candidate, config) in asked_of.items()
        }
    return Result(
        "starter",
        "which candidate is the starter oracle to be?",
        f"{material.name}, without artists and releases; 5 folds; differences are paired, 95 %, "
        "by what the protocol holds out",
        tuple(_line(name, standings, cost) for name, cost in costs.items()),
        claims(standings),
        {
            "standings": [asdict(standing) for standing in standings],
            "costs": {name: asdict(cost) for name, cost in costs.items()},
        },
    )


def _cost(
    catalog: trackoracle.Catalog, court: Court, candidate: str, config: TrainingConfig
) -> Cost:
    """Weigh the model of all rows; ask an oracle that learned as much, and was judged once."""
    weighed = court.whole(candidate, config, cost_of)
    once = replace(
        config,
        candidates=(candidate,),
        protocols=("new_artist",),
        n_folds=2,
        n_bootstrap=20,
        search=SearchSettings(seconds=0),
    )
    oracle = trackoracle.train(catalog, config=once)
    tracks = catalog.tracks.drop("popularity").head(N_EXPLAINED).to_dicts()
    oracle.explain(tracks[0])
    predicted, explained, errors = [], [], []
    for track in tracks:
        with stopwatch() as watch:
            oracle.predict(track)
        predicted.append(watch.seconds)
        with stopwatch() as watch:
            told = oracle.explain(track)
        explained.append(watch.seconds)
        if not told.exact:
            errors.append(max(part.error or 0.0 for part in told.attributions))
    return Cost(
        float(weighed["megabytes"]),
        median(predicted),
        median(explained),
        median(errors) if errors else None,
    )


def _line(name: str, standings: list[Standing], cost: Cost) -> Line:
    cells = {}
    for own in (standing for standing in standings if standing.model == name):
        for metric, score in own.scores.items():
            ahead = f", {with_interval(metric, own.ahead[metric])}" if own.ahead else ""
            cells[f"{own.contest}: {LABELS[metric]}"] = number(metric, score.value) + ahead
    return Line(name, cells | cost.cells())


def claims(standings: list[Standing]) -> tuple[Claim, ...]:
    """Say of every rival whether it leaves what ships where it is.

    It would take its place if it were ahead beyond chance under every protocol.
    """

    def told(name: str) -> Claim:
        ahead = [s.ahead["r2"].low > 0 for s in standings if s.model == name]
        return Claim(
            f"{name} is ahead of what ships under {sum(ahead)} of {len(ahead)} protocols: not all",
            not all(ahead),
        )

    rivals = dict.fromkeys(s.model for s in standings if s.model != SHIPPED)
    return tuple(map(told, rivals))
