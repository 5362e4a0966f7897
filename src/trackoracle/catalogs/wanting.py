"""Which artists of a catalog something is not known of, with what tells them from others."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from trackoracle.catalogs.artists import ArtistTable, check_has_artists
from trackoracle.schema import ARTIST_VALUES, Catalog, Enrichment, WantedArtist, normal

_MOST_TRACKS = 3
_ID = re.compile(r"(?:spotify:track:)?([0-9A-Za-z]{22})", re.ASCII)
_TYPES: dict[str, Any] = {
    "artist_popularity": pl.Float64,
    "artist_followers": pl.Float64,
    "genres": pl.List(pl.String),
}


def wanted_artists(catalog: Catalog) -> tuple[WantedArtist, ...]:
    """Return the artists of tracks that lack an artist's popularity, followers or genres.

    Returns
    -------
    tuple of WantedArtist
        Each once, by normal form; those of most tracks first, so that what is stopped early has
        told the most.

    Raises
    ------
    MissingColumnError
        When the catalog names no artists.
    """
    check_has_artists(catalog)
    tracks = catalog.tracks
    lacking = [name for name in ARTIST_VALUES if name not in tracks.columns]
    there = [pl.col(name).is_null() for name in ARTIST_VALUES if name not in lacking]
    rows = tracks if lacking else tracks.filter(pl.any_horizontal(*there))
    nothing = pl.lit(None, pl.String)
    told = [
        pl.col(n) if n in rows.columns else nothing.alias(n) for n in ("track_id", "track_name")
    ]
    named = rows.select(pl.col("artists").alias("name"), *told).explode("name").drop_nulls("name")
    grouped = (
        named.with_columns(normal(named["name"]).alias("key"))
        .filter(pl.col("key") != "")
        .group_by("key", maintain_order=True)
        .agg(
            pl.col("name").first(),
            pl.len().alias("n"),
            *(
                pl.col(n).drop_nulls().unique(maintain_order=True).head(_MOST_TRACKS)
                for n in ("track_id", "track_name")
            ),
        )
        .sort("n", descending=True, maintain_order=True)
    )
    return tuple(
        WantedArtist(key, name, n, tuple(map(_id, filter(_ID.fullmatch, ids))), tuple(titles))
        for key, name, n, ids, titles in grouped.iter_rows()
    )


def _id(text: str) -> str:
    found = _ID.fullmatch(text)
    assert found is not None
    return found[1]


def table_of(enrichment: Enrichment) -> ArtistTable:
    """Return what was found of artists as a table that `join_artists` takes."""
    found = [match for match in enrichment.matches if match.values]
    columns = [
        pl.Series(name, [_plain(match.values.get(name)) for match in found], _TYPES[name])
        for name in ARTIST_VALUES
    ]
    keys = pl.Series("artist", [match.key for match in found], pl.String)
    return ArtistTable(pl.DataFrame([keys, *columns]), (), enrichment.terms)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
