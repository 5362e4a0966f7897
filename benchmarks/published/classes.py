"""[N] neural popularity classes: a network of 80-80-80 on the format of a million tracks.

It runs on the rows at hand, the full file when that is given; the artists' popularity is joined
by name from the files of artist-popularity, the first row of a name as published.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.published import ours, sources
from benchmarks.published.folds import SEED, UNITS, Split
from benchmarks.published.sources import Rows
from benchmarks.published.step import Answers, Codes, Kind, Step, Values
from trackoracle import Tier
from trackoracle.schema import Keys
from trackoracle.splits import group_codes, make_folds, protocol_named

FOUR, ELEVEN = "N: popularity in four classes", "N: popularity in eleven classes"
EDGES = {4: (25.0, 50.0, 75.0), 11: tuple(float(edge) for edge in range(0, 100, 10))}
"""By number of classes: the popularity above which the next one begins."""
_NUMBERS = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms", "time_signature",
)  # fmt: skip
_ARTIST = "artist_popularity"


def replay(path: Path, settings: dict[str, Any]) -> Answers:
    """Answer for the test rows of one step."""
    rows = _with_artists(sources.million(path), path)
    edges = EDGES[settings["classes"]]
    tier = np.searchsorted(edges, rows.table["popularity"].to_numpy(), side="left")
    split = three_quarters(rows.keys, tier, settings["protocol"])
    ((train, test),) = split.pairs
    match settings["model"]:
        case "majority":
            share = np.bincount(tier[train], minlength=len(edges) + 1) / len(train)
            told = np.tile(share, (len(test), 1))
        case "network":
            told = _network(rows.table, tier, split, settings)
        case _:
            found = ours.predictions(rows, split, settings["protocol"], Tier(edges))
            told = found.select(pl.col("^p_tier_.*$")).to_numpy()
    return Answers(
        tier[test].astype(float), told @ np.arange(told.shape[1]), split.cluster[test],
        split.unit, "multiclass", len(train), tiers=told,
    )  # fmt: skip


def _with_artists(rows: Rows, path: Path) -> Rows:
    """Add what is known of the artists, and leave out the rows of which nothing is."""
    files = sorted((path.parents[1] / "artist-popularity").glob("*.csv"))
    if not files:
        raise FileNotFoundError(
            f"{path.parents[1]}: expected artist-popularity/*.csv, got none. [N] needs them."
        )
    known = pl.concat([pl.read_csv(file) for file in files])
    known = known.select("artist_name", pl.col("popularity").alias(_ARTIST))
    first = known.unique("artist_name", keep="first", maintain_order=True)
    table = rows.table.join(first, on="artist_name", how="left", maintain_order="left")
    return replace(rows, table=table).filter(pl.col(_ARTIST).is_not_null())


def three_quarters(keys: Keys, tier: Codes, protocol: str) -> Split:
    """Hold out a quarter once: stratified rows as published, or whole recordings or artists."""
    n = len(tier)
    if protocol == "random":
        from sklearn.model_selection import train_test_split

        rare = np.bincount(tier)[tier] < 2
        train, test = train_test_split(
            np.arange(n), test_size=0.25, random_state=SEED, stratify=np.where(rare, 0, tier)
        )
        return Split(((train, test),), np.arange(n), UNITS[protocol])
    chosen = protocol_named(protocol)
    fold = make_folds(keys, chosen, 4, SEED)[0]
    return Split(((fold.train, fold.test),), group_codes(keys, chosen.group), UNITS[protocol])


def _network(table: pl.DataFrame, tier: Codes, split: Split, settings: dict[str, Any]) -> Values:
    """Train three layers of 80, batches of 32, as published; NaN-free inputs, scaled on train."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    names = (*_NUMBERS, *([_ARTIST] if settings["artist_popularity"] else []))
    numbers = table.select(pl.col(names).cast(pl.Float64)).to_numpy()
    genres = table.select("genre").to_dummies().cast(pl.Float64).to_numpy()
    matrix = np.hstack([numbers, genres])
    ((train, test),) = split.pairs
    scale = StandardScaler().fit(matrix[train])
    network = MLPClassifier(
        (80, 80, 80), batch_size=32, max_iter=settings["epochs"], n_iter_no_change=1000,
        random_state=SEED,
    )  # fmt: skip
    with warnings.catch_warnings():
        # All epochs are run, as published, whether or not it has settled.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(scale.transform(matrix[train]), tier[train])
    told = np.zeros((len(test), len(EDGES[settings["classes"]]) + 1))
    told[:, network.classes_] = network.predict_proba(scale.transform(matrix[test]))
    return told


def steps() -> list[Step]:
    """Return the waterfalls of [N], four classes and eleven."""

    def step(
        classes: int, name: str, kind: Kind, protocol: str, model: str = "network", **more: Any
    ) -> Step:
        settings: dict[str, Any] = {"classes": classes, "protocol": protocol, "model": model}
        if model == "network":
            artist = more.pop("artist_popularity", classes == 4)
            settings |= {"epochs": 50, "artist_popularity": artist}
        return Step("N", FOUR if classes == 4 else ELEVEN, name, kind, settings, **more)

    majority = "always the most frequent class; none was published beside the accuracy"
    return [
        step(4, "as published", "as published", "random", published={"accuracy": 0.7842}, cost=15),
        step(4, "recordings held out whole", "leak removed", "catalog", cost=15),
        step(4, "artists held out whole", "leak removed", "new_artist", cost=15),
        step(
            4, "artist popularity left out", "leak removed", "new_artist", cost=15,
            artist_popularity=False,
            note="it was collected after the tracks' popularity, and is made of it",
        ),
        *(
            step(4, name, "TrackOracle", protocol, "TrackOracle", note=told, cost=40)
            for name, protocol, told in ours.JUDGED
        ),
        step(4, "majority class", "beside", "random", "majority", note=majority, cost=0.5),
        step(
            4, "majority class, artists out", "beside", "new_artist", "majority", cost=0.5,
        ),
        step(
            11, "as published", "as published", "random", published={"accuracy": 0.48}, cost=15,
            note="without the artists' popularity, with which just above .50 was published",
        ),
        step(11, "artists held out whole", "leak removed", "new_artist", cost=15),
        step(11, "majority class", "beside", "random", "majority", note=majority, cost=0.5),
    ]  # fmt: skip
