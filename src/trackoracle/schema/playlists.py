"""A playlist: tracks in an order that can be listened to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from trackoracle.schema.showing import Shown


@dataclass(frozen=True)
class Condition:
    """One condition on tracks.

    Parameters
    ----------
    what
        As people say it.
    n_tracks
        Tracks of the catalog that meet it, whatever the others say.
    """

    what: str
    n_tracks: int


@dataclass(frozen=True)
class PlaylistTrack:
    """One track in its place.

    Parameters
    ----------
    place, row
        From 1; the row is that of the catalog.
    track
        Its id, or the number of its row.
    track_name, artists, genres, duration_ms, tempo, energy, valence, popularity
        What the catalog says of it.
    tempo_step
        By which factor its tempo differs from the one before, the nearest of plain, half and
        double time: 1.05 is 5 % faster. None of the first, or where either is not known.
    energy_step
        How much more energy it has than the one before.
    """

    place: int
    row: int
    track: str
    track_name: str | None
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    duration_ms: float | None
    tempo: float | None
    energy: float | None
    valence: float | None
    popularity: float | None
    tempo_step: float | None
    energy_step: float | None

    @property
    def spotify_uri(self) -> str | None:
        """Its Spotify URI, where the id is one of Spotify."""
        bare = self.track.removeprefix("spotify:track:")
        is_id = len(bare) == 22 and bare.isascii() and bare.isalnum()
        return f"spotify:track:{bare}" if is_id else None


@dataclass(frozen=True)
class Playlist(Shown):
    """Tracks that meet conditions, in an order in which neighbours go together.

    Parameters
    ----------
    tracks
        In their order.
    conditions
        That every track meets.
    n_candidates
        Recordings that meet them all.
    n_wanted, most_of_artist
        As asked.
    seeds
        Tracks that it was made to sound like.
    roughness, unordered_roughness
        Mean step between neighbours, in tenths of an octave of tempo and tenths of energy added
        up: of this order, and of the order in which the tracks were chosen.
    notes
        What else is to be known, in sentences.
    """

    tracks: tuple[PlaylistTrack, ...]
    conditions: tuple[Condition, ...]
    n_candidates: int
    n_wanted: int
    most_of_artist: int
    seeds: tuple[str, ...]
    roughness: float
    unordered_roughness: float
    notes: tuple[str, ...] = ()

    @property
    def minutes(self) -> float | None:
        """How long it takes; None where a track does not tell."""
        lengths = [track.duration_ms for track in self.tracks]
        known = [length for length in lengths if length is not None]
        return sum(known) / 60_000 if len(known) == len(lengths) else None

    def to_dict(self) -> dict[str, Any]:
        """Return the playlist as plain data."""
        facts = asdict(self)
        for track, told in zip(self.tracks, facts["tracks"], strict=True):
            told["spotify_uri"] = track.spotify_uri
        return {**facts, "minutes": self.minutes}
