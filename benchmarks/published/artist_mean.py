"""[A] Spotify Track Analytics: points from audio and the artist's mean popularity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.published import ours, sources
from benchmarks.published.folds import SEED, one_fifth
from benchmarks.published.sources import Rows
from benchmarks.published.step import Answers, Codes, Values
from trackoracle import Popularity

_AUDIO = (
    "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo",
)  # fmt: skip
_MACRO_GENRES = {
    "Pop": ("pop",),
    "Rock": ("rock",),
    "Hip-hop": ("hip hop", "rap", "trap"),
    "R&B": ("r&b", "soul"),
    "Electronic": ("electro", "techno", "house", "edm", "dance"),
    "Metal": ("metal", "hardcore"),
    "Jazz": ("jazz", "blues"),
    "Classical": ("classical", "orchestra", "piano"),
    "Latin": ("latin", "reggaeton", "sertanejo", "samba"),
    "Country": ("country",),
    "Folk": ("folk", "singer-songwriter"),
    "Indie": ("indie", "alternative"),
}
"""First match wins, as published; the rest is Other."""
_TUNED = {
    "max_depth": 11, "learning_rate": 0.02924, "subsample": 0.9747, "colsample_bytree": 0.9238,
    "gamma": 1.7433, "min_child_weight": 1,
}  # fmt: skip
"""Of the published search, as its notebook prints them; 750 trees."""


def replay(path: Path, settings: dict[str, Any]) -> Answers:
    """Answer for the test rows of one step."""
    rows = sources.tracks(path)
    without_id = pl.struct(pl.exclude("track_id"))
    one = "track_id" if settings["rows"] == "one a track" else without_id
    rows = rows.filter((pl.col(one) if isinstance(one, str) else one).is_first_distinct())
    split = one_fifth(rows.keys, settings["protocol"])
    (train, test), = split.pairs  # fmt: skip
    points = rows.table["popularity"].to_numpy().astype(float)
    median = None
    if settings["model"] == "TrackOracle":
        found = ours.predictions(rows, split, settings["protocol"], Popularity())
        answer, median = (found[c].to_numpy() for c in ("popularity", "popularity_median"))
    else:
        matrix = _matrix(rows, points, train, settings)
        model = _model(settings).fit(matrix[train], points[train])
        answer = model.predict(matrix[test]).astype(float)
    return Answers(
        points[test], answer, split.cluster[test], split.unit, "regression", len(train),
        median=median,
    )  # fmt: skip


def _matrix(rows: Rows, points: Values, train: Codes, settings: dict[str, Any]) -> Values:
    table = rows.table
    minutes = pl.col("duration_ms") / 60_000
    if settings["model"] == "linear":
        energy, dance, valence = (pl.col(n) for n in ("energy", "danceability", "valence"))
        inputs = table.select(
            *_AUDIO, "key", "mode", "time_signature", minutes.alias("minutes"),
            (energy * pl.col("loudness")).alias("energy_loudness"),
            ((dance + energy + valence) / 3).alias("mood"),
        )  # fmt: skip
        categories = table.select("explicit", "track_genre")
    else:
        inputs = table.select(
            *_AUDIO,
            minutes.alias("minutes"),
            (pl.col("energy") * pl.col("valence")).alias("energy_valence"),
            (pl.col("loudness") * pl.col("danceability")).alias("loudness_danceability"),
        )
        mean = _artist_mean(rows, points, train, settings["artist_mean"])
        inputs = inputs.with_columns(artist_mean=mean)
        categories = table.select("explicit", _macro_genre().alias("genre"))
    return np.hstack([inputs.cast(pl.Float64).to_numpy(), categories.to_dummies().to_numpy()])


def _macro_genre() -> pl.Expr:
    genre, named = pl.col("track_genre").str.to_lowercase(), pl.lit("Other")
    for name, parts in reversed(_MACRO_GENRES.items()):
        matches = pl.any_horizontal(genre.str.contains(part, literal=True) for part in parts)
        named = pl.when(matches).then(pl.lit(name)).otherwise(named)
    return named


def _artist_mean(rows: Rows, points: Values, train: Codes, which: str) -> Values:
    """Mean popularity of the rows with the same credits; of all training rows for new ones."""
    if which == "none":
        return np.zeros(len(points))
    credits = rows.table["artists"].rank("dense").to_numpy().astype(np.int64)
    learned = np.arange(len(points)) if which == "all rows" else train
    n = np.bincount(credits[learned], minlength=credits.max() + 1)
    total = np.bincount(credits[learned], points[learned], minlength=len(n))
    if which != "training rows, not its own":
        mean = np.where(n > 0, total / np.maximum(n, 1), points[train].mean())
        return mean[credits]
    own = np.zeros(len(points))
    own[train] = 1
    others, sums = n[credits] - own, total[credits] - own * points
    return np.where(others > 0, sums / np.maximum(others, 1), points[train].mean())


def _model(settings: dict[str, Any]) -> Any:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBRegressor

    match settings["model"]:
        case "linear":
            return make_pipeline(StandardScaler(), LinearRegression())
        case "XGBoost":
            return XGBRegressor(
                n_estimators=settings["n_trees"], random_state=SEED, n_jobs=1, **_TUNED
            )
        case _:
            return RandomForestRegressor(settings["n_trees"], random_state=SEED)
