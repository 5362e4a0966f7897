"""Catalog: open a list of tracks; see what is wrong in it, who stands out, what to hear first."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from trackoracle.interfaces.web.catalogs.alike import show_alike
from trackoracle.interfaces.web.catalogs.charts import show_charts
from trackoracle.interfaces.web.catalogs.flaws import show_flaws
from trackoracle.interfaces.web.catalogs.opened import Opened, opened
from trackoracle.interfaces.web.catalogs.opening import OPENING, show_opening
from trackoracle.interfaces.web.catalogs.parts import Part, choose_part
from trackoracle.interfaces.web.catalogs.playlist import show_playlist
from trackoracle.interfaces.web.catalogs.predicting import show_predictions
from trackoracle.interfaces.web.catalogs.results import stay
from trackoracle.interfaces.web.catalogs.tracks import show_tracks
from trackoracle.interfaces.web.catalogs.triage import show_triage
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import plain

_PARTS: dict[Part, Callable[[Opened], None]] = {
    Part.FLAWS: show_flaws,
    Part.TRACKS: show_tracks,
    Part.CHARTS: show_charts,
    Part.PREDICTIONS: show_predictions,
    Part.TRIAGE: show_triage,
    Part.PLAYLIST: show_playlist,
    Part.SIMILAR: show_alike,
}


def show() -> None:
    """Show the page."""
    st.title("Catalog")
    own = opened()
    if own is None:
        st.markdown(
            "Open a list of tracks: what is wrong in it comes first, then the tracks, charts of "
            "them, what deserves a listen, and playlists."
        )
        show_opening()
        return
    _show_head(own)
    part = choose_part()
    with st.container(key=f"part-{part.name.lower()}-{own.number}"):
        _PARTS[part](own)
    if own.jobs:
        stay(own.jobs)


def _show_head(own: Opened) -> None:
    card = own.catalog.card
    told = [
        (card.n_tracks, "tracks"),
        (card.n_recordings, "recordings"),
        (card.n_artists, "artists"),
        (card.n_albums, "albums"),
        (len(own.loaded.sieve.genres), "genres"),
    ]
    counts = ", ".join(f"{n:,} {name if n != 1 else name[:-1]}" for n, name in told if n)
    uploads = own.loaded.uploads
    name = card.name if uploads is None else uploads.files[0].name
    if name != card.name:
        counts = f"Read as {plain(card.name)}: {counts}"
    made_up = " :orange-badge[made-up tracks]" if card.synthetic else ""
    kept = session().kept
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(name)}**{made_up}  \n:gray[{counts}]", width="stretch")
        if st.button(
            "Stay with this one" if kept.get(OPENING) else "Open another",
            icon=":material/folder_open:",
            key=own.key("another"),
        ):
            kept[OPENING] = not kept.get(OPENING)
            st.rerun()
    if kept.get(OPENING):
        with st.container(border=True):
            show_opening()
