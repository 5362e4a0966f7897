"""Predict: from a recording, a link, or values set by hand to an answer that moves with them."""

from __future__ import annotations

import streamlit as st

import trackoracle
from trackoracle.interfaces.web.answering import show_answer
from trackoracle.interfaces.web.gathering import lot_of_recordings
from trackoracle.interfaces.web.hearing import (
    heard_here,
    heard_note,
    heard_row,
    heard_title,
    is_listening,
    show_hearing,
)
from trackoracle.interfaces.web.sample import take_sample
from trackoracle.interfaces.web.session import InHand, session
from trackoracle.interfaces.web.setting import genres_of, set_track
from trackoracle.interfaces.web.showing import errors_shown, plain, show_error
from trackoracle.interfaces.web.views.rank import begin_with
from trackoracle.interfaces.web.ways import Way, go
from trackoracle.rendering import GENRES, lookup_notes, typical_row
from trackoracle.schema import Heard, as_polars

_SOURCES = {
    "recording": ":material/mic: A recording",
    "link": ":material/link: A link",
    "hand": ":material/tune: By hand",
}
_FIRST = {"recording": "Drop a recording above", "link": "Paste a link above"}
_SOURCE = "predict-source"
_PLACE = "predict"
_BY_HAND = "A track set by hand"
_FIRST_GENRE = "pop"


def begin(source: str) -> None:
    """Come to the page with one of its sources open."""
    st.session_state[_SOURCE] = source
    if source == "hand" and _is_other(session().in_hand):
        _take_by_hand()


def show() -> None:
    """Show the page."""
    st.title("Predict")
    source = _choose_source()
    hand = session().in_hand
    if hand is None:
        if not is_listening(_PLACE):
            _nothing_yet(source)
        return
    _ask()


def _choose_source() -> str:
    """Show the sources and what the chosen one asks for; return its name."""
    source: str | None = st.segmented_control(
        "Where the track comes from",
        list(_SOURCES),
        format_func=_SOURCES.__getitem__,
        key=_SOURCE,
        default=None if _SOURCE in st.session_state else "recording",
        persist_state="session",
        label_visibility="collapsed",
    )
    match source:
        case "recording":
            _listen()
        case "link":
            _look_up()
        case "hand":
            if _is_other(session().in_hand):
                _take_by_hand()
    return source or ""


def _is_other(hand: InHand | None) -> bool:
    """Whether what is in hand was not set by hand."""
    return hand is None or hand.origin != "hand"


def _take_by_hand() -> None:
    own = session()
    known = [c.name for c in own.oracle.contract.columns if _FIRST_GENRE in c.known_levels]
    genres = [_FIRST_GENRE] if GENRES in known else []
    own.take(_BY_HAND, "hand", typical_row(own.oracle, genres))


def _listen() -> None:
    """Hear what is dropped, and ask about the first, or the one that is chosen."""
    if heard := show_hearing(_PLACE, "Drop recordings"):
        _take_heard(heard[0])
    recordings = heard_here(_PLACE)
    if len(recordings) > 1:
        titles = [heard_title(each) for each in recordings]
        # Only a choice takes a recording in hand: another track may have come from elsewhere.
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Recording",
                range(len(titles)),
                format_func=titles.__getitem__,
                key="recording",
                on_change=lambda: _take_heard(recordings[st.session_state["recording"]]),
            )
            if st.button(f"Rank all {len(titles):,}", icon=Way.RANK.icon, key="to-rank"):
                begin_with(lot_of_recordings(recordings))
                go(Way.RANK)


def _take_heard(heard: Heard) -> None:
    notes = (heard_note(heard), *heard.warnings)
    session().take(heard_title(heard), "recording", heard_row(heard), heard=heard, notes=notes)


def _look_up() -> None:
    """Ask live services about a link."""
    with st.form("look-up", border=False):
        text, button = st.columns([1, 0.2], vertical_alignment="bottom")
        link = text.text_input(
            "Link or id of a track", max_chars=500, placeholder="https://open.spotify.com/track/..."
        )
        asked = button.form_submit_button("Look up", type="primary", width="stretch")
    if not asked:
        return
    if not link.strip():
        show_error("link: expected one, got none. Paste it, then look it up.")
        return
    with errors_shown(), st.spinner("Asking live services"):
        found = trackoracle.lookup(link.strip())
        row = as_polars(found.tracks)[0].row(0, named=True)
        title = row.get("track_name") or "A track"
        session().take(title, "link", row, notes=tuple(lookup_notes(found)))


def _nothing_yet(source: str) -> None:
    first = _FIRST.get(source, "Choose above where a track comes from")
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"Nothing is asked yet. {first}, or:", width="content")
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button("Try a made-up track", icon=":material/play_arrow:"):
                take_sample()
                st.rerun()


@st.fragment
def _ask() -> None:
    """Show the controls beside the answer; moving one asks again, and runs nothing else."""
    own = session()
    hand = own.in_hand
    if hand is None:
        return
    with st.container(key="ask"):
        controls, answer = st.columns([0.42, 0.58], gap="large")
    genres = genres_of(hand)
    with controls:
        st.subheader(plain(hand.title), anchor=False)
        for note in hand.notes:
            st.caption(plain(note))
        set_track(hand, own.oracle)
        if hand.edits and st.button("Undo all changes", icon=":material/undo:", type="tertiary"):
            own.take(hand.title, hand.origin, hand.row, heard=hand.heard, notes=hand.notes)
            st.rerun(scope="fragment")
    if hand.origin == "hand" and genres_of(hand) != genres:
        _begin_from_genre(hand)
    with answer, errors_shown():
        show_answer(hand)


def _begin_from_genre(hand: InHand) -> None:
    """Put what nobody set at the middle of the genre that was chosen."""
    own, edits = session(), hand.edits
    own.take(hand.title, "hand", typical_row(own.oracle, genres_of(hand)), edits=edits)
    st.rerun(scope="fragment")
