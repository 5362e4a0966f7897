"""How good a predicted distribution is, as plain numbers: its intervals, and its P(hit)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trackoracle.schema.estimates import Estimate, Scores, estimate_from_dict

OFF = 0.05
"""Below this adjusted p-value a genre's coverage is called off."""


@dataclass(frozen=True)
class GroupCoverage:
    """What share of one group's tracks the intervals hold, tested against their level.

    Parameters
    ----------
    group, n_tracks, n_clusters
        Name, size, and the number of artists (what the test takes as independent).
    coverage
        Share held, by weight.
    p
        Two-sided, adjusted by Holm over all groups that were tested.
    stated, p_stated
        Share that the intervals say they hold, and the p-value of the coverage against it;
        None where it is not told.
    """

    group: str
    n_tracks: int
    n_clusters: int
    coverage: float
    p: float
    stated: float | None = None
    p_stated: float | None = None

    @property
    def is_off(self) -> bool:
        """Whether the coverage differs from the level beyond chance."""
        return self.p < OFF

    @property
    def is_false(self) -> bool:
        """Whether the coverage differs beyond chance from what the intervals say they hold."""
        return self.p_stated is not None and self.p_stated < OFF


@dataclass(frozen=True)
class IntervalQuality:
    """The predicted intervals of one level.

    Parameters
    ----------
    level
        In per cent.
    coverage, width
        Share of targets held, ends included, and the mean distance of the ends.
    constant_width
        The width that an interval of the same width everywhere needs to hold as many.
    groups
        Coverage of each group large enough to be tested.
    stated
        Mean probability that the intervals say they hold; None where it is not told.
    """

    level: int
    coverage: Estimate
    width: Estimate
    constant_width: float
    groups: tuple[GroupCoverage, ...] = ()
    stated: float | None = None

    @property
    def saved(self) -> float:
        """How much narrower than the constant width, as a share of it."""
        return 1 - self.width.value / self.constant_width if self.constant_width > 0 else 0.0

    @property
    def off(self) -> tuple[GroupCoverage, ...]:
        """Groups whose coverage is off beyond chance."""
        return tuple(group for group in self.groups if group.is_off)

    @property
    def false(self) -> tuple[GroupCoverage, ...]:
        """Groups whose intervals do not hold what they say, beyond chance."""
        return tuple(group for group in self.groups if group.is_false)


@dataclass(frozen=True)
class HitQuality:
    """A predicted P(hit) as a forecast of yes or no.

    Parameters
    ----------
    base_rate
        Share of hits, by weight.
    roc_auc, pr_auc, brier
        Ranking and squared error.
    reliability, resolution, uncertainty
        Murphy's parts of the Brier score, = reliability - resolution + uncertainty. The
        uncertainty is also the Brier score of the base rate, whose resolution is 0.
    ece_by_weight, ece_by_width
        Expected calibration error in bins of equal weight, and of equal width.
    isotonic
        Brier score of isotonic regression of hits on the raw answer, fitted on other folds.
    over_isotonic
        The own Brier score less that one: above 0 is worse.
    """

    base_rate: float
    roc_auc: Estimate
    pr_auc: Estimate
    brier: Estimate
    reliability: float
    resolution: float
    uncertainty: float
    ece_by_weight: float
    ece_by_width: float
    isotonic: float
    over_isotonic: Estimate


@dataclass(frozen=True)
class Quality:
    """How good the chosen candidate's distribution is under one protocol.

    Parameters
    ----------
    inputs
        The input groups that the tracks were given with, or "all".
    scores
        Every metric of the target.
    intervals, hits
        Each where the target has it.
    """

    inputs: str
    scores: Scores
    intervals: IntervalQuality | None = None
    hits: HitQuality | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the quality as plain data."""
        return asdict(self)


def quality_from_dict(facts: Mapping[str, Any]) -> Quality:
    """Rebuild a quality from its plain data; what is no number raises."""
    intervals, hits = facts["intervals"], facts["hits"]
    return Quality(
        str(facts["inputs"]),
        {name: estimate_from_dict(score) for name, score in facts["scores"].items()},
        None if intervals is None else _intervals(intervals),
        None if hits is None else _hits(hits),
    )


def _intervals(facts: Mapping[str, Any]) -> IntervalQuality:
    groups = tuple(
        GroupCoverage(
            str(g["group"]),
            int(g["n_tracks"]),
            int(g["n_clusters"]),
            float(g["coverage"]),
            float(g["p"]),
            _told(g, "stated"),
            _told(g, "p_stated"),
        )
        for g in facts["groups"]
    )
    coverage, width = estimate_from_dict(facts["coverage"]), estimate_from_dict(facts["width"])
    constant_width = float(facts["constant_width"])
    stated = _told(facts, "stated")
    return IntervalQuality(int(facts["level"]), coverage, width, constant_width, groups, stated)


def _told(facts: Mapping[str, Any], name: str) -> float | None:
    """Return a number that reports of earlier versions do not tell."""
    value = facts.get(name)
    return None if value is None else float(value)


def _hits(facts: Mapping[str, Any]) -> HitQuality:
    found: dict[str, Any] = {
        name: estimate_from_dict(value) if isinstance(value, Mapping) else float(value)
        for name, value in facts.items()
    }
    return HitQuality(**found)
