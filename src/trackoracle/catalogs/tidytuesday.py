"""TidyTuesday's Spotify tracks: one row a track and playlist, with the day of release.

A track stands in a row for each playlist, so its genres come together when its
rows are merged. Tracks that were gone when the table was made are NA in title,
artist and album.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from trackoracle.catalogs.adapter import Adapter

_NAMES = ("track_name", "track_artist", "track_album_name")


def _with_genres(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    names = [name for name in _NAMES if name in rows.columns]
    gone = pl.all_horizontal((pl.col(name) == "NA") | pl.col(name).is_null() for name in names)
    return rows.with_columns(
        pl.concat_list("playlist_genre", "playlist_subgenre").list.drop_nulls(),
        *(pl.when(~gone).then(pl.col(name)).alias(name) for name in names),
    ).drop("playlist_subgenre")


ADAPTER = Adapter(
    name="tidytuesday",
    title="Spotify tracks by playlist, TidyTuesday 2020-01-21",
    source="GitHub: rfordatascience/tidytuesday, data/2020/2020-01-21",
    licence="CC0 1.0 as TidyTuesday; the values come from the Spotify Web API",
    snapshot="2020-01",
    header=frozenset(
        {
            "track_id",
            "track_artist",
            "track_popularity",
            "track_album_release_date",
            "playlist_genre",
            "playlist_subgenre",
        }
    ),
    columns={"playlist_genre": "genres", "playlist_subgenre": "genres"},
    prepare=_with_genres,
)
