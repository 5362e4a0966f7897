"""What a user wants changed: the goal, what must stay, and how far the rest may move."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st

from trackoracle.interfaces.web.session import InHand
from trackoracle.interfaces.web.setting import genres_of
from trackoracle.interfaces.web.showing import plain
from trackoracle.oracle import Oracle
from trackoracle.rendering import Control, controls, typical_of, value_text
from trackoracle.schema import CHANGEABLE, Hit, Popularity, Tier, Typical, hit_name, tier_names

Kind = Literal["best", "points", "hit", "tier"]
Ends = tuple[float | None, float | None]
_KINDS: Mapping[type, tuple[Kind, ...]] = {
    Popularity: ("best", "points", "hit", "tier"),
    Hit: ("best", "hit"),
    Tier: ("best", "tier"),
}
_MOST_EDITS = 5
_PLACES = 41
"""Values that an end of a range can be set to."""
_MORE_POINTS, _MORE_CHANCE = 5, 0.1
"""Where a goal begins: so much above what is predicted."""


@dataclass(frozen=True)
class Wish:
    """What `Oracle.counterfactuals` is asked for, of the track in hand.

    Parameters
    ----------
    goal, lock, ranges, most_edits
        As there.
    """

    goal: str = "best"
    lock: tuple[str, ...] = ()
    ranges: tuple[tuple[str, Ends], ...] = ()
    most_edits: int = 3


def set_wish(hand: InHand, oracle: Oracle, told: Mapping[str, Any]) -> Wish:
    """Show the controls of a wish, and return it.

    Parameters
    ----------
    told
        What `predict` says of the track in hand, by column.
    """
    goal = _set_goal(hand, oracle, told)
    most_edits = st.select_slider(
        "Features changed at once, at most",
        range(1, _MOST_EDITS + 1),
        Wish.most_edits,
        key=f"wish-edits-{hand.number}",
        persist_state="session",
    )
    row = hand.asked()
    movable = [c for c in controls(oracle.contract) if c.name in CHANGEABLE]
    with st.expander("What may change", icon=":material/lock_open:"):
        lock, ranges = _set_bounds(hand, oracle, [c for c in movable if c.name in row])
        missing = [c.label for c in movable if c.name not in row]
        if missing:
            st.caption(plain(f"Not known of this track, so never changed: {', '.join(missing)}."))
    return Wish(goal, lock, ranges, int(most_edits))


def _set_goal(hand: InHand, oracle: Oracle, told: Mapping[str, Any]) -> str:
    target = oracle.target
    hit = "" if isinstance(target, Tier) else hit_name(target)
    hit = "A hit, with a probability" if "hit" in hit else f"A hit ({hit}), with a probability"
    names: dict[Kind, str] = {
        "best": "The best that can be reached",
        "points": "At least so many points",
        "hit": hit,
        "tier": "A tier",
    }
    kinds = _KINDS[type(target)]
    kind = st.radio(
        "What is wanted",
        kinds,
        format_func=names.__getitem__,
        key=f"wish-goal-{oracle.target.name}",
        persist_state="session",
    )
    key = f"wish-{kind}-{hand.number}"
    match kind:
        case "points":
            start = min(100, math.ceil(told["popularity"]) + _MORE_POINTS)
            points = st.slider("Points", 0, 100, start, key=key, persist_state="session")
            return f"{points}"
        case "hit":
            start = min(99, math.ceil(100 * (told["p_hit"] + _MORE_CHANCE)))
            share = st.slider(
                "Probability", 1, 99, start, format="%d %%", key=key, persist_state="session"
            )
            return f"p_hit={share / 100:g}"
        case "tier":
            tiers = dict(enumerate(tier_names(target)))
            start = min(int(_likeliest(told)) + 1, len(tiers) - 1)
            tier = st.selectbox(
                "Tier, points",
                list(tiers)[1:],
                index=start - 1,
                format_func=tiers.__getitem__,
                key=key,
                persist_state="session",
                help="It is reached when this tier or a higher one is at least as likely as not.",
            )
            return f"tier={tier}"
    return "best"


def _likeliest(told: Mapping[str, Any]) -> int:
    shares = [p for name, p in told.items() if name.startswith("p_tier_")]
    return max(range(len(shares)), key=shares.__getitem__)


def _set_bounds(
    hand: InHand, oracle: Oracle, movable: list[Control]
) -> tuple[tuple[str, ...], tuple[tuple[str, Ends], ...]]:
    """Show what must stay, and the range of each number that may move."""
    row, typical = hand.asked(), typical_of(oracle, genres_of(hand))
    labels = {control.name: control.label for control in movable}
    lock = st.multiselect(
        "Must stay as it is",
        list(labels),
        format_func=labels.__getitem__,
        key=f"wish-lock-{hand.number}",
        persist_state="session",
        placeholder="nothing must",
    )
    st.caption("The others stay within what tracks of the genre have, or closer:")
    ranges = []
    for control in movable:
        usual = typical.get(control.name)
        if control.kind != "choice" and control.name not in lock and usual is not None:
            ends = _set_range(hand, control, row[control.name], usual)
            if ends != (None, None):
                ranges.append((control.name, ends))
    return tuple(sorted(lock)), tuple(ranges)


def _set_range(hand: InHand, control: Control, value: float, usual: Typical) -> Ends:
    """Show the range of one feature; an end that is left at the genre's own is None."""
    places = places_of(control.name, usual)
    if len(places) < 3:
        return None, None
    low, high = st.select_slider(
        f"{control.label}, now {value_text(control.name, value)}",
        places,
        (places[0], places[-1]),
        format_func=lambda place: value_text(control.name, place),
        key=f"wish-range-{control.name}-{hand.number}",
        persist_state="session",
        help=plain(control.meaning),
    )
    return None if low == places[0] else low, None if high == places[-1] else high


def places_of(name: str, usual: Typical) -> list[float]:
    """Return the values that an end of a feature's range can be set to, rising.

    Examples
    --------
    >>> places = places_of("duration_ms", Typical(200_000.0, 100_000.0, 300_000.0))
    >>> places[0], places[1], places[-1]
    (100000.0, 105000.0, 300000.0)
    """
    digits = {"duration_ms": -3, "tempo": 0, "loudness": 1}.get(name, 3)
    return [float(v) for v in np.unique(np.linspace(usual.low, usual.high, _PLACES).round(digits))]
