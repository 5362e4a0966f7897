"""Similar tracks: those of the catalog that sound most like one of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

import trackoracle
from trackoracle.exploration import TrackFilter
from trackoracle.interfaces.web.catalogs.opened import INDEX, Opened, index_of
from trackoracle.interfaces.web.catalogs.results import Work, result_of
from trackoracle.interfaces.web.catalogs.tracks import named, ordered, show_actions
from trackoracle.interfaces.web.showing import as_csv, errors_shown, plain, save
from trackoracle.rendering import similar_lines, similar_rows, why_similar
from trackoracle.schema import Similar, SimilarTrack

_MOST_FOUND = 200


def show_alike(own: Opened) -> None:
    """Choose a track, and show what sounds like it."""
    loaded = own.loaded
    _choose_track(own)
    index = result_of(
        Work(INDEX, "Index of the catalog", partial(index_of, loaded)),
        loaded.found,
        own.jobs,
        begin=True,
    )
    if own.alike is None or index is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = st.number_input(
            "Tracks wanted",
            1,
            1_000,
            10,
            key=own.key("similar-k"),
            persist_state="session",
            width=140,
        )
        within = st.checkbox(
            "Only of its genres", key=own.key("similar-within"), persist_state="session"
        )
    with st.expander("What else counts", icon=":material/tune:"):
        genre = st.slider(
            "Another genre",
            0.0,
            3.0,
            0.0,
            0.1,
            key=own.key("similar-genre"),
            persist_state="session",
            disabled=within,
            help="Counts as so many standard deviations in every feature.",
        )
        era = st.slider(
            "Each decade apart",
            0.0,
            3.0,
            0.0,
            0.1,
            key=own.key("similar-era"),
            persist_state="session",
            help="The same, for each decade.",
        )
    with errors_shown():
        told = trackoracle.similar(
            index,
            _name(own, own.alike),
            k=int(k),
            within_genre=within,
            genre_weight=0.0 if within else genre,
            era_weight=era,
        )
        _show_found(own, told)


def _name(own: Opened, row: int) -> str:
    tracks = own.catalog.tracks
    name = tracks["track_id"][row] if "track_id" in tracks.columns else None
    return str(row + 1) if name is None else name


def _choose_track(own: Opened) -> None:
    """Show which track is meant, and a search for another."""
    text = st.text_input(
        "Search a track",
        key=own.key("alike-text"),
        max_chars=200,
        placeholder="words of its title or artists",
        icon=":material/search:",
    )
    if not text.strip():
        if own.alike is None:
            st.caption("Or select one among the tracks, and press Find similar there.")
        return
    found = ordered(own, own.loaded.sieve.rows(TrackFilter(text)), "Most popular first")
    if not len(found):
        st.caption("No title and no artist has these words.")
        return
    rows = [int(row) for row in found[:_MOST_FOUND]]
    more = f", the first {_MOST_FOUND}" if len(found) > _MOST_FOUND else ""
    own.alike = st.selectbox(
        f"{len(found):,} found{more}",
        rows,
        format_func=lambda row: _titled(own, row),
        key=own.key(f"alike-{hash(text)}"),
    )


def _titled(own: Opened, row: int) -> str:
    tracks = own.catalog.tracks
    artists = tracks["artists"][row] if "artists" in tracks.columns else None
    by = f" by {', '.join(artists)}" if artists is not None and len(artists) else ""
    return f"{named(own, row)}{by}"


def _show_found(own: Opened, told: Similar) -> None:
    by = f" by {', '.join(told.artists)}" if told.artists else ""
    st.subheader(plain(f"Most like {told.track_name or f'track {told.track}'}{by}"), anchor=False)
    rows = [track.row - 1 for track in told.tracks]
    actions = st.container(horizontal=True)
    state = st.dataframe(
        [_row(track) for track in told.tracks],
        hide_index=True,
        key=own.key(f"found-{own.alike}-{len(rows)}"),
        alt="Similar tracks, the nearest first",
        column_config={
            "rank": st.column_config.NumberColumn("", width=50),
            "title": st.column_config.TextColumn("Title", width=210),
            "artists": st.column_config.TextColumn("Artists", width=170),
            "genres": st.column_config.TextColumn("Genres", width=120),
            "distance": st.column_config.NumberColumn("Distance", format="%.2f"),
            "popularity": st.column_config.NumberColumn("Popularity", format="%.0f"),
            "nearest in": st.column_config.TextColumn("Nearest in", width=360),
            "farthest in": st.column_config.TextColumn("Farthest in", width=360),
        },
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
    )
    with actions:
        show_actions(own, [rows[i] for i in state.selection.rows if i < len(rows)], "alike")
    for line in similar_lines(told):
        st.caption(plain(line))
    save(
        "What was found (CSV)",
        lambda: as_csv(similar_rows([told])),
        "similar.csv",
        own.key("found"),
    )


def _row(track: SimilarTrack) -> dict[str, Any]:
    near, far = why_similar(track)
    return {
        "rank": track.rank,
        "title": track.track_name or f"track {track.track}",
        "artists": ", ".join(track.artists),
        "genres": ", ".join(track.genres),
        "distance": track.distance,
        "popularity": track.popularity,
        "nearest in": near,
        "farthest in": far,
    }
