"""Rebuild the profile of the synthetic sample catalog from the real 114k file.

The profile holds aggregates per genre and over all genres; no track, artist or
album, no id and no row. Run it from the repository root:

    TRACKORACLE_DATA=/path/to/data python tools/build_sample_profile.py
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

FORMAT = 1
PROBABILITIES = (0.005, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.96, 0.995)
AUDIO = (
    "danceability", "energy", "loudness", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo",
)  # fmt: skip
NUMBERS = (*AUDIO, "duration_ms")
LATENT = (*NUMBERS, "explicit", "popularity")
TITLE_KINDS = {
    "christmas": "christmas",
    "feat": r"feat\.|\(with ",
    "live": r"\blive\b",
    "remix": "remix",
    "remaster": "remaster",
    "acoustic": "acoustic",
    "radio_edit": "radio edit",
    "instrumental": "instrumental",
}
MARKS = (*TITLE_KINDS, "several_credits", "compilation", "rerelease")
SIZE_PROBABILITIES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995)
LEAST_ARTISTS_OF_A_COMPILATION = 3
LEAST_SHARED = 0.02
# The ties of audio and popularity differ between genres, and pooled they partly cancel. With
# this factor a boosted model gains from audio about what it gains on the real file.
SIGNAL = 4
TIME_SIGNATURES = (1, 3, 4, 5)

DEFAULT_OUTPUT = Path("src/trackoracle/catalogs/sample_profile.json")


def main() -> None:
    """Read the arguments, build the profile and write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("TRACKORACLE_DATA"),
        help="folder that holds tracks-114k/dataset.csv (default: $TRACKORACLE_DATA)",
    )
    parser.add_argument(
        "--output", type=Path, default=DEFAULT_OUTPUT, help="the json file to write"
    )
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("name the data folder: set TRACKORACLE_DATA or give --data")
    rows = read_rows(arguments.data / "tracks-114k" / "dataset.csv")
    write_profile(build_profile(rows), arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1000:.0f} kB")


def read_rows(path: Path) -> pl.DataFrame:
    """Read the file and mark each row: title kind, compilation, re-release."""
    rows = pl.read_csv(path).drop("").drop_nulls(["artists", "album_name", "track_name"])
    title = pl.col("track_name").str.to_lowercase()
    kind = pl.coalesce(
        pl.when(title.str.contains(pattern)).then(pl.lit(name))
        for name, pattern in TITLE_KINDS.items()
    )
    rows = rows.with_row_index("row").with_columns(
        kind.fill_null("plain").alias("kind"),
        pl.col("artists").str.split(";").list.first().alias("artist"),
        pl.col("artists").str.split(";").list.len().alias("n_credits"),
    )
    rows = rows.with_columns(
        pl.col("explicit").cast(pl.Float64),
        (pl.col("n_credits") > 1).alias("several_credits"),
        (
            pl.col("artist").n_unique().over("track_genre", "album_name")
            >= LEAST_ARTISTS_OF_A_COMPILATION
        ).alias("compilation"),
    )
    rows = rows.join(rereleases(rows), on="track_id", how="left", maintain_order="left")
    return rows.with_columns(*((pl.col("kind") == name).alias(name) for name in TITLE_KINDS))


def rereleases(rows: pl.DataFrame) -> pl.DataFrame:
    """Say of each track id whether a more popular id is the same recording."""
    tracks = rows.unique("track_id", keep="first", maintain_order=True)
    place = pl.col("popularity").rank("ordinal", descending=True)
    return tracks.select(
        "track_id",
        ((place.over("track_name", "artists") > 1) | (place.over(AUDIO) > 1)).alias("rerelease"),
    )


def build_profile(rows: pl.DataFrame) -> dict[str, Any]:
    """Return the whole profile as plain data."""
    per_genre = rows.unique(["track_id", "track_genre"], keep="first", maintain_order=True)
    tracks = rows.unique("track_id", keep="first", maintain_order=True)
    scores = latent_scores(per_genre).join(tracks.select("row"), on="row", how="semi")
    names = sorted(rows["track_genre"].unique())
    shared = shared_genres(per_genre, names)
    return {
        "format": FORMAT,
        "note": "aggregates of a public file of 114 genres; no tracks, artists or albums",
        "probabilities": list(PROBABILITIES),
        "numbers": list(NUMBERS),
        "latent": list(LATENT),
        "time_signatures": list(TIME_SIGNATURES),
        "title_kinds": list(TITLE_KINDS),
        "marks": list(MARKS),
        "size_probabilities": list(SIZE_PROBABILITIES),
        **overall(rows, per_genre, tracks),
        **levels(scores, tracks),
        "genres": {
            name: genre_profile(per_genre.filter(pl.col("track_genre") == name), shared[name])
            for name in names
        },
    }


