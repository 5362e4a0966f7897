"""What is predicted: popularity, hit or tier."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import ConfigError, TargetError

Task = Literal["regression", "binary", "multiclass"]
_LANDMARKS = (0.0, 50.0)
"""Points, for which histories tell the share of tracks above, whatever is asked of popularity."""


@dataclass(frozen=True)
class Popularity:
    """Popularity, 0 to 100 points, as a distribution.

    Parameters
    ----------
    hit_above
        A hit is a track of more points than this.
    tiers
        Edges between tiers; the tier is the number of edges that the value exceeds.

    Examples
    --------
    >>> Popularity().tiers
    (25.0, 50.0, 75.0)
    """

    hit_above: float = 70.0
    tiers: tuple[float, ...] = (25.0, 50.0, 75.0)

    name: ClassVar[str] = "popularity"
    task: ClassVar[Task] = "regression"
    unit: ClassVar[str] = "points"
    n_classes: ClassVar[int] = 0
    answer_shape: ClassVar[tuple[int, ...]] = ()
    landmarks: ClassVar[tuple[float, ...]] = _LANDMARKS
    mean_measures: ClassVar[tuple[str, ...]] = ("mean",)

    def __post_init__(self) -> None:
        if not 0 <= self.hit_above < 100 or not _are_edges(self.tiers):
            raise ConfigError(
                "target: expected thresholds from 0 to below 100 and rising tier edges, "
                f"got hit_above={self.hit_above:g}, tiers={self.tiers}. Correct them."
            )

    @property
    def support(self) -> NDArray[np.float64]:
        """Values that the distribution gives probability to: (101,) points."""
        return np.arange(101, dtype=np.float64)

    @property
    def bins(self) -> NDArray[np.float64]:
        """Edges between bins, a bin being the number of edges that the value exceeds: (b - 1,).

        Every five points, and wherever something is asked of the distribution.
        """
        return np.unique([*range(0, 100, 5), self.hit_above, *self.tiers]).astype(np.float64)

    @property
    def borders(self) -> tuple[float, ...]:
        """Edges that no learned class may reach over, however few tracks lie beyond."""
        return (self.hit_above,)

    def values(self, tracks: pl.DataFrame) -> NDArray[np.float64]:
        """Return the target of each track: (n,), NaN where it is not known."""
        if "popularity" not in tracks.columns:
            raise TargetError(
                "popularity: expected a column of 0 to 100 points to learn from, got none "
                f"(columns: {', '.join(tracks.columns)}). Map one with "
                "--map popularity=THEIR_COLUMN, or choose --target hit."
            )
        points = tracks["popularity"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        known = points[~np.isnan(points)]
        if len(known) and known.max() <= 1 and (known % 1 != 0).any():
            raise TargetError(
                f"popularity: expected 0 to 100 points, got shares of at most {known.max():g}. "
                "Multiply them by 100."
            )
        return points

    def remembered(self, tracks: pl.DataFrame) -> NDArray[np.float64]:
        """Return what histories tell of each track: (n,), its points."""
        return self.values(tracks)

    def to_dict(self) -> dict[str, Any]:
        """Return the target as plain data."""
        return {"name": self.name, **asdict(self), "tiers": list(self.tiers)}


@dataclass(frozen=True)
class Hit:
    """Whether a track is a hit.

    Parameters
    ----------
    above
        Popularity above which a track is a hit; None to use the given `hit` column.
    base_rate
        The true share of hits where the catalog's own is artificial; None to take the
        catalog's. Probabilities are told at it.

    Examples
    --------
    >>> Hit(above=50).values(pl.DataFrame({"popularity": [50, 51]})).tolist()
    [0.0, 1.0]
    """

    above: float | None = None
    base_rate: float | None = None

    name: ClassVar[str] = "hit"
    task: ClassVar[Task] = "binary"
    unit: ClassVar[str] = "probability"
    n_classes: ClassVar[int] = 2
    answer_shape: ClassVar[tuple[int, ...]] = ()
    borders: ClassVar[tuple[float, ...]] = ()

    def __post_init__(self) -> None:
        if self.above is not None and not 0 <= self.above < 100:
            raise ConfigError(
                "target: expected a threshold from 0 to below 100, "
                f"got above={self.above:g}. Correct it."
            )
        if self.base_rate is not None and not 0 < self.base_rate < 1:
            raise ConfigError(
                f"base_rate: expected above 0 and below 1, got {self.base_rate:g}. "
                "Try 0.03 for 3 %."
            )

    @property
    def support(self) -> NDArray[np.float64]:
        """Values that the distribution gives probability to: miss and hit."""
        return np.array([0.0, 1.0])

    @property
    def bins(self) -> NDArray[np.float64]:
        """Edges between bins: the one between miss and hit."""
        return np.array([0.0])

    @property
    def landmarks(self) -> tuple[float, ...]:
        """What histories tell the share above of: the threshold, too; nothing of given hits."""
        return () if self.above is None else _rising(*_LANDMARKS, self.above)

    @property
    def mean_measures(self) -> tuple[str, ...]:
        """Measures of a history that add up to the share of hits."""
        return ("mean",) if self.above is None else (share_above(self.above),)

    def values(self, tracks: pl.DataFrame) -> NDArray[np.float64]:
        """Return the target of each track: (n,) 0 or 1, NaN where it is not known."""
        if self.above is not None:
            points = Popularity().values(tracks)
            return np.where(np.isnan(points), np.nan, (points > self.above).astype(np.float64))
        if "hit" not in tracks.columns:
            raise TargetError(
                "hit: expected a column of 0 and 1 to learn from, got none "
                f"(columns: {', '.join(tracks.columns)}). Map one with --map hit=THEIR_COLUMN, "
                "or train on popularity above a threshold with --hit-above 70."
            )
        return tracks["hit"].cast(pl.Float64).fill_null(np.nan).to_numpy()

    def remembered(self, tracks: pl.DataFrame) -> NDArray[np.float64]:
        """Return what histories tell of each track: (n,), its points, or the given hit.

        By how much other tracks missed, or passed, the threshold tells more than whether.
        """
        return self.values(tracks) if self.above is None else Popularity().values(tracks)

    def to_dict(self) -> dict[str, Any]:
        """Return the target as plain data."""
        return {"name": self.name, **asdict(self)}


@dataclass(frozen=True)
class Tier:
    """Which tier of popularity a track is in: the number of edges that its popularity exceeds.

    Parameters
    ----------
    edges
        Rising, points.

    Examples
    --------
    >>> Tier().values(pl.DataFrame({"popularity": [0, 25, 26, 100, None]})).tolist()
    [0.0, 0.0, 1.0, 3.0, nan]
    """

    edges: tuple[float, ...] = (25.0, 50.0, 75.0)

    name: ClassVar[str] = "tier"
    task: ClassVar[Task] = "multiclass"
    unit: ClassVar[str] = "tier"
    borders: ClassVar[tuple[float, ...]] = ()

    def __post_init__(self) -> None:
        if not self.edges or not _are_edges(self.edges):
            raise ConfigError(
                "target: expected rising tier edges from 0 to below 100, "
                f"got {self.edges}. Correct them."
            )

    @property
    def n_classes(self) -> int:
        """Number of tiers: one more than edges."""
        return len(self.edges) + 1

    @property
    def answer_shape(self) -> tuple[int, ...]:
        """Shape of what a model answers one track with: a probability for each tier."""
        return (self.n_classes,)

    @property
    def support(self) -> NDArray[np.float64]:
        """Values that the distribution gives probability to: the number of each tier."""
        return np.arange(self.n_classes, dtype=np.float64)

    @property
    def bins(self) -> NDArray[np.float64]:
        """Edges between bins of the tiers' numbers: each tier is one."""
        return self.support[:-1]

    @property
    def landmarks(self) -> tuple[float, ...]:
        """Points, for which histories tell the share above: the tiers' edges, too."""
        return _rising(*_LANDMARKS, *self.edges)

    @property
    def mean_measures(self) -> tuple[str, ...]:
        """Measures of a history that add up to the mean number of a tier."""
        return tuple(share_above(edge) for edge in self.edges)

    def values(self, tracks: pl.DataFrame) -> NDArray[np.float64]:
        """Return the number of each track's tier: (n,), NaN where it is not known."""
        points = Popularity().values(tracks)
        exceeded = np.searchsorted(self.edges, points, side="left").astype(np.float64)
        return np.where(np.isnan(points), np.nan, exceeded)

    def remembered(self, tracks: pl.DataFrame) -> NDArray[np.float64]:
        """Return what histories tell of each track: (n,), its points."""
        return Popularity().values(tracks)

    def to_dict(self) -> dict[str, Any]:
        """Return the target as plain data."""
        return {"name": self.name, "edges": list(self.edges)}


