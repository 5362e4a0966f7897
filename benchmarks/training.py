"""The whole leaderboard against one fit of the published forest, and who errs less."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.material import Material
from benchmarks.measuring import Measured, measure, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_FOLDS, FOLD = 5, 0
N_RESAMPLES = 200
_AUDIO = (
    "danceability", "energy", "loudness", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo",
)  # fmt: skip


def run(material: Material) -> Result:
    """Train, fit the forest, train again; then judge both on one fold of new artists."""
    path = material.path
    first = measure("benchmarks.training:train_all", path=path)
    forest = measure("benchmarks.training:fit_forest", path=path)
    second = measure("benchmarks.training:train_all", path=path)
    ours_s = (first.answer["seconds"] + second.answer["seconds"]) / 2
    names = ("ours", "forest", "forest_alone")
    files = {name: str(Path(material.folder, f"{name}.npy")) for name in names}
    chosen = first.answer["chosen"]
    measure("benchmarks.training:predict_fold", path=path, chosen=chosen, out=files["ours"])
    again = measure("benchmarks.training:forest_fold", path=path, out=files["forest"])
    measure(
        "benchmarks.training:forest_fold", path=path, out=files["forest_alone"], artist_mean=False
    )
    fold = measure("benchmarks.training:judge_fold", path=path, files=files).answer
    forest_s, peak_mb = forest.answer["seconds"], max(first.peak_mb, second.peak_mb)
    n_names = first.answer["n_candidates"]
    lines = (
        _line(f"TrackOracle: {n_names} candidates, all folds", ours_s, peak_mb, fold["ours"]),
        _line("[A]'s forest of 300 trees, one fit", forest_s, forest.peak_mb, fold["forest"]),
        Line("the same forest without artist mean", _errors(fold["forest_alone"])),
        Line(
            "ratio",
            {
                "wall": ratio(ours_s / forest_s),
                "peak memory": ratio(peak_mb / forest.peak_mb),
                "new artists: MAE": ratio(
                    fold["ours"]["mae"]["value"] / fold["forest_alone"]["mae"]["value"]
                ),
            },
        ),
    )
    figures = _figures(first, second, forest, again) | {"new_artist_fold": fold}
    return Result(
        "training",
        "what does a whole leaderboard cost beside one published fit, and who errs less?",
        f"{material.name}; errors: {chosen} and the forest on the {fold['n_test']:,} test tracks "
        "of one new_artist fold",
        lines,
        _claims(ours_s, forest_s, fold),
        figures,
    )


def _line(what: str, wall: float, peak_mb: float, scores: dict[str, Any]) -> Line:
    cells = {"wall": seconds(wall), "peak memory": megabytes(peak_mb), **_errors(scores)}
    return Line(what, cells)


def _errors(scores: dict[str, Any]) -> dict[str, str]:
    r2, mae = scores["r2"], scores["mae"]
    return {
        "new artists: R2": f"{r2['value']:.3f} ({r2['low']:.3f} to {r2['high']:.3f})",
        "new artists: MAE": f"{mae['value']:.2f} ({mae['low']:.2f} to {mae['high']:.2f})",
    }


def _claims(ours_s: float, forest_s: float, fold: dict[str, Any]) -> tuple[Claim, ...]:
    less = [fold[name]["mae_difference"] for name in ("forest", "forest_alone")]
    said = " and ".join(f"{low:.2f} to {high:.2f}" for low, high in less)
    return (
        Claim("the whole leaderboard takes less time than the single fit", ours_s < forest_s),
        Claim(
            f"lower MAE on new artists than either forest (difference {said}, paired over artists)",
            all(high < 0 for _, high in less),
        ),
    )


def _figures(
    first: Measured, second: Measured, forest: Measured, again: Measured
) -> dict[str, Any]:
    return {
        "trackoracle_s": [first.answer["seconds"], second.answer["seconds"]],
        "trackoracle_peak_mb": [first.peak_mb, second.peak_mb],
        "leaderboard": first.answer["leaderboard"],
        "n_tracks": first.answer["n_tracks"],
        "forest_s": forest.answer["seconds"],
        "forest_peak_mb": forest.peak_mb,
        "forest_rows": forest.answer["n_rows"],
        "forest_random_split_r2": forest.answer["r2"],
        "forest_fold_s": again.answer["seconds"],
    }


def train_all(path: str) -> dict[str, Any]:
    """Train with every default; the catalog is loaded beforehand."""
    import trackoracle

    catalog = trackoracle.load_catalog(path)
    with stopwatch() as watch:
        oracle = trackoracle.train(catalog, target=trackoracle.Popularity())
    report = oracle.report
    scores = report.of(report.chosen).scores
    return {
        "seconds": watch.seconds,
        "chosen": report.chosen,
        "n_candidates": len(report.candidates) + len(report.baselines),
        "n_tracks": len(catalog),
        "leaderboard": {
            protocol: {name: asdict(score[name]) for name in ("r2", "mae")}
            for protocol, score in scores.items()
        },
    }


def fit_forest(path: str) -> dict[str, Any]:
    """Fit the published forest once on a random 80 %; building its inputs is not timed."""
    rows = published_rows(path)
    train = np.random.default_rng(42).random(len(rows)) < 0.8
    forest, seconds_taken = _fitted(rows.filter(train))
    judged = rows.filter(~train)
    target = judged["popularity"].to_numpy()
    error = target - forest(judged)
    return {
        "seconds": seconds_taken,
        "n_rows": int(train.sum()),
        "r2": float(1 - (error**2).mean() / target.var()),
    }


def published_rows(path: str) -> pl.DataFrame:
    """Clean as [A] does: no missing values, no exact duplicates; a track stands once a genre."""
    rows = pl.read_csv(path).select(pl.exclude("", "Unnamed: 0"))
    return rows.drop_nulls().unique(["track_id", "track_genre"], keep="first", maintain_order=True)


def _fitted(rows: pl.DataFrame, artist_mean: bool = True) -> tuple[Any, float]:
    """Fit the forest on rows; return how it predicts others, and the seconds of the fit."""
    from sklearn.ensemble import RandomForestRegressor

    from trackoracle.settings import Settings

    means = rows.group_by("artists").agg(artist_mean=pl.col("popularity").mean())
    # A new artist has no mean; the mean of all training rows stands in.
    overall = rows["popularity"].mean()

    def inputs(of: pl.DataFrame) -> np.ndarray[Any, Any]:
        known = of.join(means, on="artists", how="left", maintain_order="left")
        mean = pl.col("artist_mean").fill_null(overall) if artist_mean else pl.lit(0.0)
        return _inputs(known.with_columns(mean.alias("artist_mean")))

    forest = RandomForestRegressor(
        n_estimators=300, n_jobs=Settings.from_environment().n_jobs, random_state=42
    )
    matrix, target = inputs(rows), rows["popularity"].to_numpy()
    with stopwatch() as watch:
        forest.fit(matrix, target)
    return (lambda of: forest.predict(inputs(of))), watch.seconds


def _inputs(rows: pl.DataFrame) -> np.ndarray[Any, Any]:
    """The published inputs, the broad genre one-hot."""
    from trackoracle.features import FAMILIES, family

    genres = rows["track_genre"].unique()
    family_of = {genre: family(genre) for genre in genres}
    named = pl.col("track_genre").replace_strict(family_of, return_dtype=pl.String)
    matrix: np.ndarray[Any, Any] = rows.select(
        *_AUDIO,
        pl.col("duration_ms") / 60_000,
        "artist_mean",
        (pl.col("energy") * pl.col("valence")).alias("energy_x_valence"),
        (pl.col("loudness") * pl.col("danceability")).alias("loudness_x_danceability"),
        pl.col("explicit").cast(pl.Float64),
        *((named == name).cast(pl.Float64).alias(f"family={name}") for name in FAMILIES),
    ).to_numpy()
    return matrix


def _new_artist_fold(path: str) -> tuple[Any, Any]:
    import trackoracle
    from trackoracle.splits import make_folds, protocol_named

    catalog = trackoracle.load_catalog(path)
    return catalog, make_folds(catalog.keys, protocol_named("new_artist"), N_FOLDS, 0)[FOLD]


def predict_fold(path: str, chosen: str, out: str) -> dict[str, Any]:
    """Train the chosen candidate on the fold's training tracks; save its test answers."""
    import trackoracle

    catalog, fold = _new_artist_fold(path)
    config = trackoracle.TrainingConfig(
        candidates=(chosen,), protocols=("new_artist",), n_bootstrap=20
    )
    oracle = trackoracle.train(catalog.take(fold.train), config=config)
    answers = oracle.predict(catalog.tracks[fold.test].drop("popularity"))
    np.save(out, answers.select("popularity", "popularity_median").to_numpy())
    return {}


