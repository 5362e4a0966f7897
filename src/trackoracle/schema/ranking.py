"""The order of several tracks, and how sure it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

from trackoracle.schema.showing import Shown

Together = Literal["artist", "album"]


@dataclass(frozen=True)
class PairCurve:
    """How often an order was right that was stated with a probability.

    Parameters
    ----------
    stated, right
        (k,) each, from .5 to 1 and rising; straight lines between.
    """

    stated: tuple[float, ...]
    right: tuple[float, ...]


@dataclass(frozen=True)
class Shared:
    """What two tracks share of what is not known of them, and what their order is worth.

    Parameters
    ----------
    correlation
        Of their places in their distributions.
    curve
        From the probability that their joint distribution gives their order to how often such
        orders are right; None where too few pairs tell.
    """

    correlation: float
    curve: PairCurve | None = None


NOTHING_SHARED = Shared(0.0)


@dataclass(frozen=True)
class SharedBy:
    """What tracks of one artist on different albums share, and what tracks of one album do."""

    artist: Shared
    album: Shared


@dataclass(frozen=True)
class Sharing:
    """What is shared by tracks of artists that the oracle knows, and of new ones."""

    known: SharedBy
    new: SharedBy

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


NOTHING = SharedBy(NOTHING_SHARED, NOTHING_SHARED)


def sharing_from_dict(facts: dict[str, Any]) -> Sharing:
    """Rebuild it from its plain data; raises ValueError on what is none."""
    known, new = (
        SharedBy(_shared(facts[of]["artist"]), _shared(facts[of]["album"]))
        for of in ("known", "new")
    )
    return Sharing(known, new)


def _shared(facts: dict[str, Any]) -> Shared:
    correlation, curve = float(facts["correlation"]), facts["curve"]
    sound = 0 <= correlation < 1
    if curve is None:
        read = None
    else:
        read = PairCurve(*(tuple(map(float, curve[name])) for name in ("stated", "right")))
        sound = sound and len(read.stated) == len(read.right) > 1
        for ends in (read.stated, read.right):
            sound = sound and all(0.5 <= a <= b <= 1 for a, b in pairwise(ends))
        sound = sound and all(a < b for a, b in pairwise(read.stated))
    if not sound:
        raise ValueError("sharing: expected correlations and rising probabilities, got others")
    return Shared(correlation, read)


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
        Probability that it does best of all, by Luce's rule: in proportion to the odds that it
        has against the first.
    group
        Number of its group, from 1: within one, none is told apart from the first.
    known
        Input groups that are known of it.
    name
        Its title, where that was told.
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
    name: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the track as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Ranking(Shown):
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
    n_pairs
        Of neighbours in the order, how many are of one album, of one artist, and strangers.
    notes
        What else is to be known, in sentences.
    """

    target: str
    unit: str
    level: float
    sure: float
    tracks: tuple[RankedTrack, ...]
    n_pairs: dict[str, int]
    notes: tuple[str, ...]

    @property
    def groups(self) -> tuple[tuple[RankedTrack, ...], ...]:
        """The tracks by group."""
        numbers = range(1, max((track.group for track in self.tracks), default=0) + 1)
        return tuple(tuple(t for t in self.tracks if t.group == number) for number in numbers)

    def to_dict(self) -> dict[str, Any]:
        """Return the ranking as plain data."""
        return {**asdict(self), "notes": list(self.notes), "tracks": list(map(asdict, self.tracks))}
