"""What a report leaves unsaid: zeros that nobody counted, and genres that are one."""

from __future__ import annotations

import polars as pl

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.rendering.catalog_sections import genre_figures


def _one_genre() -> pl.DataFrame:
    return generate_sample(200, seed=9).with_columns(pl.lit("jazz").alias("track_genre"))


def test_zeros_of_the_source_are_told_only_where_they_were_counted() -> None:
    rows = generate_sample(300, seed=8).with_columns(pl.lit(0.0).alias("popularity"))
    target = to.explore(to.load_catalog(rows.to_dicts(), on_invalid="null")).target
    assert target is not None
    assert target.n_zero > 0
    assert target.n_zero_rows != 0


def test_one_genre_is_not_set_apart_from_itself() -> None:
    report = to.explore(to.load_catalog(_one_genre().to_dicts(), on_invalid="null"))
    assert report.genres is not None
    names = {figure.name for figure in genre_figures(report)}
    assert len(report.genres.genres) == 1
    assert not {"genre-distinct", "genre-profile"} & names
