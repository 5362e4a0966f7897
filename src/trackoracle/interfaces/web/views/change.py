"""Change: what would move the answer for the track in hand, and its versions side by side."""

from __future__ import annotations

import streamlit as st

from trackoracle.interfaces.web.changing import changes_of, predicted, show_changes, show_track
from trackoracle.interfaces.web.sample import take_sample
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown
from trackoracle.interfaces.web.versions import show_versions
from trackoracle.interfaces.web.ways import Way, link
from trackoracle.interfaces.web.wishing import set_wish


def show() -> None:
    """Show the page."""
    st.title("Change")
    if session().in_hand is None:
        _nothing_yet()
        if session().scenarios:
            show_versions()
        return
    _ask()


def _nothing_yet() -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("No track is in hand yet. Predict one first, or:", width="content")
        with st.container(
            horizontal=True, horizontal_alignment="center", vertical_alignment="center"
        ):
            st.button("Try a made-up track", icon=":material/play_arrow:", on_click=take_sample)
            link(Way.PREDICT, "Go to Predict")


@st.fragment
def _ask() -> None:
    """Show the wish beside what would fulfil it; a wish that moves asks again, and no more."""
    own = session()
    hand = own.in_hand
    if hand is None:
        return
    with errors_shown():
        told = predicted(own.oracle, hand.asked())
        wanted, changes = st.columns([0.4, 0.6], gap="large")
        with wanted, st.container(key="wish"):
            show_track(hand, own.oracle, told)
            wish = set_wish(hand, own.oracle, told)
        with changes:
            show_changes(hand, changes_of(hand, wish))
    show_versions()
