"""Tracks of a catalog that are like another one, and in what they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from trackoracle.schema.showing import Shown


@dataclass(frozen=True)
class FeatureGap:
    """How far two tracks are apart in one audio feature.

    Parameters
    ----------
    feature
        The column.
    own, other
        Its values in the track that was asked about, and in the one that was found.
    gap
        In standard deviations of the catalog, on the scale of the distance.
    share
        Of the squared audio distance; all shares add up to 1, and are 0 where it is 0.
    """

    feature: str
    own: float
    other: float
    gap: float
    share: float


@dataclass(frozen=True)
class SimilarTrack:
    """One track that was found.

    Parameters
    ----------
    rank, row
        From 1; the row is that of the catalog.
    track
        Its id, or the number of its row.
    track_name, artists, genres, year, popularity
        What the catalog says of it.
    distance
        What orders the tracks: audio, genre and era together.
    audio_distance
        Root mean square of the features' gaps.
    same_genre
        Whether it shares a genre; None where either names none.
    years_apart
        None where either is not dated.
    gaps
        The features that are known of both, the least apart first.
    prediction
        What an oracle answers for it, by column of `predict`; empty unless one was asked.
    """

    rank: int
    row: int
    track: str
    track_name: str | None
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    year: int | None
    popularity: float | None
    distance: float
    audio_distance: float
    same_genre: bool | None
    years_apart: int | None
    gaps: tuple[FeatureGap, ...]
    prediction: dict[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the track as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Similar(Shown):
    """The tracks of a catalog that are most like one track, each another recording.

    Parameters
    ----------
    track, track_name, artists
        The track that was asked about.
    n_tracks
        Tracks of the catalog.
    features
        By which they were compared.
    missing
        Features of the catalog that are not known of the track that was asked about.
    within_genre, genre_weight, era_weight
        As asked.
    tracks
        The nearest first; fewer than were wanted where there are no more.
    notes
        What else is to be known, in sentences.
    prediction
        What an oracle answers for the track itself; None unless one was asked.
    """

    track: str
    track_name: str | None
    artists: tuple[str, ...]
    n_tracks: int
    features: tuple[str, ...]
    missing: tuple[str, ...]
    within_genre: bool
    genre_weight: float
    era_weight: float
    tracks: tuple[SimilarTrack, ...]
    notes: tuple[str, ...] = ()
    prediction: dict[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data."""
        return asdict(self)
