"""Which tracks are the same recording, album and artist: the keys of a catalog."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import MARKS, Keys, Ragged, album_keys, artist_keys, recording_marks

LEAST_DISTINCT = 0.1
"""An audio vector identifies nothing where fewer than this share of vectors differ."""


def find_keys(tracks: pl.DataFrame, marks: pl.DataFrame | None = None) -> Keys:
    """Find recordings, albums and artists.

    Recordings are the connected components of the rows that share a track id,
    a title with credits, or an identical audio vector.

    Parameters
    ----------
    tracks
        (n, k) track columns.
    marks
        (n, 3) their recording marks, where they are known already.

    Examples
    --------
    >>> rows = pl.DataFrame({"track_name": ["A", "a", "B"], "artists": [["x"], ["X"], ["x"]]})
    >>> find_keys(rows).recording.tolist()
    [0, 0, 1]
    """
    n = len(tracks)
    artists = artist_keys(tracks)
    credits = artists.explode(empty_as_null=False)
    album = album_keys(tracks)
    return Keys(
        recording=_components(recording_marks(tracks) if marks is None else marks),
        album=_codes(album),
        artists=Ragged.of(_codes(credits), artists.list.len()),
        first_artist=_codes(artists.list.first()),
        released=_release_days(tracks),
        has_albums=album.null_count() < n,
        has_artists=len(credits) > 0,
    )


def _codes(values: pl.Series) -> NDArray[np.int64]:
    """Number distinct values by first appearance; each null gets a number of its own."""
    n = len(values)
    codes = np.arange(n, dtype=np.int64)
    table = pl.DataFrame({"value": values, "row": codes}).drop_nulls()
    first = table.select("row", pl.col("row").first().over("value").alias("first"))
    codes[first["row"].to_numpy()] = first["first"].to_numpy()
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _release_days(tracks: pl.DataFrame) -> NDArray[np.datetime64]:
    """Return the release date of each row, else the first day of its year, else NaT: (n,)."""
    ways = [pl.lit(None, dtype=pl.Date)]
    if "year" in tracks.columns:
        ways.insert(0, pl.date(pl.col("year").cast(pl.Int32), 1, 1))
    if "release_date" in tracks.columns:
        ways.insert(0, pl.col("release_date"))
    days = tracks.with_columns(pl.coalesce(ways).alias("released"))["released"]
    return days.to_numpy().astype("datetime64[D]")


def _components(marks: pl.DataFrame) -> NDArray[np.int64]:
    # Imported here: a prediction asks for no recordings, and pays a tenth of a second for it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(marks)
    rows = np.arange(n)
    ends = [
        _codes(marks[mark]) + n * (i + 1) for i, mark in enumerate(MARKS) if _tells(marks[mark])
    ]
    starts = np.tile(rows, len(ends))
    joined = np.concatenate(ends) if ends else np.empty(0, np.int64)
    size = n * (len(MARKS) + 1)
    graph = coo_array((np.ones(len(starts), np.int8), (starts, joined)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1][:n]
    return _codes(pl.Series(labels))


def _tells(mark: pl.Series) -> bool:
    known = mark.drop_nulls()
    return len(known) > 0 and (
        mark.name != "audio_mark" or known.n_unique() >= LEAST_DISTINCT * len(known)
    )
