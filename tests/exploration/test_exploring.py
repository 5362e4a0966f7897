"""The report's numbers equal those counted independently, and odd catalogs still have a report."""

from __future__ import annotations

import csv
import itertools
import math
import statistics
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import pearsonr, skew, spearmanr

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.exploration import exploring
from trackoracle.exploration.correlations import pearson
from trackoracle.rendering import to_json
from trackoracle.rendering.catalog_figures import sections

ROWS = generate_sample(600, seed=3)


@pytest.fixture(scope="module")
def tracks() -> pl.DataFrame:
    gaps = pl.Series([i % 7 == 0 for i in range(len(ROWS))])
    tempo = ROWS["tempo"].cast(pl.Float64)
    return ROWS.with_columns(pl.when(gaps).then(None).otherwise(tempo).alias("tempo"))


@pytest.fixture(scope="module")
def gapped(tracks: pl.DataFrame) -> tuple[to.Catalog, to.CatalogReport]:
    catalog = to.load_catalog(tracks, on_invalid="null")
    return catalog, to.explore(catalog, audit=False)


def test_every_pair_is_correlated_over_the_tracks_that_have_both(
    gapped: tuple[to.Catalog, to.CatalogReport],
) -> None:
    catalog, report = gapped
    found = report.correlations
    assert found is not None
    assert {"tempo", "popularity", "duration"} <= set(found.columns)
    for (i, a), (j, b) in itertools.combinations(enumerate(found.columns), 2):
        names = [{"duration": "duration_ms"}.get(name, name) for name in (a, b)]
        x, y = catalog.tracks.select(names).drop_nulls().to_numpy().T
        assert found.pearson[i][j] == pytest.approx(pearsonr(x, y).statistic, abs=1e-9)
        assert found.spearman[i][j] == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)
        assert found.pearson[i][j] == found.pearson[j][i]


def test_large_numbers_keep_their_digits() -> None:
    random = np.random.default_rng(0)
    x = 1e9 + random.normal(size=1000)
    y = x + random.normal(size=1000)
    assert pearson(np.stack([x, y]))[0, 1] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)


def test_summaries_equal_the_standard_library(
    gapped: tuple[to.Catalog, to.CatalogReport],
) -> None:
    catalog, report = gapped
    for feature in report.features:
        scale = 1 / 60_000 if feature.column == "duration" else 1.0
        column = {"duration": "duration_ms"}.get(feature.column, feature.column)
        values = [v * scale for v in catalog.tracks[column].drop_nulls()]
        found = feature.summary
        assert found.n == len(values)
        assert found.n_missing == len(catalog) - len(values)
        assert found.median == pytest.approx(statistics.median(values))
        assert found.mean == pytest.approx(statistics.fmean(values))
        assert found.deviation == pytest.approx(statistics.stdev(values))
        assert found.skew == pytest.approx(skew(values))
        q1, _, q3 = statistics.quantiles(values, method="inclusive")
        assert (found.q1, found.q3) == pytest.approx((q1, q3))
        reach = 1.5 * (q3 - q1)
        outside = sum(not q1 - reach <= v <= q3 + reach for v in values)
        assert found.n_below + found.n_above == outside
        counted = feature.histogram
        assert sum(counted.counts) + counted.n_below + counted.n_above == len(values)


def test_groups_of_genres_moods_and_parts_hold_every_track(
    gapped: tuple[to.Catalog, to.CatalogReport],
) -> None:
    catalog, report = gapped
    assert report.genres
    assert report.moods
    assert report.target
    counted = dict(catalog.tracks["genres"].explode().value_counts().iter_rows())
    for genre in report.genres.genres:
        assert genre.n_tracks == counted[genre.name]
        own = catalog.tracks.filter(pl.col("genres").list.contains(genre.name))
        assert genre.target
        assert genre.target.mean.value == pytest.approx(own["popularity"].mean())
        assert genre.features["energy"][1] == pytest.approx(own["energy"].median())
    assert sum(n for _, n in report.moods.quadrants) == len(catalog)
    assert sum(n for _, n in report.target.bands) == len(catalog)
    assert sum(n for _, n in report.target.groups) == len(catalog)
    assert sum(map(sum, report.moods.density.counts)) == len(catalog)
    happy = catalog.tracks.filter((pl.col("valence") >= 0.5) & (pl.col("energy") >= 0.5))
    assert dict(report.moods.quadrants)["happy"] == len(happy)


