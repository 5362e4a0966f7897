"""The sample catalog resembles the published file, flaws included, and says it is synthetic."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal, assert_frame_not_equal

from trackoracle.catalogs.sample import COLUMNS, NOTICE, generate_sample
from trackoracle.errors import ConfigError
from trackoracle.schema import AUDIO_VECTOR, TRACK_COLUMNS

REAL_FILE = Path(os.environ.get("TRACKORACLE_DATA", "")) / "tracks-114k" / "dataset.csv"
NUMBERS = [*AUDIO_VECTOR, "duration_ms", "popularity"]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return generate_sample()


@pytest.fixture(scope="module")
def tracks(rows: pl.DataFrame) -> pl.DataFrame:
    return distinct(rows)


@pytest.fixture(scope="module")
def real(rows: pl.DataFrame) -> pl.DataFrame:
    if "TRACKORACLE_DATA" not in os.environ or not REAL_FILE.is_file():
        pytest.skip("needs TRACKORACLE_DATA to name a folder with tracks-114k/dataset.csv")
    drawn = rows["track_genre"].unique().to_list()
    return pl.read_csv(REAL_FILE).filter(pl.col("track_genre").is_in(drawn))


def distinct(rows: pl.DataFrame) -> pl.DataFrame:
    known = rows.drop_nulls("artists").unique("track_id", keep="first", maintain_order=True)
    return known.with_columns(pl.col("artists").str.split(";").list.first().alias("artist"))


def between_groups(values: NDArray[np.float64], groups: pl.Series) -> float:
    """Share of the variance that lies between groups, after degrees of freedom."""
    code = groups.rank("dense").to_numpy().astype(int) - 1
    counts = np.bincount(code)
    rest = values - (np.bincount(code, values) / counts)[code]
    return float(1 - rest @ rest / (len(values) - len(counts)) / values.var())


def test_a_seed_gives_the_same_rows() -> None:
    assert_frame_equal(generate_sample(500, seed=3), generate_sample(500, seed=3))
    assert_frame_not_equal(generate_sample(500, seed=3), generate_sample(500, seed=4))


@pytest.mark.parametrize("n_tracks", [100, 1234, 6000, 20_000])
def test_it_holds_as_many_tracks_as_asked(n_tracks: int) -> None:
    rows = generate_sample(n_tracks)
    per_genre = rows["track_genre"].value_counts()["count"]
    assert n_tracks <= rows["track_id"].n_unique() <= 1.1 * n_tracks + 10
    assert per_genre.n_unique() == 1
    assert rows.columns == list(COLUMNS)


def test_the_default_size_keeps_genres_useful(rows: pl.DataFrame) -> None:
    per_genre = rows["track_genre"].value_counts()["count"]
    assert 40 <= len(per_genre) <= 60
    assert per_genre.min() >= 80


@pytest.mark.parametrize("n_tracks", [0, 99, 1_000_001])
def test_a_size_out_of_range_is_an_error(n_tracks: int) -> None:
    with pytest.raises(ConfigError, match=r"n_tracks: expected 100 to 1,000,000, got"):
        generate_sample(n_tracks)


def test_types_and_ranges_are_those_of_the_schema(rows: pl.DataFrame) -> None:
    named = rows.drop_nulls("artists")
    for name in (*NUMBERS, "key", "mode", "time_signature"):
        column = TRACK_COLUMNS[name]
        values = named.filter(pl.col(name) != column.not_measured)[name] if (
            column.not_measured is not None
        ) else named[name]  # fmt: skip
        assert values.dtype == (pl.Float64 if name in AUDIO_VECTOR else pl.Int64), name
        assert values.is_between(column.low, column.high).all(), name
    assert rows["explicit"].dtype == pl.Boolean
    assert not rows.drop("artists", "album_name", "track_name").null_count().sum_horizontal()[0]


def test_everything_says_synthetic(rows: pl.DataFrame) -> None:
    assert NOTICE.startswith("synthetic")
    assert rows["track_id"].str.contains(r"^synthetic[0-9A-Za-z]{13}$").all()
    assert rows["album_name"].drop_nulls().str.starts_with("Synthetic ").all()


def test_some_tracks_stand_under_several_genres(rows: pl.DataFrame) -> None:
    n_genres = rows.group_by("track_id").agg(pl.col("track_genre").n_unique())["track_genre"]
    assert 0.08 < (n_genres > 1).mean() < 0.25
    assert n_genres.max() > 2


def test_some_rows_are_repeated(rows: pl.DataFrame) -> None:
    assert 10 < len(rows) - rows.n_unique() < 0.01 * len(rows)


def test_a_few_ids_have_two_popularities(rows: pl.DataFrame) -> None:
    n = rows.group_by("track_id").agg(pl.col("popularity").n_unique())["popularity"]
    assert 0.003 < (n == 2).mean() < 0.02
    assert n.max() == 2


def test_a_few_tracks_have_no_beat(rows: pl.DataFrame) -> None:
    without = rows.filter(pl.col("tempo") == 0)
    assert 3 <= len(without) < 0.01 * len(rows)
    assert (without["time_signature"] == 0).all()
    assert (without["danceability"] == 0).all()
    assert (rows.filter(pl.col("tempo") > 0)["time_signature"] > 0).all()


@pytest.mark.parametrize("n_tracks", [100, 6000])
def test_one_row_has_no_names(n_tracks: int) -> None:
    names = generate_sample(n_tracks)["artists", "album_name", "track_name", "duration_ms"]
    assert names.null_count().row(0) == (1, 1, 1, 0)
    assert names.filter(pl.col("artists").is_null()).row(0) == (None, None, None, 0)


def test_rereleases_repeat_a_recording_under_another_id(tracks: pl.DataFrame) -> None:
    groups = tracks.group_by("track_name", "artists").agg(
        pl.struct(AUDIO_VECTOR).n_unique().alias("n_vectors"),
        pl.col("popularity").sort(descending=True).slice(1).alias("less"),
        pl.len(),
    )
    again = groups.filter(pl.col("len") > 1)
    less = again["less"].explode()
    assert 0.05 < len(less) / len(tracks) < 0.16
    assert (again["n_vectors"] == 1).mean() > 0.9
    assert 0.3 < (less == 0).mean() < 0.9


def test_some_rereleases_are_remasters(tracks: pl.DataFrame) -> None:
    pattern = r" - (?:\d{4} Remaster|Remastered(?: 2011)?)$"
    remastered = tracks.filter(pl.col("track_name").str.contains(pattern)).with_columns(
        pl.col("track_name").str.replace(pattern, "")
    )
    originals = tracks.join(remastered, on=["track_name", "artists"], suffix="_remastered")
    assert 0.005 < len(remastered) / len(tracks) < 0.05
    assert len(originals) > 5
    assert (originals["loudness"] != originals["loudness_remastered"]).mean() > 0.9


def test_title_words_tell_something() -> None:
    tracks = distinct(generate_sample(20_000))
    mean = pl.col("popularity").mean().over("track_genre")
    apart = tracks.select("track_name", (pl.col("popularity") - mean).alias("apart"))
    for pattern in (r"\bLive\b", "Remix|Christmas"):
        marked = apart.filter(pl.col("track_name").str.contains(pattern))
        assert len(marked) > 100
        assert marked["apart"].mean() < -1, pattern


def test_guests_are_credited(tracks: pl.DataFrame) -> None:
    featured = tracks.filter(pl.col("track_name").str.contains("feat.", literal=True))
    guest = featured["track_name"].str.extract(r"\(feat\. ([^)]+)\)")
    credits = featured["artists"].str.split(";")
    assert len(featured) > 30
    assert all(name in names for name, names in zip(guest, credits, strict=True))
    every = tracks["artists"].str.split(";")
    assert (every.list.len() == every.list.n_unique()).all()
    assert 0.15 < (every.list.len() > 1).mean() < 0.4


def test_artists_and_compilations_tie_tracks_together(tracks: pl.DataFrame) -> None:
    per_artist = tracks["artist"].value_counts()["count"]
    assert per_artist.max() > 15
    assert 0.3 < (per_artist == 1).mean() < 0.5
    gathered = tracks.filter(pl.col("artist").n_unique().over("album_name") > 2)
    assert 0.05 < len(gathered) / len(tracks) < 0.2


def test_artists_explain_popularity_beyond_genres(tracks: pl.DataFrame) -> None:
    popularity = tracks["popularity"].to_numpy().astype(float)
    genre = between_groups(popularity, tracks["track_genre"])
    artist = between_groups(popularity, tracks["artist"])
    assert 0.15 < genre < 0.35
    assert 0.45 < artist < 0.75


def test_quantiles_are_those_of_the_real_file(rows: pl.DataFrame, real: pl.DataFrame) -> None:
    places = [0.05, 0.25, 0.5, 0.75, 0.95]
    for name in NUMBERS:
        apart = np.quantile(rows[name], places) - np.quantile(real[name], places)
        assert np.abs(apart / real[name].to_numpy().std()).max() < 0.25, name


def test_zeros_are_as_common_as_in_the_real_file(rows: pl.DataFrame, real: pl.DataFrame) -> None:
    zeros = [(each["popularity"] == 0).mean() for each in (rows, real)]
    assert zeros[0] == pytest.approx(zeros[1], abs=0.03)


def test_genre_means_follow_the_real_file(rows: pl.DataFrame, real: pl.DataFrame) -> None:
    means = [
        each.group_by("track_genre").agg(pl.col("popularity").mean()).sort("track_genre")
        for each in (rows, real)
    ]
    assert np.corrcoef(means[0]["popularity"], means[1]["popularity"])[0, 1] > 0.95


def test_features_go_together_as_in_the_real_file(rows: pl.DataFrame, real: pl.DataFrame) -> None:
    def spearman(each: pl.DataFrame) -> NDArray[np.float64]:
        once = each.unique(["track_id", "track_genre"])
        rank = pl.col(NUMBERS).rank().over("track_genre") / pl.len().over("track_genre")
        return np.corrcoef(once.select(rank - 0.5).to_numpy().T)

    apart = spearman(rows) - spearman(real)
    assert np.abs(apart).max() < 0.15
    assert np.sqrt((apart**2).mean()) < 0.05


def test_artists_explain_as_much_as_in_the_real_file(
    tracks: pl.DataFrame, real: pl.DataFrame
) -> None:
    shares = [
        between_groups(each["popularity"].to_numpy().astype(float), each["artist"])
        for each in (tracks, distinct(real))
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.12)