Target = Popularity | Hit | Tier


def middles(target: Target) -> NDArray[np.float64]:
    """Return what each bin counts as one number: (b,), the mean of the values in it.

    Examples
    --------
    >>> middles(Tier()).tolist(), middles(Popularity())[:3].tolist()
    ([0.0, 1.0, 2.0, 3.0], [0.0, 3.0, 8.0])
    """
    bin_of = np.searchsorted(target.bins, target.support, side="left")
    sums: NDArray[np.float64] = np.bincount(bin_of, target.support) / np.bincount(bin_of)
    return sums


def share_above(landmark: float) -> str:
    """Return how histories call the share of tracks above a landmark.

    Examples
    --------
    >>> share_above(70.0), Hit(above=70).mean_measures
    ('above_70', ('above_70',))
    """
    return f"above_{landmark:g}"


def _rising(*landmarks: float) -> tuple[float, ...]:
    return tuple(sorted({float(landmark) for landmark in landmarks}))


def _are_edges(edges: tuple[float, ...]) -> bool:
    return all(0 <= edge < 100 for edge in edges) and list(edges) == sorted(set(edges))


def target_from_dict(facts: dict[str, Any]) -> Target:
    """Rebuild a target from its plain data."""
    if facts["name"] == Popularity.name:
        return Popularity(float(facts["hit_above"]), tuple(float(t) for t in facts["tiers"]))
    if facts["name"] == Tier.name:
        return Tier(tuple(float(edge) for edge in facts["edges"]))
    # Files of earlier versions state no base rate.
    above, base_rate = facts["above"], facts.get("base_rate")
    return Hit(
        None if above is None else float(above), None if base_rate is None else float(base_rate)
    )