def test_top_artists_count_each_recording_once() -> None:
    rows = ROWS.head(40).with_columns(pl.lit("Solo").alias("artists"))
    again = rows.head(5).with_columns(
        (pl.col("track_id") + "x").alias("track_id"), pl.lit("Other album").alias("album_name")
    )
    names = to.explore(pl.concat([rows, again]), audit=False).names
    assert names
    assert (
        names.by_count[0].n_recordings == to.load_catalog(rows, on_invalid="null").card.n_recordings
    )


@pytest.mark.parametrize(
    ("rows", "target", "without"),
    [
        (ROWS.head(10), "popularity", {"genres"}),
        (ROWS.head(1), "popularity", {"genres", "correlations"}),
        (ROWS.drop("track_genre"), "popularity", {"genres"}),
        (ROWS.drop("popularity"), None, {"target", "tests", "along"}),
        (ROWS.with_columns(pl.lit(None, pl.Int64).alias("popularity")), None, {"target"}),
        (ROWS.with_columns(pl.lit("pop").alias("track_genre")), "popularity", set()),
        (ROWS.with_columns(pl.lit(None, pl.Float64).alias("valence")), "popularity", {"moods"}),
        (ROWS.with_columns(pl.lit(0).alias("popularity")), "popularity", {"tests"}),
        (ROWS.select("tempo", "energy"), None, {"moods", "genres", "target"}),
        (ROWS.with_columns(hit=pl.col("popularity") > 40).drop("popularity"), "hit", {"target"}),
    ],
    ids=["ten", "one", "no genre", "no target", "empty target", "one genre", "empty column",
         "constant target", "two columns", "hits"],
)  # fmt: skip
def test_odd_catalogs(rows: pl.DataFrame, target: str | None, without: set[str]) -> None:
    report = to.explore(rows, audit=False)
    assert (report.target.name if report.target else None) == target
    drawn = sections(report)
    assert not {name for name in without if drawn[name]}
    assert "NaN" not in to_json(report.to_dict())
    if "valence" not in [f.column for f in report.features]:
        assert ("valence", report.card.n_tracks) in report.columns or "valence" not in rows.columns


def test_a_large_source_is_audited_by_whole_artists(
    small_catalog: to.Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploring, "MOST_AUDITED", 500)
    monkeypatch.setattr(exploring, "SAMPLED", 100)
    audited = to.explore(small_catalog).audited
    assert audited
    assert audited.sampled
    assert 100 <= audited.n_tracks < 300
    assert audited.report.n_rows == audited.n_tracks
    rows = exploring._whole_artists(small_catalog, 0)
    own = small_catalog.keys.first_artist
    assert not set(own[rows]) & set(np.delete(own, rows))


def test_two_calls_are_equal(small_catalog: to.Catalog) -> None:
    told = {to_json(to.explore(small_catalog, audit=False).to_dict()) for _ in range(3)}
    assert len(told) == 1


@pytest.mark.real
def test_the_114k_file_as_csv_counts_it(tracks_114k: Path, tmp_path: Path) -> None:
    """A quarter of its ids with all their rows; the whole file is counted where it is loaded."""
    with tracks_114k.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["track_id"] < "2"]
    assert len(rows) > 20_000
    part = tmp_path / "part.csv"
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    report = to.explore(part)
    assert report.target
    assert report.target.n_rows == len(rows)
    assert report.target.n_zero_rows == sum(int(row["popularity"]) == 0 for row in rows)
    first: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["track_name"] or row["artists"] or row["album_name"]:
            first.setdefault(row["track_id"], row)
    popularity = [int(row["popularity"]) for row in first.values()]
    assert report.card.n_tracks == len(first)
    assert report.target.n_zero == popularity.count(0)
    assert report.target.summary.median == statistics.median(popularity)
    energy = [float(row["energy"]) for row in first.values()]
    shown = {feature.column: feature.summary for feature in report.features}
    assert shown["energy"].median == pytest.approx(statistics.median(energy))
    assert report.correlations
    i, j = (report.correlations.columns.index(name) for name in ("energy", "popularity"))
    assert report.correlations.spearman[i][j] == pytest.approx(
        spearmanr(energy, popularity).statistic, abs=1e-9
    )
    assert not math.isnan(report.tests[0].p)
