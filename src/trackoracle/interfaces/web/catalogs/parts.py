"""The parts of the Catalog page, and how one leads to another."""

from __future__ import annotations

from enum import Enum

import streamlit as st

_KEY = "catalog-part"


class Part(Enum):
    """One part: what it is called, and its sign."""

    FLAWS = ("Quality", "rule")
    TRACKS = ("Tracks", "queue_music")
    CHARTS = ("Charts", "bar_chart")
    PREDICTIONS = ("Predictions", "insights")
    TRIAGE = ("Triage", "hearing")
    PLAYLIST = ("Playlist", "playlist_play")
    SIMILAR = ("Similar", "join_inner")

    @property
    def title(self) -> str:
        """What stands on its button."""
        name, icon = self.value
        return f":material/{icon}: {name}"


def choose_part() -> Part:
    """Show the parts; return the one that is shown."""
    wanted = st.session_state.pop(f"{_KEY}-wanted", None)
    if wanted is not None:
        st.session_state[_KEY] = wanted
    first = None if _KEY in st.session_state else Part.FLAWS.name
    name = st.segmented_control(
        "Part of the page",
        [part.name for part in Part],
        format_func=lambda one: Part[one].title,
        key=_KEY,
        default=first,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    return Part[name or Part.FLAWS.name]


def turn_to(part: Part) -> None:
    """Show another part."""
    st.session_state[f"{_KEY}-wanted"] = part.name
    st.rerun()
