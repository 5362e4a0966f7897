"""Artists of a catalog as live services know them: how each was found, and how surely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from trackoracle.schema.showing import Shown

How = Literal["exact", "id", "title", "fuzzy", "ambiguous", "missing"]
"""How an artist was found: the only one of exactly that name; by the service's id of a track; of
several of that name the one credited with a title; the only one of nearly that name; or not,
since several remain, or none is near."""
HOWS: tuple[How, ...] = get_args(How)
ARTIST_VALUES = ("artist_popularity", "artist_followers", "genres")
"""What may be added to a track from what is known of its artists."""


@dataclass(frozen=True)
class WantedArtist:
    """An artist of a catalog, with what tells it from others of its name.

    Parameters
    ----------
    key, name
        The normal form, by which it is one artist, and its first spelling.
    n_tracks
        How many tracks credit it.
    track_ids, titles
        Of a few of them, where the catalog says.
    """

    key: str
    name: str
    n_tracks: int
    track_ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArtistMatch:
    """What a service was found to know of an artist.

    Parameters
    ----------
    key, name
        As of `WantedArtist`.
    how
        How it was found, or why not.
    confidence
        How alike the two names are, 0 to 1; not a probability. None where nobody was chosen.
    provider, fetched
        Who was asked, and when.
    found_name, found_id
        Of who was chosen, at the service.
    n_rivals
        Others that may have been meant.
    values
        By track column, what is known; as the service tells it, each of `provider` at `fetched`.
    """

    key: str
    name: str
    how: How
    confidence: float | None
    provider: str
    fetched: str
    found_name: str | None = None
    found_id: str | None = None
    n_rivals: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_found(self) -> bool:
        """Whether somebody was chosen."""
        return self.confidence is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the match as plain data."""
        return {**asdict(self), "values": {name: _plain(v) for name, v in self.values.items()}}


def match_from_dict(facts: Mapping[str, Any]) -> ArtistMatch:
    """Rebuild a match from its plain data; what is none raises."""
    if facts["how"] not in HOWS:
        raise ValueError(f"how: expected one of {', '.join(HOWS)}, got {facts['how']!r}")
    told = {name: facts["values"][name] for name in ARTIST_VALUES if name in facts["values"]}
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    return ArtistMatch(**{**facts, "values": values})


@dataclass(frozen=True)
class Enrichment(Shown):
    """Who was looked for at a service, who was found, and how.

    Parameters
    ----------
    matches
        One for each artist asked about.
    threshold
        How alike names had to be.
    terms
        Under which the values came.
    notes
        What was left out or went wrong.

    Examples
    --------
    >>> match = ArtistMatch("a", "A", "exact", 1.0, "Spotify", "2026-03-01T12:00:00+00:00")
    >>> Enrichment((match,), 0.9, "terms").counts["exact"]
    1
    """

    matches: tuple[ArtistMatch, ...]
    threshold: float
    terms: str
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many artists were found in each way, or not."""
        counted = Counter(match.how for match in self.matches)
        return {how: counted[how] for how in HOWS}

    def to_dict(self) -> dict[str, Any]:
        """Return who gave which value, when, and how it was found, as plain data."""
        return {
            "terms": self.terms,
            "threshold": self.threshold,
            "counts": self.counts,
            "notes": list(self.notes),
            "artists": [match.to_dict() for match in self.matches],
        }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