def overall(rows: pl.DataFrame, per_genre: pl.DataFrame, tracks: pl.DataFrame) -> dict[str, Any]:
    """Return the sizes and shares that are taken over all genres."""
    compilations = per_genre.filter("compilation").group_by("track_genre", "album_name").len()
    ids = rows.group_by("track_id").agg(
        pl.len().alias("n_rows"), pl.col("popularity").n_unique().alias("n_values")
    )
    n_two, n_several = (ids["n_values"] > 1).sum(), (ids["n_rows"] > 1).sum()
    credits = tracks.filter("several_credits")["n_credits"]
    return {
        "tracks_per_album": sizes(tracks.filter(~pl.col("compilation")), ["artist", "album_name"]),
        "tracks_per_compilation": significant(compilations["len"].mean()),
        "three_of_several_credits": significant((credits > 2).mean()),
        "duplicate_rows": significant(1 - len(rows.drop("row").unique()) / len(rows)),
        "two_popularities": significant(n_two / n_several),
    }


def genre_profile(rows: pl.DataFrame, shared: dict[str, float]) -> dict[str, Any]:
    """Return the aggregates of one genre."""
    beats = rows.filter(pl.col("tempo") > 0)
    liked = rows.filter(pl.col("popularity") > 0)["popularity"].to_numpy()
    return {
        "quantiles": [quantiles(beats[name].to_numpy(), PROBABILITIES) for name in NUMBERS],
        "popularity": [int(q) for q in np.quantile(liked, PROBABILITIES).round()],
        "zeros": share(rows, pl.col("popularity") == 0),
        "explicit": share(rows, pl.col("explicit")),
        "no_beat": share(rows, pl.col("tempo") == 0),
        "key": [round(share(beats, pl.col("key") == key), 2) for key in range(12)],
        "major": share(beats, pl.col("mode")),
        "time_signature": [share(beats, pl.col("time_signature") == n) for n in TIME_SIGNATURES],
        "tracks_per_artist": sizes(rows, ["artist"]),
        "several_credits": share(rows, pl.col("several_credits")),
        "rerelease": share(rows, pl.col("rerelease")),
        "compilation": [
            share(rows.filter(pl.col("rerelease") == again), pl.col("compilation"))
            for again in (False, True)
        ],
        "title_kinds": [share(rows, pl.col(kind)) for kind in TITLE_KINDS],
        "shared": shared,
    }


def shared_genres(rows: pl.DataFrame, names: list[str]) -> dict[str, dict[str, float]]:
    """Return for each genre the share of its tracks that stand in each other genre too."""
    pairs = rows.select("track_id", "track_genre")
    pairs = pairs.join(pairs, on="track_id").filter(
        pl.col("track_genre") != pl.col("track_genre_right")
    )
    counts = pairs.group_by("track_genre", "track_genre_right").len()
    totals = dict(rows.group_by("track_genre").len().iter_rows())
    shared: dict[str, dict[str, float]] = {name: {} for name in names}
    for genre, other, n in counts.sort("track_genre", "track_genre_right").iter_rows():
        if n / totals[genre] >= LEAST_SHARED:
            shared[genre][other] = short(round(n / totals[genre], 2))
    return shared


def latent_scores(rows: pl.DataFrame) -> pl.DataFrame:
    """Turn each latent column into normal scores of its rank within the genre.

    Popularity keeps its scale: what is explained of its variance in points is
    what counts, and its many ties at zero would take that from normal scores.
    """
    rank = pl.col(LATENT).rank("average").over("track_genre")
    places = rows.select("row", (rank - 0.5) / pl.len().over("track_genre"))
    inverse = NormalDist().inv_cdf
    scores = places.with_columns(
        pl.Series(name, [inverse(u) for u in places[name]]) for name in LATENT
    )
    points = rows.select(pl.col("popularity") - pl.col("popularity").mean().over("track_genre"))
    return scores.with_columns(points["popularity"] / points["popularity"].std())


