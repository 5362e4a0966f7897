"""What was found, in plain numbers: the tracks, and in which features they are alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from trackoracle.neighbours.coordinates import Values
from trackoracle.neighbours.genres import years
from trackoracle.neighbours.index import Found, Neighbours, Wish, genres_of
from trackoracle.schema import FeatureGap, Similar, SimilarTrack

RANDOM_PAIR = 2**0.5
"""Root mean square of the distance of two random tracks, by how features are standardised."""
FEW_IN_COMMON = (
    "Compared by {n} of {of} features alone; the others are not known of this track: {missing}."
)
FEWER = "Only {n:,} of the {k:,} tracks wanted: no other recording can be compared{within}."
NO_GENRES = "Genres do not count: {who} names none."
NO_YEARS = "Eras do not count: {who} is not dated."


def answer_similar(
    index: Neighbours,
    track: pl.DataFrame,
    wish: Wish,
    *,
    row: int | None = None,
    named: str | None = None,
) -> Similar:
    """Find the tracks of a catalog that are most like one, and say in what they are.

    Parameters
    ----------
    index
        Of the catalog.
    track
        (1, k) typed track columns.
    wish
        How to compare.
    row
        Its row, where it is a track of the catalog.
    named
        What the answer calls it; by default its id, else 1.

    Returns
    -------
    Similar
        Never the same recording, nor one recording twice.

    Examples
    --------
    >>> from trackoracle.catalogs import load_catalog
    >>> index = Neighbours.of(load_catalog("sample"))
    >>> told = answer_similar(index, pl.DataFrame({"energy": [0.9], "tempo": [128.0]}), Wish(k=2))
    >>> len(told.tracks), [gap.feature for gap in told.tracks[0].gaps if gap.share > 0.5][:1] != []
    (2, True)
    """
    found = index.near(track, wish, row=row)
    facts = track.row(0, named=True)
    own = index.scale.raw(track)[0]
    features = index.scale.features
    missing = tuple(name for name, value in zip(features, own, strict=True) if np.isnan(value))
    own_genres = {name.strip().lower() for name in genres_of(track)}
    return Similar(
        track=named or _text(facts, "track_id") or "1",
        track_name=_text(facts, "track_name"),
        artists=_names(facts, "artists"),
        n_tracks=len(index),
        features=features,
        missing=missing,
        within_genre=wish.within_genre,
        genre_weight=wish.genre_weight,
        era_weight=wish.era_weight,
        tracks=_tracks(index, found, own, own_genres, years(track)[0]),
        notes=_notes(index, track, wish, missing, len(found.rows)),
    )


def _tracks(
    index: Neighbours, found: Found, own: Values, own_genres: set[str], year: float
) -> tuple[SimilarTrack, ...]:
    rows = index.tracks[found.rows]
    others = index.scale.raw(rows)
    told = []
    for i, (row, facts) in enumerate(zip(map(int, found.rows), rows.to_dicts(), strict=True)):
        genres = _names(facts, "genres")
        other_year = index.years[row]
        undated = np.isnan(year) or np.isnan(other_year)
        popularity = facts.get("popularity")
        told.append(
            SimilarTrack(
                rank=i + 1,
                row=row + 1,
                track=_text(facts, "track_id") or str(row + 1),
                track_name=_text(facts, "track_name"),
                artists=_names(facts, "artists"),
                genres=genres,
                year=None if np.isnan(other_year) else int(other_year),
                popularity=None if popularity is None else float(popularity),
                distance=float(found.distance[i]),
                audio_distance=float(found.audio[i]),
                same_genre=_share(own_genres, genres),
                years_apart=None if undated else int(abs(year - other_year)),
                gaps=_gaps(index.scale.features, own, others[i], found.gaps[i]),
            )
        )
    return tuple(told)


def _share(own: set[str], others: tuple[str, ...]) -> bool | None:
    if not own or not others:
        return None
    return not own.isdisjoint(name.strip().lower() for name in others)


def _gaps(
    features: tuple[str, ...], own: Values, other: Values, gaps: Values
) -> tuple[FeatureGap, ...]:
    squared = gaps**2
    whole = float(np.nansum(squared))
    return tuple(
        FeatureGap(
            feature=features[i],
            own=float(own[i]),
            other=float(other[i]),
            gap=float(gaps[i]),
            share=float(squared[i]) / whole if whole else 0.0,
        )
        for i in map(int, np.argsort(gaps, kind="stable"))
        if not np.isnan(gaps[i])
    )


def _notes(
    index: Neighbours, track: pl.DataFrame, wish: Wish, missing: tuple[str, ...], n_found: int
) -> tuple[str, ...]:
    said = []
    if missing:
        of = len(index.scale.features)
        said.append(FEW_IN_COMMON.format(n=of - len(missing), of=of, missing=", ".join(missing)))
    if n_found < wish.k:
        within = " within its genre" if wish.within_genre else ""
        said.append(FEWER.format(n=n_found, k=wish.k, within=within))
    if wish.genre_weight and not wish.within_genre:
        if not genres_of(track):
            said.append(NO_GENRES.format(who="the track"))
        elif not index.genres.names:
            said.append(NO_GENRES.format(who="the catalog"))
    if wish.era_weight:
        if np.isnan(years(track)[0]):
            said.append(NO_YEARS.format(who="the track"))
        elif np.isnan(index.years).all():
            said.append(NO_YEARS.format(who="the catalog"))
    return tuple(said)


def _text(facts: Mapping[str, Any], column: str) -> str | None:
    value = facts.get(column)
    return None if value is None else str(value)


def _names(facts: Mapping[str, Any], column: str) -> tuple[str, ...]:
    return tuple(str(name) for name in facts.get(column) or () if name is not None)
