"""The controls by which the track in hand is set: one for each column of an oracle's contract."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

import streamlit as st

from trackoracle.features import family
from trackoracle.interfaces.web.session import InHand, session
from trackoracle.interfaces.web.showing import plain
from trackoracle.oracle import Oracle
from trackoracle.rendering import (
    GENRES,
    Control,
    control_groups,
    shown_value,
    slider_ends,
    slider_step,
    standing,
    typical_of,
    with_unit,
)
from trackoracle.schema import CREDIT_SEPARATOR, ESTIMATED, Typical, bounds

_ALL = "All"
_LONGEST_TEXT = 500
_WIDEST = 1e5
"""Numbers over a wider range, as followers, are typed."""
_LATEST = 59 * 60_000
"""Milliseconds that a slider of minutes and seconds ends at; longer tracks are typed in seconds."""
_NOT_KNOWN = "not known"
_OPEN = ("genre", "audio", "other")
"""Groups of controls that are seen at once."""


def set_track(hand: InHand, oracle: Oracle) -> None:
    """Show the controls of an oracle for the track in hand, and note what is set otherwise."""
    typical = typical_of(oracle, genres_of(hand))
    for name, of_group in control_groups(oracle.contract):
        # What a user's own columns say is why such an oracle was trained.
        is_open = of_group[0].group in _OPEN or len(of_group) == 1
        with st.expander(name, expanded=is_open, key=f"group-{name}-{hand.number}"):
            _set_group(hand, of_group, typical, name)


def genres_of(hand: InHand) -> list[str]:
    """Return the genres of the track in hand, spelled as the oracle that answers has them."""
    return _levels_of(GENRES, (hand.row | hand.edits).get(GENRES))


def _levels_of(name: str, value: Any) -> list[str]:
    """Return the categories of a value; another spelling of one is that one, as for an answer."""
    given = value.split(CREDIT_SEPARATOR) if isinstance(value, str) else list(value or [])
    contract = session().oracle.contract
    return [contract[name].meant(level) for level in given] if name in contract.names else given


def _set_group(
    hand: InHand, controls: Sequence[Control], typical: Mapping[str, Typical], name: str
) -> None:
    sliders = [one for one in controls if one.kind in ("number", "length")]
    given = hand.row | hand.edits
    left_out: set[str] = set()
    rows = st.container()
    if sliders:
        names = {one.name: one.label for one in sliders}
        left_out = set(
            st.multiselect(
                "Leave out, as not known",
                list(names),
                default=[n for n in names if given.get(n) is None],
                format_func=names.__getitem__,
                key=f"without-{name}-{hand.number}",
                help="What is left out widens the answer; it is never taken for zero.",
                placeholder="nothing is left out",
            )
        )
    places: list[Any] = []
    n_beside = 2 if len(controls) > 3 else 1
    for control in controls:
        # Row by row: beside one another they stay level, and a keyboard meets them as eyes do.
        places = places or list(rows.columns(n_beside, gap="medium"))
        with places.pop(0):
            value = given.get(control.name)
            told = _set(hand, control, value, typical.get(control.name), control.name in left_out)
            _note(hand, control.name, value, told)


def _note(hand: InHand, name: str, before: Any, now: Any) -> None:
    """Keep what was set, where it is not as it was shown."""
    if now != before and not (now in (None, "", []) and before in (None, "", [])):
        hand.edits[name] = now


def _set(
    hand: InHand, control: Control, value: Any, typical: Typical | None, is_left_out: bool
) -> Any:
    """Show one control, and return the value that it is set to."""
    key = f"set-{control.name}-{hand.number}"
    match control.kind:
        case "levels":
            told = _set_levels(control, value, key)
        case "choice":
            told = _set_choice(control, value, key)
        case "number" | "length":
            told = _set_number(control, value, typical, is_left_out, key)
        case "text" | "date":
            shown = CREDIT_SEPARATOR.join(value) if isinstance(value, list | tuple) else value or ""
            told = st.text_input(
                control.label, str(shown), _LONGEST_TEXT, key=key, placeholder=_wanted(control)
            )
            told = value if told == str(shown) else told.strip() or None
    st.caption(_caption(hand, control, typical))
    return told


def _wanted(control: Control) -> str:
    if control.kind == "date":
        return "2026-11-27, 2026-11 or 2026"
    return "several names with ; between" if control.name == "artists" else ""


def _set_levels(control: Control, value: Any, key: str) -> Any:
    """Choose categories; of genres a broad family first."""
    levels = [str(level) for level, _ in control.choices]
    given = _levels_of(control.name, value)
    known = list(dict.fromkeys(level for level in given if level in levels))
    offered = levels
    if control.name == GENRES:
        families = sorted({family(level) for level in levels})
        first = family(known[0]) if known else _ALL
        chosen = st.selectbox(
            "Category of genre",
            [_ALL, *families],
            index=[_ALL, *families].index(first),
            format_func=str.capitalize,
            key=f"{key}-family",
        )
        within = [level for level in levels if chosen == _ALL or family(level) == chosen]
        offered = [*within, *(level for level in known if level not in within)]
    strange = [level for level in given if level not in levels]
    told = st.multiselect(
        control.label,
        offered,
        default=known,
        key=key,
        placeholder="not known",
        max_selections=5,
    )
    if strange:
        st.caption(f"Not seen in training, taken as not known: {plain(', '.join(strange))}.")
    return value if told == known else told or None


def _set_choice(control: Control, value: Any, key: str) -> Any:
    codes = [None, *(code for code, _ in control.choices)]
    shown = None if value is None else float(value)
    index = codes.index(shown) if shown in codes else 0
    told = st.selectbox(
        control.label,
        codes,
        index=index,
        format_func=lambda code: _NOT_KNOWN if code is None else control.called(code),
        key=key,
    )
    return value if told == shown else told


def _set_number(
    control: Control, value: Any, typical: Typical | None, is_left_out: bool, key: str
) -> Any:
    shown = standing(control, value, typical)
    low, high = slider_ends(control, shown, typical)
    if high - low > _WIDEST and control.kind == "number":
        told = st.number_input(
            control.label, control.low, control.high, shown, key=key, disabled=is_left_out
        )
    elif control.kind == "length" and high < _LATEST:
        clock = st.slider(
            control.label,
            _clock(low),
            _clock(high),
            _clock(shown),
            timedelta(seconds=1),
            "m:ss",
            key=key,
            disabled=is_left_out,
        )
        told = shown if clock == _clock(shown) else _milliseconds(clock)
    else:
        step = slider_step(control, high - low)
        told = st.slider(
            with_unit(control), low, high, shown, step, _format(step), key=key,
            disabled=is_left_out,
        )  # fmt: skip
    if is_left_out:
        return None
    # A control that shows a typical value says nothing as long as nobody moved it.
    return told if told != shown else shown if value is None else value


def _format(step: float) -> str:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"%.{digits}f"


def _clock(milliseconds: float) -> time:
    whole = round(milliseconds * 1000)
    seconds, micro = divmod(whole, 1_000_000)
    return time(0, int(seconds // 60), int(seconds % 60), int(micro))


def _milliseconds(clock: time) -> float:
    return (clock.minute * 60 + clock.second) * 1000 + clock.microsecond / 1000


def _caption(hand: InHand, control: Control, typical: Typical | None) -> str:
    """Say what a control is; of an estimated feature how sure it is, else what is usual."""
    parts, name = [control.meaning], control.name
    given = hand.asked()
    low, high = (given.get(bound) for bound in bounds(name)) if name in ESTIMATED else (None, None)
    if low is not None and high is not None:
        parts.append(f"Heard as {shown_value(name, low)} to {shown_value(name, high)}.")
    elif typical is not None and control.kind in ("number", "length"):
        ends = (shown_value(name, end) for end in (typical.low, typical.high))
        parts.append(f"Usual here: {' to '.join(ends)}.")
    return plain(" ".join(parts))
