"""The columns of `predict`: what each is, said once for every interface and for the reference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from trackoracle.schema.targets import Hit, Popularity, Target, Tier


@dataclass(frozen=True)
class AnswerColumn:
    """One column of `predict`.

    Parameters
    ----------
    name
        As it is written.
    kind
        The type of its values: float, int, bool or str.
    meaning
        One sentence for people.
    unit
        Unit of a number, as printed.
    low, high
        What is possible; None of what is no number.
    """

    name: str
    kind: type
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None


def answer_columns(target: Target) -> tuple[AnswerColumn, ...]:
    """Return the columns of `predict` for a target, in their order.

    Examples
    --------
    >>> [column.name for column in answer_columns(Hit())]
    ['track_id', 'p_hit', 'is_hit', 'known', 'estimated', 'warning']
    """
    return (_ID, *_told(target), *_BESIDE)


def tier_names(target: Target) -> list[str]:
    """Name the tiers by their edges, in points; a target of hits has none.

    Examples
    --------
    >>> tier_names(Popularity())
    ['up to 25', 'above 25 to 50', 'above 50 to 75', 'above 75']
    """
    if isinstance(target, Hit):
        return []
    edges = target.tiers if isinstance(target, Popularity) else target.edges
    inner = [f"above {low:g} to {high:g}" for low, high in pairwise(edges)]
    return [f"up to {edges[0]:g}", *inner, f"above {edges[-1]:g}"] if edges else []


def hit_name(target: Target) -> str:
    """Say what a hit is, where one is predicted.

    Examples
    --------
    >>> hit_name(Popularity()), hit_name(Hit())
    ('above 70 points', 'a hit')
    """
    match target:
        case Popularity(hit_above=above):
            return f"above {above:g} points"
        case Hit(above=None):
            return "a hit"
        case Hit(above=above):
            return f"a hit, above {above:g} points"
    return ""


_ID = AnswerColumn("track_id", str, "Its id; where it has none, the number of its row.")
_BESIDE = (
    AnswerColumn("known", str, "Input groups that are known of it, with ; between."),
    AnswerColumn("estimated", str, "Columns that were estimated from its sound, with ; between."),
    AnswerColumn("warning", str, "What is odd about it; empty when nothing is."),
)
_INTERVAL = (
    "end of the interval that holds its popularity with the probability asked for, 0.9 unless "
    "another is."
)


def _told(target: Target) -> tuple[AnswerColumn, ...]:
    match target:
        case Popularity():
            return (
                _points("popularity", "Expected popularity, the mean of its distribution."),
                _points("popularity_median", "Middle of the distribution: as often more as less."),
                _points("popularity_low", f"Lower {_INTERVAL}"),
                _points("popularity_high", f"Upper {_INTERVAL}"),
                _share("p_hit", f"Probability of a hit, {hit_name(target)}."),
                *_shares_of_tiers(target),
            )
        case Hit():
            return (
                _share("p_hit", f"Probability of {hit_name(target)}, at the stated base rate."),
                AnswerColumn("is_hit", bool, "Whether p_hit reaches the oracle's threshold."),
            )
        case Tier(n_classes=n_tiers):
            told = "Most likely tier; 0 is the lowest."
            tier = AnswerColumn("tier", int, told, low=0, high=n_tiers - 1)
            return (tier, *_shares_of_tiers(target))


def _points(name: str, meaning: str) -> AnswerColumn:
    return AnswerColumn(name, float, meaning, "points", 0, 100)


def _share(name: str, meaning: str) -> AnswerColumn:
    return AnswerColumn(name, float, meaning, low=0, high=1)


def _shares_of_tiers(target: Popularity | Tier) -> tuple[AnswerColumn, ...]:
    names = tier_names(target) or ["0 to 100"]  # without edges, one tier
    return tuple(
        _share(f"p_tier_{i}", f"Probability of tier {i}: {name} points.")
        for i, name in enumerate(names)
    )
