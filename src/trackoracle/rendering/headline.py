"""The one number that answers, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackoracle.rendering.order_figures import target_of
from trackoracle.rendering.words import percent
from trackoracle.schema import Target, hit_name, tier_names


def headline(
    answer: Mapping[str, Any], level: float, target: Target | None = None
) -> tuple[str, str]:
    """Return the number that answers, and what it is.

    Parameters
    ----------
    answer
        What `predict` says of one track, by column.
    level
        Of the interval.
    target
        What was predicted, where it is at hand: it names hits and tiers.

    Examples
    --------
    >>> headline({"popularity": 41.2, "popularity_low": 20.0, "popularity_high": 63.0}, 0.9)
    ('41', 'points of 100, with 90 % probability 20 to 63')
    >>> headline({"p_hit": 0.31, "is_hit": False}, 0.9)
    ('31 %', 'probability of a hit: not taken for a hit')
    """
    match target_of(answer):
        case "popularity":
            low, high = answer["popularity_low"], answer["popularity_high"]
            ends = f"{low:.0f} to {high:.0f}" if high > low else f"{low:.0f}"
            expected = f"{answer['popularity']:.0f}"
            return expected, f"points of 100, with {percent(level)} probability {ends}"
        case "hit":
            said = "taken for a hit" if answer["is_hit"] else "not taken for a hit"
            what = hit_name(target) if target else "a hit"
            return percent(answer["p_hit"]), f"probability of {what}: {said}"
    tier = int(answer["tier"])
    chance = f"with {percent(answer[f'p_tier_{tier}'])} probability"
    if target is None:
        return f"tier {tier}", chance
    return tier_names(target)[tier], f"points, {chance}"
