"""Tracks of 2021 in four files: tracks, audio features, albums and artists.

The files are found by their headers and joined by id. Genres are those of the
artist, written as a Python list.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from trackoracle.catalogs.adapter import Adapter, Part

_AUDIO = (
    "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "key", "mode", "time_signature",
)  # fmt: skip
_ITEM = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_LIST = rf"^\s*\[\s*(?:(?:{_ITEM})\s*(?:,\s*(?:{_ITEM})\s*)*)?,?\s*\]\s*$"


def _with_genres(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    if rows.schema["artist_genre"] != pl.String:
        return rows
    return rows.with_columns(python_lists(pl.col("artist_genre")).alias("artist_genre"))


def python_lists(text: pl.Expr) -> pl.Expr:
    r"""Read lists of texts as Python writes them; what is no such list is one text.

    Examples
    --------
    >>> texts = pl.DataFrame({"genres": ["['pop', \"children's music\"]", "[]", "rock"]})
    >>> texts.select(python_lists(pl.col("genres"))).to_series().to_list()
    [['pop', "children's music"], [], ['rock']]
    """
    unquoted = pl.element().str.slice(1, pl.element().str.len_chars() - 2)
    items = text.str.extract_all(_ITEM).list.eval(unquoted.str.replace_all(r"\\(.)", "${1}"))
    return pl.when(text.str.contains(_LIST)).then(items).otherwise(pl.concat_list(text))


ADAPTER = Adapter(
    name="tracks_2021",
    title="Spotify tracks of 302 artists, 2021",
    source="GitHub: divss98/SpotifyDataApp",
    licence="none stated; the values come from the Spotify Web API",
    snapshot="2021-03",
    header=frozenset(
        {
            "track_id",
            "track_popularity",
            "artist_name",
            "artist_genre",
            "artist_popularity",
            "artist_followers",
            "album_name",
            "album_release_date",
        }
    ),
    columns={"artist_genre": "genres"},
    prepare=_with_genres,
    parts=(
        Part(
            "track",
            ("track_id", "track_name", "track_artist_id", "track_album_id", "track_popularity"),
            ("track_number", "track_explicit", "track_homepage"),
        ),
        Part("audio", ("track_id", "track_duration", *_AUDIO), on="track_id", key="track_id"),
        Part(
            "album",
            ("album_id", "album_name", "album_release_date", "album_artist_id"),
            ("album_total_tracks", "album_image", "album_homepage"),
            on="track_album_id",
            key="album_id",
        ),
        Part(
            "artist",
            ("artist_id", "artist_name", "artist_genre", "artist_popularity", "artist_followers"),
            ("artist_image", "artist_homepage"),
            on="track_artist_id",
            key="artist_id",
        ),
    ),
)
