"""What makes two rows the same recording, album or artist.

Recordings are joined by any of three marks: the track id, the title with its
credits, and an identical audio vector. The marks are computed here, so that
loading (which joins them) and evaluation (which must recognise what an oracle
was trained on) cannot disagree.
"""

from __future__ import annotations

import polars as pl

from trackoracle.schema.columns import AUDIO_VECTOR
from trackoracle.schema.names import normal, normal_credits, normal_titles

MARKS = ("id_mark", "title_mark", "audio_mark")
_LEAST_DESCRIPTORS = 5
_DECIMALS = 6
_NOTHING = pl.lit(None, dtype=pl.String)


def recording_marks(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return the marks by which a row's recording is recognised.

    Parameters
    ----------
    tracks
        (n, k) track columns; any of the relevant ones may be absent.

    Returns
    -------
    (n, 3) text, null where a mark cannot be told: without title or credits,
    or with fewer than five known descriptors.

    Examples
    --------
    >>> titles = ["Creep", "Creep - Remastered 2009"]
    >>> rows = pl.DataFrame({"track_name": titles, "artists": [["A"], ["a"]]})
    >>> recording_marks(rows)["title_mark"].n_unique()
    1
    """
    return tracks.with_columns(
        _id_mark(tracks).alias("id_mark"),
        _title_mark(tracks).alias("title_mark"),
        _audio_mark(tracks).alias("audio_mark"),
    ).select(MARKS)


def _id_mark(tracks: pl.DataFrame) -> pl.Expr:
    return pl.col("track_id") if "track_id" in tracks.columns else _NOTHING


def _title_mark(tracks: pl.DataFrame) -> pl.Expr:
    if not {"track_name", "artists"} <= set(tracks.columns):
        return _NOTHING
    credits = pl.lit(normal_credits(tracks["artists"])).list.unique().list.sort()
    title = pl.lit(normal_titles(tracks["track_name"]))
    return pl.when(credits.list.len() > 0).then(
        pl.concat_str(title, credits.list.join("\x1f"), separator="\x1e")
    )


def _audio_mark(tracks: pl.DataFrame) -> pl.Expr:
    present = [name for name in AUDIO_VECTOR if name in tracks.columns]
    if len(present) < _LEAST_DESCRIPTORS:
        return _NOTHING
    n_known = pl.sum_horizontal(pl.col(name).is_not_null() for name in present)
    values = [
        pl.col(name).cast(pl.Float64).round(_DECIMALS).cast(pl.String).fill_null("")
        for name in present
    ]
    return pl.when(n_known >= _LEAST_DESCRIPTORS).then(pl.concat_str(values, separator="|"))


def artist_keys(tracks: pl.DataFrame) -> pl.Series:
    """Return the normalised credits of each row: (n,) lists, empty where there are none."""
    if "artists" not in tracks.columns:
        return pl.Series("artists", [[]] * len(tracks), dtype=pl.List(pl.String))
    return normal_credits(tracks["artists"]).fill_null([])


def album_keys(tracks: pl.DataFrame) -> pl.Series:
    """Return the album of each row: its id, else its normalised name with the first artist.

    Returns
    -------
    (n,) text, null where the album is unknown.
    """
    ways = []
    if "album_id" in tracks.columns:
        ways.append("id:" + pl.col("album_id"))
    if {"album_name", "artists"} <= set(tracks.columns):
        names = normal(tracks["album_name"]), normal(tracks["artists"].list.first())
        ways.append(pl.concat_str(*map(pl.lit, names), separator="\x1e"))
    return tracks.with_columns(pl.coalesce(*ways, _NOTHING).alias("album"))["album"]