def levels(scores: pl.DataFrame, tracks: pl.DataFrame) -> dict[str, Any]:
    """Split the latent covariance into what marks, artists, albums and tracks explain.

    The parts of artist and album are moment estimates from pooled within-group
    covariances, as in a nested analysis of variance.
    """
    values = scores.select(LATENT).to_numpy()
    marks = tracks.select(
        pl.col(MARKS).cast(pl.Float64) - pl.col(MARKS).mean().over("track_genre")
    ).to_numpy()
    shifts = np.linalg.lstsq(marks, values, rcond=None)[0]
    keep = (~tracks["rerelease"]).to_numpy()
    rest = (values - marks @ shifts)[keep]
    kept = tracks.filter(~pl.col("rerelease")).with_columns(
        pl.when("compilation").then(pl.lit("")).otherwise("artist").alias("owner")
    )
    track = within(rest, kept, ["track_genre", "owner", "album_name", "artist"])
    artist_and_track = within(rest, kept, ["track_genre", "artist"])
    total = np.cov(rest.T)
    parts = {
        "artist": total - artist_and_track,
        "album": artist_and_track - track,
        "track": track,
    }
    parts = {name: nearest_covariance(strengthened(part)) for name, part in parts.items()}
    scale = 1 / np.sqrt(np.diag(sum(parts.values())))
    return {
        "shifts": {mark: (shifts[i] * scale).round(3).tolist() for i, mark in enumerate(MARKS)},
        "covariances": {
            name: (part * np.outer(scale, scale)).round(4).tolist() for name, part in parts.items()
        },
    }


def within(values: NDArray[np.float64], tracks: pl.DataFrame, by: list[str]) -> NDArray[np.float64]:
    """Return the pooled covariance (k, k) within groups."""
    groups = tracks.select(pl.struct(by).rank("dense") - 1).to_series().to_numpy().astype(int)
    counts = np.bincount(groups)
    means = np.stack([np.bincount(groups, column) / counts for column in values.T], axis=1)
    rest = values - means[groups]
    return rest.T @ rest / (len(values) - len(counts))


def strengthened(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance with the ties of popularity to all else made stronger."""
    factor = np.ones_like(matrix)
    factor[-1, :-1] = factor[:-1, -1] = SIGNAL
    return matrix * factor


def nearest_covariance(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix with negative eigenvalues raised to almost zero."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(eigenvalues, 1e-3)) @ vectors.T


def sizes(rows: pl.DataFrame, by: list[str]) -> list[int]:
    """Return quantiles of the group sizes."""
    counts = rows.group_by(by).len()["len"].to_numpy()
    return [int(q) for q in np.quantile(counts, SIZE_PROBABILITIES, method="nearest")]


def quantiles(values: NDArray[Any], probabilities: tuple[float, ...]) -> list[float]:
    """Return rounded quantiles, the small ones to fewer digits."""
    return [
        short(float(f"{q:.3g}" if abs(q) >= 0.1 else f"{q:.2g}" if abs(q) >= 0.01 else f"{q:.1g}"))
        for q in np.quantile(values, probabilities).tolist()
    ]


def share(rows: pl.DataFrame, condition: pl.Expr) -> float:
    """Return the share of rows that meet a condition, to three decimals."""
    return short(round(rows.select(condition.mean()).item() or 0.0, 3))


def significant(value: Any) -> float:
    """Round to three significant digits."""
    return short(float(f"{float(value):.3g}"))


def short(value: float) -> float:
    """Drop an empty fraction, which only costs space in the file."""
    return int(value) if value == int(value) else value


def write_profile(profile: dict[str, Any], path: Path) -> None:
    """Write the profile with one line for each entry and each genre."""

    def compact(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    lines = [f'"{name}":{compact(value)}' for name, value in profile.items() if name != "genres"]
    genres = [f'"{name}":{compact(value)}' for name, value in profile["genres"].items()]
    lines.append('"genres":{\n' + ",\n".join(genres) + "\n}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
