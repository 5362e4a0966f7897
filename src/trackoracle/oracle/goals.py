"""What a change is to reach: read from what people write, and measured on distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.distributions import Distribution
from trackoracle.errors import ConfigError
from trackoracle.oracle.answers import probability_of_hit
from trackoracle.schema import Goal, Hit, Popularity, Tier

LIKELY = 0.5
"""Probability from which a tier, or a hit where no threshold is given, counts as reached."""
_FORMS = "a number, 'hit', 'p_hit=0.3', 'tier=2' or 'best'"


def goal_of(bundle: Bundle, goal: float | str) -> Goal:
    """Read a goal.

    Parameters
    ----------
    goal
        A number is in the unit of the target: points, a probability, the number of a tier.

    Raises
    ------
    ConfigError
        On what cannot be reached by any track, or is no goal of this target.
    """
    target = bundle.target
    kind, _, given = (
        ("", "", goal) if isinstance(goal, int | float) else _stripped(goal).partition("=")
    )
    if kind == "best" and not given:
        return Goal("best", None, "the best that can be reached")
    if kind == "hit" and not given:
        return _hit(bundle, bundle.threshold if isinstance(target, Hit) else LIKELY)
    if kind == "p_hit":
        return _hit(bundle, _number(given))
    if kind == "tier":
        return _tier(bundle, _number(given))
    if kind and given:
        raise ConfigError(f"goal: expected {_FORMS}, got {goal!r}. Give one of these.")
    number = _number(given if kind == "" else kind)
    match target:
        case Popularity():
            if not 0 <= number <= 100:
                raise ConfigError(f"goal: expected 0 to 100 points, got {number:g}. Give {_FORMS}.")
            return Goal(
                "popularity", number, f"an expected popularity of at least {number:g} points"
            )
        case Hit():
            return _hit(bundle, number)
        case Tier():
            return _tier(bundle, number)


def goal_values(
    bundle: Bundle, goal: Goal, distribution: Distribution, base_rate: float | None
) -> NDArray[np.float64]:
    """Return what the goal is about, of n tracks: (n,)."""
    match goal.kind, bundle.target:
        case "tier", Popularity(tiers=edges):
            return distribution.above(edges[(goal.tier or 1) - 1])
        case "tier", _:
            return distribution.above((goal.tier or 1) - 1)
        case "p_hit", Popularity(hit_above=hit_above):
            return distribution.above(hit_above)
        case _:
            return main_values(bundle, distribution, base_rate)


def main_values(
    bundle: Bundle, distribution: Distribution, base_rate: float | None
) -> NDArray[np.float64]:
    """Return expected popularity, probability of a hit, or expected tier: (n,)."""
    if isinstance(bundle.target, Hit):
        return probability_of_hit(bundle, distribution, base_rate)
    return distribution.mean


def _hit(bundle: Bundle, at_least: float) -> Goal:
    match bundle.target:
        case Popularity(hit_above=hit_above):
            what = f"a popularity above {hit_above:g}"
        case Hit():
            what = "a hit"
        case Tier():
            raise ConfigError(
                "goal: expected a tier, as this oracle predicts tiers, got a hit. Give tier=2."
            )
    if not 0 <= at_least <= 1:
        raise ConfigError(
            f"goal: expected a probability of a hit from 0 to 1, got {at_least:g}. Give p_hit=0.3."
        )
    return Goal("p_hit", at_least, f"a probability of {what} of at least {at_least:g}")


def _tier(bundle: Bundle, number: float) -> Goal:
    match bundle.target:
        case Popularity(tiers=edges) | Tier(edges=edges):
            pass
        case Hit():
            raise ConfigError(
                "goal: expected a probability, as this oracle predicts hits, got a tier. "
                "Give p_hit=0.3."
            )
    if number not in range(1, len(edges) + 1):
        shown = ", ".join(f"{edge:g}" for edge in edges)
        raise ConfigError(
            f"goal: expected a tier from 1 to {len(edges)} (above {shown} "
            f"points), got {number:g}. Give tier=1."
        )
    tier = int(number)
    text = f"a probability of at least {LIKELY:g} of tier {tier} (above {edges[tier - 1]:g} points)"
    return Goal("tier", LIKELY, text + ("" if tier == len(edges) else " or higher"), tier)


def _stripped(goal: Any) -> str:
    if not isinstance(goal, str):
        raise ConfigError(f"goal: expected {_FORMS}, got {goal!r}.")
    return goal.strip().lower().replace(" ", "")


def _number(text: Any) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise ConfigError(f"goal: expected {_FORMS}, got {str(text)!r}. Give one of these.")
    return number
