"""The filter of a catalog: few controls in sight, the rest one click away."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import streamlit as st

from trackoracle.exploration import TrackFilter
from trackoracle.features import family
from trackoracle.interfaces.web.catalogs.opened import Opened
from trackoracle.rendering import label
from trackoracle.schema import TRACK_COLUMNS

Ends = tuple[float | None, float | None]
_YEAR, _LENGTH = "year", "duration_ms"
_FIRST = ("popularity", _YEAR)
_MINUTE = 60_000.0
_STEPS = 200
_LEFT_OUT = ("key", "mode", "time_signature", "explicit", "hit", "decade", *_FIRST)
_ANSWERS = {"any": None, "explicit": True, "not explicit": False}


def choose_filter(own: Opened) -> TrackFilter:
    """Show the controls, and return what they are set to."""
    names, families, genres = st.columns([0.4, 0.27, 0.33])
    text = names.text_input(
        "Search titles and artists",
        key=own.key("filter-text"),
        persist_state="session",
        max_chars=200,
        placeholder="words, or parts of them",
        icon=":material/search:",
    )
    of_families, of_genres = _choose_genres(own, families, genres)
    places = st.columns(3, vertical_alignment="bottom")
    ranges: dict[str, Ends] = {}
    shown = [name for name in _FIRST if _ends(own, name)]
    for place, name in zip(places, shown, strict=False):
        with place:
            _choose_range(own, name, ranges)
    explicit = _choose_explicit(own, places[len(shown)])
    with st.expander("By sound", icon=":material/graphic_eq:"):
        columns = st.columns(3, gap="medium")
        for i, name in enumerate(_numbers(own)):
            with columns[i % 3]:
                _choose_range(own, name, ranges)
        st.caption("A track that does not know a value meets no range of it.")
    return TrackFilter(text, of_families, of_genres, explicit, ranges)


def said_filter(wanted: TrackFilter) -> str:
    """Say what a filter asks for, in a few words."""
    parts = [*wanted.families, *wanted.genres]
    if wanted.text.strip():
        parts.insert(0, f"“{wanted.text.strip()}”")
    if wanted.explicit is not None:
        parts.append(next(name for name, flag in _ANSWERS.items() if flag == wanted.explicit))
    parts += [_said_range(name, ends) for name, ends in wanted.ranges.items()]
    return ", ".join(parts)


def _said_range(name: str, ends: Ends) -> str:
    low, high = (None if end is None else end / _unit(name) for end in ends)
    digits = 0 if name == _YEAR else 2
    told = [
        None
        if end is None
        else f"{end:.{digits}f}".rstrip("0").rstrip(".")
        if digits
        else f"{end:.0f}"
        for end in (low, high)
    ]
    if told[0] is None:
        return f"{_label(name)} up to {told[1]}"
    if told[1] is None:
        return f"{_label(name)} from {told[0]}"
    return f"{_label(name)} {told[0]} to {told[1]}"


def _choose_genres(
    own: Opened, left: st.delta_generator.DeltaGenerator, right: st.delta_generator.DeltaGenerator
) -> tuple[list[str], list[str]]:
    """Choose families of genres, then genres within them."""
    counts = own.loaded.sieve.genres
    by_family: dict[str, int] = {}
    for name, n in counts.items():
        by_family[family(name)] = by_family.get(family(name), 0) + n
    families = left.multiselect(
        "Kind of genre",
        sorted(by_family),
        key=own.key("filter-family"),
        persist_state="session",
        placeholder="any",
        disabled=not counts,
        format_func=str.capitalize,
    )
    # What was chosen stays on offer, whatever the families are set to.
    key = own.key("filter-genre")
    before = st.session_state.get(key, [])
    within = [g for g in counts if not families or family(g) in families or g in before]
    genres = right.multiselect(
        "Genre",
        within,
        key=key,
        persist_state="session",
        placeholder="any",
        disabled=not counts,
        format_func=lambda name: f"{name} ({counts[name]:,})",
    )
    return families, genres


def _choose_explicit(own: Opened, place: st.delta_generator.DeltaGenerator) -> bool | None:
    if not _has(own, "explicit"):
        return None
    chosen = place.selectbox(
        "Lyrics",
        list(_ANSWERS),
        format_func=str.capitalize,
        key=own.key("filter-explicit"),
        persist_state="session",
    )
    return _ANSWERS[chosen]


def _numbers(own: Opened) -> list[str]:
    """Return the numeric columns that have a value, as the user orders them."""
    tracks = own.catalog.tracks
    return [
        name
        for name, dtype in tracks.schema.items()
        if dtype.is_numeric() and name not in _LEFT_OUT and _has(own, name)
    ]


def _has(own: Opened, name: str) -> bool:
    tracks = own.catalog.tracks
    return name in tracks.columns and tracks[name].null_count() < len(tracks)


def _choose_range(own: Opened, name: str, ranges: dict[str, Ends]) -> None:
    """Show a slider with two ends; an end that stands at the end of the data asks for nothing."""
    ends = _ends(own, name)
    if ends is None:
        return
    low, high, step = ends
    chosen = st.slider(
        _titled(name),
        low,
        high,
        (low, high),
        step,
        "%.0f" if step >= 1 else f"%.{math.ceil(-math.log10(step))}f",
        key=own.key(f"filter-{name}"),
        persist_state="session",
    )
    left = None if chosen[0] <= low else chosen[0] * _unit(name)
    right = None if chosen[1] >= high else chosen[1] * _unit(name)
    if left is not None or right is not None:
        ranges[name] = (left, right)


def _ends(own: Opened, name: str) -> tuple[float, float, float] | None:
    """Return round ends of a column's values, and a step; None where there is nothing to choose."""
    known: dict[str, tuple[float, float, float] | None] = own.loaded.found.setdefault("ends", {})
    if name not in known:
        values = own.loaded.sieve.values(name) if name == _YEAR or _has(own, name) else np.empty(0)
        values = values[np.isfinite(values)] / _unit(name)
        known[name] = (
            _rounded_ends(float(values.min()), float(values.max())) if len(values) else None
        )
    return known[name]


def _rounded_ends(low: float, high: float) -> tuple[float, float, float] | None:
    if low == high:
        return None
    size = 10.0 ** math.floor(math.log10((high - low) / _STEPS))
    step = next(size * k for k in (1, 2, 5, 10) if (high - low) / (size * k) <= _STEPS)
    if high - low > 20 and step < 1:
        step = 1.0
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _unit(name: str) -> float:
    return _MINUTE if name == _LENGTH else 1.0


def _label(name: str) -> str:
    return "length" if name == _LENGTH else label(name)


def _titled(name: str) -> str:
    units: Mapping[str, str] = {_LENGTH: "minutes", _YEAR: ""}
    unit = units.get(name, TRACK_COLUMNS[name].unit if name in TRACK_COLUMNS else "")
    text = _label(name).capitalize()
    return f"{text}, {unit}" if unit else text
