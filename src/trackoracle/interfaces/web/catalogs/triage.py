"""Triage: which tracks of the catalog deserve a listen, by the oracle that answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import streamlit as st

import trackoracle
from trackoracle.errors import ConfigError
from trackoracle.interfaces.web.catalogs.opened import Opened
from trackoracle.interfaces.web.catalogs.results import choose_level, latest_of, turn_of
from trackoracle.interfaces.web.catalogs.tracks import show_actions
from trackoracle.interfaces.web.dropping import take_files
from trackoracle.interfaces.web.jobs import Progress
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import as_csv, errors_shown, plain, save
from trackoracle.rendering import to_json, triage_lines, triage_rows
from trackoracle.schema import Rows, Triage, TriageBy

_BY: dict[TriageBy, str] = {
    "gems": "Hidden gems",
    "novelty": "Unlike the rest",
    "likeness": "Like references",
}
_TEXTS: dict[TriageBy, str] = {
    "gems": "Predicted high, popular little: each recording by its most popular release.",
    "novelty": "Those whose sound is least like what the oracle was trained on.",
    "likeness": "Nearest in sound to tracks of yours.",
}
_PART = "triage"


def show_triage(own: Opened) -> None:
    """Show what is asked, and the list."""
    by: TriageBy = (
        st.segmented_control(
            "What to look for",
            get_args(TriageBy),
            format_func=lambda one: _BY[one],
            default=None if own.key("triage-by") in st.session_state else "gems",
            key=own.key("triage-by"),
            required=True,
            persist_state="session",
        )
        or "gems"
    )
    st.caption(_TEXTS[by])
    with errors_shown():
        listed = latest_of(own, _PART, _choose(own, by))
        if listed is not None and listed.by == by:
            _show_list(own, listed)


def _choose(own: Opened, by: TriageBy) -> Callable[[Progress], Triage] | None:
    """Show the options; return what makes the list when it is asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n = st.number_input(
            "Tracks wanted",
            1,
            10_000,
            50,
            key=own.key("triage-n"),
            persist_state="session",
            width=140,
        )
        level = choose_level(own, _PART)
        asked = st.button("Make the list", type="primary", icon=":material/hearing:")
    references = _references(own) if by == "likeness" else None
    if not asked:
        return None
    if by == "likeness" and references is None:
        raise ConfigError(
            "references: expected tracks to be like, got none. Put tracks into the playlist, or "
            "drop a table of them."
        )
    ask = partial(
        trackoracle.triage,
        session().oracle,
        own.catalog,
        by=by,
        references=references,
        n=int(n),
        level=level,
    )

    def listed(progress: Progress) -> Triage:
        told = ask()
        progress.check()
        return told

    return listed


def _references(own: Opened) -> Rows | None:
    """Choose what the list is to be like: the playlist's tracks, or a table."""
    kept = own.found
    places = st.columns(2, gap="large")
    with places[0]:
        turn = kept.get("references turn", 0)
        file = st.file_uploader(
            "A table of references",
            key=own.key(f"triage-file-{turn}"),
            help="At most 1,000 tracks.",
        )
        if file is not None:
            kept["references turn"] = turn + 1
            with take_files([file], 1) as uploads:
                try:
                    kept["references"] = trackoracle.load_tracks(uploads.paths[0])
                except trackoracle.TrackOracleError as error:
                    raise type(error)(uploads.told(error.message), **error.facts) from error
            st.rerun()
    given = kept.get("references")
    with places[1]:
        n = len(own.playlist)
        if n and st.checkbox(
            f"The {n:,} tracks of the playlist", value=given is None, key=own.key("triage-playlist")
        ):
            return own.catalog.tracks[own.playlist]
        if given is not None:
            st.markdown(f"{len(given):,} references from a table.")
        elif not n:
            st.caption("Or put tracks into the playlist: then the list can be like them.")
    return given


def _show_list(own: Opened, listed: Triage) -> None:
    rows = [track.row - 1 for track in listed.tracks]
    table = triage_rows(listed)
    if len(table):
        actions = st.container(horizontal=True)
        state = st.dataframe(
            table.drop("track_id", "warning").with_columns(
                artists=table["artists"].list.join(", "), genres=table["genres"].list.join(", ")
            ),
            hide_index=True,
            key=own.key(f"triaged-{turn_of(own, _PART)}"),
            alt="The list, the most worth a listen first",
            column_config=_config(listed),
            on_select="rerun",
            selection_mode="multi-row",
            placeholder="",
        )
        with actions:
            show_actions(own, [rows[i] for i in state.selection.rows if i < len(rows)], "triage")
    first, *rest = triage_lines(listed)
    st.markdown(plain(first))
    for line in rest:
        st.caption(plain(line))
    with st.container(horizontal=True):
        save("The list (CSV)", lambda: as_csv(table), "triage.csv", own.key("triaged"))
        save(
            "The list (JSON)",
            lambda: to_json(listed.to_dict()).encode(),
            "triage.json",
            own.key("triaged"),
        )


def _config(listed: Triage) -> dict[str, Any]:
    points = listed.target == "popularity"
    formats = {
        "observed": ("Now", "%.0f"),
        "novelty": ("Novelty", "%.4f"),
        "gap": ("Gap", "%.0f" if points else "%.2f"),
        "distance": ("Distance", "%.2f"),
        "popularity": ("Predicted", "%.0f"),
        "popularity_low": ("Low", "%.0f"),
        "popularity_high": ("High", "%.0f"),
        "p_hit": ("P(hit)", "%.2f"),
        "tier": ("Tier", "%.0f"),
    }
    hidden = ("popularity_median", "is_hit", *(f"p_tier_{i}" for i in range(12)))
    return {
        "rank": st.column_config.NumberColumn("", width=50),
        "track_name": st.column_config.TextColumn("Title", width=210),
        "artists": st.column_config.TextColumn("Artists", width=190),
        "genres": st.column_config.TextColumn("Genres", width=130),
        "reference": st.column_config.TextColumn("Like", width=150),
        **{
            name: st.column_config.NumberColumn(title, format=shown)
            for name, (title, shown) in formats.items()
        },
        **dict.fromkeys(hidden),
    }
