"""Artists and tracks on top."""

from __future__ import annotations

import numpy as np
import polars as pl

from trackoracle.exploration.results import Artist, Names, TopTrack
from trackoracle.exploration.seen import Seen

SHOWN = 15
_LEAST = (20, 10, 5, 3, 2, 1)
"""Recordings that an artist must have to be listed: the first that leaves enough artists."""


def names_of(seen: Seen) -> Names | None:
    """List artists by mean and by number of recordings, and tracks; None without a target."""
    catalog = seen.catalog
    if seen.target is None or "artists" not in catalog.tracks.columns:
        return None
    released = pl.DataFrame(
        {
            "artist": catalog.tracks["artists"],
            "recording": catalog.keys.recording,
            "y": pl.Series(seen.y, nan_to_null=True),
        }
    ).drop_nulls("y")
    each = released.explode("artist").drop_nulls("artist")
    # Each recording once, at the mean of its releases; sums in one order, so that equal
    # catalogs have equal reports.
    once = each.group_by("artist", "recording", maintain_order=True).agg(pl.col("y").mean())
    artists = once.group_by("artist", maintain_order=True).agg(
        pl.len().alias("n"), pl.col("y").mean()
    )
    if artists.is_empty():
        return None
    counts = artists["n"].to_numpy()
    least = next((n for n in _LEAST if (counts >= n).sum() >= SHOWN), 1)
    enough = artists.filter(pl.col("n") >= least)
    return Names(
        least=least,
        n_artists=len(enough),
        by_mean=_listed(enough, ["y", "n", "artist"], [True, True, False]),
        by_count=_listed(artists, ["n", "artist"], [True, False]),
        tracks=_tracks(seen) if seen.target == "popularity" else (),
    )


def _listed(artists: pl.DataFrame, by: list[str], descending: list[bool]) -> tuple[Artist, ...]:
    first = artists.sort(by, descending=descending).head(SHOWN)
    return tuple(Artist(name, int(n), float(y)) for name, n, y in first.iter_rows())


def _tracks(seen: Seen) -> tuple[TopTrack, ...]:
    """Return the tracks with the highest target, the best release of each recording."""
    order = np.argsort(-np.nan_to_num(seen.y, nan=-1), kind="stable")
    recordings = seen.catalog.keys.recording[order]
    # Later releases of a listed recording pass by, so look a little further than is shown.
    _, first = np.unique(recordings[: 50 * SHOWN], return_index=True)
    chosen = order[np.sort(first)[:SHOWN]]
    rows = seen.catalog.tracks[chosen]

    def listed(name: str) -> list[str]:
        if name not in rows.columns:
            return [""] * len(rows)
        return rows[name].list.join(", ").fill_null("").to_list()

    titles = rows["track_name"].fill_null("").to_list() if "track_name" in rows.columns else []
    titles = titles or [""] * len(rows)
    told = zip(titles, listed("artists"), listed("genres"), seen.y[chosen].tolist(), strict=True)
    return tuple(TopTrack(*facts) for facts in told if not np.isnan(facts[3]))