def forest_fold(path: str, out: str, artist_mean: bool = True) -> dict[str, Any]:
    """Fit the forest on the rows of the same training tracks; save its test answers.

    A track's answer is the mean over its genres' rows.
    """
    catalog, fold = _new_artist_fold(path)
    rows = published_rows(path)
    ids = catalog.tracks["track_id"]
    learned = rows.filter(pl.col("track_id").is_in(ids[fold.train].implode()))
    forest, taken = _fitted(learned, artist_mean)
    test = ids[fold.test].to_frame()
    judged = test.join(rows, on="track_id", how="inner")
    answers = (
        judged.select("track_id", answer=pl.Series(forest(judged))).group_by("track_id").mean()
    )
    found = test.join(answers, on="track_id", how="left", maintain_order="left")["answer"]
    np.save(out, found.fill_null(rows["popularity"].mean()).to_numpy())
    return {"seconds": taken}


def judge_fold(path: str, files: dict[str, str]) -> dict[str, Any]:
    """Score all on the fold's test tracks; intervals resample whole artists."""
    from trackoracle.evaluation import Judged, evaluate_predictions

    catalog, fold = _new_artist_fold(path)
    target = catalog.tracks["popularity"].to_numpy()[fold.test].astype(float)
    weight, artist = catalog.keys.weight[fold.test], catalog.keys.first_artist[fold.test]
    points = np.load(files["ours"])
    answers = {"ours": (points[:, 0], points[:, 1])}
    answers |= {name: (np.load(files[name]),) * 2 for name in ("forest", "forest_alone")}
    scores: dict[str, Any] = {"n_test": len(target)}
    for name, (mean, middle) in answers.items():
        judged = Judged(target, mean, middle, weight, artist)
        found = evaluate_predictions(judged, "regression", n_bootstrap=N_RESAMPLES)
        scores[name] = {metric: asdict(found[metric]) for metric in ("r2", "mae")}
        gain = np.abs(target - points[:, 1]) - np.abs(target - middle)
        scores[name]["mae_difference"] = _interval(gain, weight, artist)
    return scores


def _interval(gain: Any, weight: Any, artist: Any) -> list[float]:
    """95 % interval of a weighted mean, whole artists resampled."""
    codes = np.unique(artist, return_inverse=True)[1]
    n = int(codes.max()) + 1
    gains, weights = np.bincount(codes, weight * gain, n), np.bincount(codes, weight, n)
    random = np.random.default_rng(0)
    drawn = (random.integers(0, n, n) for _ in range(N_RESAMPLES))
    means = [gains[rows].sum() / weights[rows].sum() for rows in drawn]
    low, high = np.quantile(means, [0.025, 0.975])
    return [float(low), float(high)]
