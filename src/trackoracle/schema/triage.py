"""Which tracks of a catalog deserve a listen, and what such a list is worth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from trackoracle.schema.estimates import Estimate
from trackoracle.schema.showing import Shown

TriageBy = Literal["gems", "novelty", "likeness"]


@dataclass(frozen=True)
class Worth:
    """How many of the tracks on top of a list are what it looks for, where that is known.

    Parameters
    ----------
    what
        What is looked for, and in which order, in words.
    k
        Tracks on top that are counted.
    among, n_tracks
        The tracks of which it is known, in words, and how many they are.
    precision
        The share among the k, with a 95 % interval over whole artists.
    base_rate
        The share among all of them: what a list drawn by lot finds.
    caveat
        Of which tracks alone it is true, a sentence; empty where it is true of all.
    """

    what: str
    k: int
    among: str
    n_tracks: int
    precision: Estimate
    base_rate: float
    caveat: str = ""

    @property
    def lift(self) -> float:
        """How many times the base rate the precision is; NaN where there is none to find."""
        return self.precision.value / self.base_rate if self.base_rate else float("nan")


@dataclass(frozen=True)
class TriagedTrack:
    """One track of the list.

    Parameters
    ----------
    rank, row
        From 1; the row is that of the catalog.
    track
        Its id, or the number of its row.
    track_name, artists, genres
        What the catalog says of it.
    observed
        Its popularity now (of an oracle of hits: 1 for a hit); None where it is not known.
    prediction
        What the oracle answers, by column of `predict`.
    value
        What orders the list: points predicted above those observed (of hits: the probability of
        one); the share of training tracks that lie nearer the middle; the distance from the
        nearest reference.
    reference
        The reference that it is nearest to, where there are any.
    warning
        What the oracle says of it.
    """

    rank: int
    row: int
    track: str
    track_name: str | None
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    observed: float | None
    prediction: dict[str, float]
    value: float
    reference: str | None
    warning: str


@dataclass(frozen=True)
class Triage(Shown):
    """A list of tracks, the most worth a listen first; each recording once.

    Parameters
    ----------
    by
        What orders it.
    target, level
        Of the oracle, and of its intervals.
    n_tracks, n_seen, n_ranked
        Of the catalog; left out since the oracle was trained on them; recordings that were ranked.
    tracks
        The first ones.
    worth
        What is known of lists like this; None where nothing is.
    notes
        What else is to be known, in sentences.
    untold
        Why no worth is told, a sentence; empty where one is told, or none is to be had.
    """

    by: TriageBy
    target: str
    level: float
    n_tracks: int
    n_seen: int
    n_ranked: int
    tracks: tuple[TriagedTrack, ...]
    worth: Worth | None
    notes: tuple[str, ...]
    untold: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the list as plain data."""
        facts = asdict(self)
        if self.worth is not None:
            facts["worth"]["lift"] = self.worth.lift
        return facts
