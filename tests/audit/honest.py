"""Honest catalogs that an eager audit accuses: odd, but without a leak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from tests.audit.planted import MEASURED
from tests.audit.worlds import Rng, _artist_names, _codes, _put

Change = Callable[[pl.DataFrame, Rng], pl.DataFrame]


@dataclass(frozen=True)
class Honest:
    """A style with something unusual that is no leak."""

    name: str
    style: str
    n: int
    change: Change


HONEST: list[Honest] = []


def honest(style: str, n: int = 900) -> Callable[[Change], Change]:
    """Enter a change in the list under its function's name."""

    def enter(change: Change) -> Change:
        name = f"{change.__name__.replace('_', ' ')} [{style}]"
        HONEST.append(Honest(name, style, n, change))
        return change

    return enter


@honest("release log")
def mean_of_the_artists_earlier_tracks(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """The history that a label knows on the day of a release."""
    points = pl.col("popularity").cast(pl.Float64)
    earlier = (points.cum_sum() - points) / pl.int_range(pl.len())
    return rows.with_columns(earlier.over("Artist").fill_nan(None).alias("artist_past"))


@honest("genre file")
def artist_mean_of_other_folds(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Target encoding as it ought to be done, for this split."""
    rows = rows.with_columns(pl.Series("fold", rng.integers(0, 5, len(rows))))
    parts = []
    for fold in range(5):
        others = rows.filter(pl.col("fold") != fold)
        means = others.group_by("artists").agg(pl.col("popularity").mean().alias("encoded"))
        part = rows.filter(pl.col("fold") == fold).join(means, on="artists", how="left")
        parts.append(part.with_columns(pl.col("encoded").fill_null(others["popularity"].mean())))
    return pl.concat(parts).drop("fold").sort("track_genre", "track_id")


@honest("genre file")
def popularity_of_the_genre_from_elsewhere(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    means = rows.group_by("track_genre").agg(pl.col("popularity").mean().alias("fans"))
    means = means.sort("track_genre")
    noisy = means.with_columns((pl.col("fans") + pl.Series(rng.normal(0, 3, len(means)))).round(1))
    return rows.join(noisy, on="track_genre", how="left", maintain_order="left")


@honest("genre file", 3000)
def five_coarse_descriptors(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.select(
        "track_id", "artists", "track_name", "popularity", "track_genre",
        pl.col("danceability", "energy", "valence").round(2), pl.col("tempo", "loudness").round(),
    )  # fmt: skip


@honest("genre file")
def tracks_of_noise(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Sleep sounds: no beat, so that half of their descriptors are zero."""
    at = rng.choice(len(rows), 50, replace=False)
    zeros = dict.fromkeys(("danceability", "valence", "tempo", "speechiness"), np.zeros(50))
    return _put(rows, at, **zeros, energy=rng.random(50).round(4), loudness=-30 * rng.random(50))


@honest("genre file")
def every_artist_once(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(pl.Series("artists", _artist_names(len(rows), rng)))


@honest("genre file")
def live_and_other_versions(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Fifty titles in five more recordings each, sounding alike but not the same."""
    parts = [rows]
    for version in ("Live", "Acoustic", "Extended Mix", "Club Remix", "Instrumental"):
        shift = [
            (pl.col(name) + pl.Series(rng.normal(0, 0.12, 50))).clip(0, 1).round(3)
            for name in MEASURED
        ]
        other = rows[:50].with_columns(
            pl.Series("track_id", _codes(50, rng)),
            pl.col("track_name") + f" - {version}",
            *shift,
            (pl.col("tempo") + pl.Series(rng.normal(0, 8, 50))).round(3),
            (pl.col("popularity") + pl.Series(rng.integers(-15, 3, 50))).clip(0, 100),
        )
        parts.append(other.cast(rows.schema))
    return pl.concat(parts)


@honest("genre file", 1800)
def nearly_constant_columns_and_few_repeats(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Twelve recordings stand twice: too few to matter, and all in four beats."""
    rows = rows.with_columns(pl.lit(4).alias("time_signature"), pl.lit(0).alias("explicit"))
    at = np.arange(300, 306)
    rows = _put(rows, at, time_signature=np.full(6, 3), explicit=np.ones(6, int))
    again = rows[:12].with_columns(
        pl.Series("track_id", _codes(12, rng)), (pl.col("popularity") + 2).clip(0, 100)
    )
    return pl.concat([rows, again.cast(rows.schema)])


@honest("hit file", 1800)
def two_sources_of_unlike_precision(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    coarse = pl.Series(rng.random(len(rows)) < 0.5)
    return rows.with_columns(
        pl.when(coarse).then(pl.col(name).round(2)).otherwise(name).alias(name)
        for name in ("danceability", "energy", "valence", "liveness")
    )


@honest("playlists")
def full_precision(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(
        pl.col(name) + pl.Series(rng.normal(0, 1e-4, len(rows)))
        for name in ("danceability", "energy", "valence", "tempo")
    )


@honest("release log")
def a_strong_trend_by_year(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    trend = (pl.col("release_date").dt.year() - 1995) * 0.8
    return rows.with_columns((pl.col("popularity") * 0.9 + trend).clip(0, 100).round().cast(int))


@honest("dated hits")
def a_column_kept_only_since_2005(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    grade = pl.Series(rng.integers(0, 100, len(rows)))
    return rows.with_columns(pl.when(pl.col("year") > 2005).then(grade).alias("mastering_grade"))


@honest("dated hits", 400)
def hits_are_very_few(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    kept = pl.Series(rng.random(len(rows)) < 0.35)
    return rows.with_columns(pl.when(kept).then("hit").otherwise(0).alias("hit"))


@honest("release log")
def words_that_sound_like_figures(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    n = len(rows)
    return rows.with_columns(
        pl.Series("streaming_platform", rng.choice(["A", "B", "C"], n)),
        pl.Series("gold_edition", rng.integers(0, 2, n)),
        pl.Series("weeks_in_studio", rng.integers(1, 60, n)),
        pl.Series("track_position", rng.integers(1, 13, n)),
    )
