"""A catalog: the checked table of tracks, the keys that group them, and the card of its source."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema.ragged import Ragged
from trackoracle.schema.showing import Shown

Action = Literal["kept", "nulled", "dropped", "merged", "repaired"]


@dataclass(frozen=True)
class Finding:
    """One thing that was wrong in a source, and what was done about it.

    Parameters
    ----------
    code
        Short stable name, for scripts.
    n
        How many rows or values.
    what
        The sentence that says it.
    action
        What was done.
    examples
        Up to three places or values.
    """

    code: str
    n: int
    what: str
    action: Action
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """Where a catalog came from and what became of it on the way in."""

    name: str
    file: str
    adapter: str
    source: str
    licence: str
    snapshot: str | None
    checksum: str
    synthetic: bool
    n_rows_read: int
    n_tracks: int
    n_recordings: int
    n_artists: int
    n_albums: int
    unused_columns: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_of_users(self) -> bool:
        """Whether it is a table of a user's own: two of them need not have one track in common."""
        return self.adapter == "generic"

    @property
    def refused(self) -> bool:
        """Whether values were set to missing that a stricter reading refuses."""
        return self.is_of_users and any(f.action == "nulled" for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Keys:
    """What ties tracks together, as codes that compare fast.

    Parameters
    ----------
    recording
        (n,) code of the recording.
    album
        (n,) code of the album; a track without one has a code of its own.
    artists
        n lists with the codes of everyone credited.
    first_artist
        (n,) code of the first credit; a track without one has a code of its own.
    released
        (n,) day of release, NaT where it is not known; a year alone counts as its first day.
    has_albums, has_artists
        Whether the source names any.
    """

    recording: NDArray[np.int64]
    album: NDArray[np.int64]
    artists: Ragged
    first_artist: NDArray[np.int64]
    released: NDArray[np.datetime64]
    has_albums: bool
    has_artists: bool

    @property
    def has_dates(self) -> bool:
        """Whether the source dates any release."""
        return not np.isnat(self.released).all()

    @cached_property
    def weight(self) -> NDArray[np.float64]:
        """Weight of each row: (n,) 1 over the number of rows of its recording."""
        return self.weight_among(np.arange(len(self.recording)))

    def weight_among(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the weight of some rows as if there were no others: (m,).

        A release that is still to come must not lower the weight of an earlier one.
        """
        recording = self.recording[rows]
        weight: NDArray[np.float64] = 1.0 / np.bincount(recording)[recording]
        return weight

    def renumbered(self) -> Keys:
        """Return the same keys with codes that depend on the order of the rows only."""
        artists = _by_appearance(np.asarray(self.artists.values, np.int64))
        return Keys(
            recording=_by_appearance(self.recording),
            album=_by_appearance(self.album),
            artists=Ragged(artists, self.artists.offsets),
            first_artist=_by_appearance(self.first_artist),
            released=self.released,
            has_albums=self.has_albums,
            has_artists=self.has_artists,
        )

    def take(self, rows: NDArray[np.int64]) -> Keys:
        """Return the keys of some rows, in their order."""
        return Keys(
            recording=self.recording[rows],
            album=self.album[rows],
            artists=self.artists.take(rows),
            first_artist=self.first_artist[rows],
            released=self.released[rows],
            has_albums=self.has_albums,
            has_artists=self.has_artists,
        )


def _by_appearance(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number codes in the order in which they first appear."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


@dataclass(frozen=True, repr=False)
class Catalog(Shown):
    """Tracks in the one schema, one row a track.

    Parameters
    ----------
    tracks
        (n, k) track columns, plus columns of the user's own named in `other`.
    keys
        Recording, album and artist codes of the rows.
    card
        The source and what was repaired.
    other
        Names of extra input columns that the user mapped.
    """

    tracks: pl.DataFrame
    keys: Keys
    card: Card
    other: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.tracks)

    def __repr__(self) -> str:
        card = self.card
        return (
            f"Catalog({card.name!r}: {len(self):,} tracks, {card.n_recordings:,} recordings, "
            f"{card.n_artists:,} artists)"
        )

    def take(self, rows: NDArray[np.int64]) -> Catalog:
        """Return some rows as a catalog, the card unchanged."""
        return Catalog(self.tracks[rows], self.keys.take(rows), self.card, self.other)
