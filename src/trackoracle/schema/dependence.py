"""What predictions depend on, over many tracks or along one column, as plain numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from trackoracle.schema.estimates import Estimate
from trackoracle.schema.explanations import Given, Unit
from trackoracle.schema.showing import Shown

DependenceUnit = Literal["points", "probability", "tier"]
DEPENDENCE_UNITS: dict[str, DependenceUnit] = {
    "popularity": "points",
    "hit": "probability",
    "tier": "tier",
}
"""By the target's name: what is told along a column; of a hit its probability."""
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Dependence(Shown):
    """Predictions along one column.

    Parameters
    ----------
    column, unit
        What varies, and what is told.
    kind
        "track": one track, all else as it is. "partial": the mean over tracks, all else as it
        is in each. "accumulated": local differences added up, centred at 0 (ALE).
    values
        (v,) of the column.
    prediction
        (v,) calibrated predictions, or effects.
    low, high
        (v,) ends of each prediction's interval (of popularity alone), of the mean's or of the
        effect's 95 % bootstrap interval; empty where there is none.
    at
        Of one track: its own value.
    n_tracks
        That the figures are of.
    each
        (l, v) of the partial kind: some of the tracks, each for itself (ICE).
    """

    column: str
    unit: DependenceUnit
    kind: Literal["track", "partial", "accumulated"]
    values: tuple[Given, ...]
    prediction: Numbers
    low: Numbers = ()
    high: Numbers = ()
    at: Given = None
    n_tracks: int = 1
    each: tuple[Numbers, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the dependence as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class DependenceMap(Shown):
    """Predictions over two columns: of one track, or the mean over several.

    Parameters
    ----------
    columns
        The two that vary.
    values
        (v,) of the first and (w,) of the second.
    prediction
        (v, w).
    at
        Of one track: its own values.
    """

    columns: tuple[str, str]
    unit: DependenceUnit
    values: tuple[tuple[Given, ...], tuple[Given, ...]]
    prediction: tuple[Numbers, ...]
    at: tuple[Given, Given]
    n_tracks: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the map as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class FeatureImportance:
    """Three views of how much one feature weighs.

    Parameters
    ----------
    feature
        A track column, several that only together tell something, or an input group.
    gain
        Share of what splits took off the loss in training; None where the model tells none.
    attribution
        Mean size of its contribution, in the unit of explanations.
    permutation
        By metric, what is lost when the feature's values are dealt among the tracks anew;
        empty where it was not measured.
    """

    feature: str
    gain: float | None
    attribution: Estimate
    permutation: dict[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class Importance(Shown):
    """How much features weigh in an oracle's answers to some tracks.

    Parameters
    ----------
    unit
        Of attributions.
    n_tracks, n_permuted
        That attributions, and permutations, are of.
    features
        Columns, the largest mean attribution first.
    groups
        The same of whole input groups.
    notes
        Why something was not measured.
    """

    unit: Unit
    n_tracks: int
    n_permuted: int
    features: tuple[FeatureImportance, ...]
    groups: tuple[FeatureImportance, ...]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the importance as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Coefficient:
    """What one standard deviation of an input moves a linear model's margin by.

    Parameters
    ----------
    margin
        The number of the class, of a tier; else 0.
    """

    input: str
    feature: str
    margin: int
    per_deviation: float
