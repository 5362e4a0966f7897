"""The order of several tracks, and how sure it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Together = Literal["artist", "album"]


@dataclass(frozen=True)
class Shared:
    """What tracks share of what is not known: correlations of their places in their distributions.

    Parameters
    ----------
    artist
        Of two tracks of one artist on different albums.
    album
        Of two tracks of one album.
    """

    artist: float
    album: float


@dataclass(frozen=True)
class Sharing:
    """What is shared by tracks of artists that the oracle knows, and of new ones."""

    known: Shared
    new: Shared

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def sharing_from_dict(facts: dict[str, Any]) -> Sharing:
    """Rebuild it from its plain data; raises ValueError on what is no correlation."""
    known, new = (
        Shared(float(facts[of]["artist"]), float(facts[of]["album"])) for of in ("known", "new")
    )
    if not all(0 <= shared.artist <= shared.album < 1 for shared in (known, new)):
        raise ValueError("sharing: expected correlations from 0 to below 1, got others")
    return Sharing(known, new)


@dataclass(frozen=True)
class RankedTrack:
    """One track in its place.

    Parameters
    ----------
    rank
        From 1.
    row
        Its row in what was asked, from 1.
    track
        Its id, or the number of its row.
    answer
        The numbers that `predict` answers, by column.
    prediction
        Expected popularity, probability of a hit, or expected tier: what orders the tracks.
    p_above_next
        Probability that it does better than the next; None of the last.
    p_best
        Probability that it does best of all.
    group
        Number of its group, from 1: within one, none is told apart from the first.
    known
        Input groups that are known of it.
    """

    rank: int
    row: int
    track: str
    answer: dict[str, float]
    prediction: float
    p_above_next: float | None
    p_best: float
    group: int
    known: str

    def to_dict(self) -> dict[str, Any]:
        """Return the track as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Ranking:
    """Tracks in the order of what is expected of them.

    Parameters
    ----------
    target, unit
        What is predicted, and the unit of `prediction`.
    level
        Of the intervals in `answer`.
    sure
        Probability from which an order is told.
    tracks
        The best first.
    artist, album
        Largest correlations by which tracks of one artist, and of one album, were joined;
        None where no two of the tracks are.
    notes
        What else is to be known, in sentences.
    """

    target: str
    unit: str
    level: float
    sure: float
    tracks: tuple[RankedTrack, ...]
    artist: float | None
    album: float | None
    notes: tuple[str, ...]

    @property
    def groups(self) -> tuple[tuple[RankedTrack, ...], ...]:
        """The tracks by group."""
        numbers = range(1, max((track.group for track in self.tracks), default=0) + 1)
        return tuple(tuple(t for t in self.tracks if t.group == number) for number in numbers)

    def to_dict(self) -> dict[str, Any]:
        """Return the ranking as plain data."""
        return {**asdict(self), "notes": list(self.notes), "tracks": list(map(asdict, self.tracks))}
