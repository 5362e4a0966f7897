"""Welcome: what the app does, in one screen, and three doors."""

from __future__ import annotations

import streamlit as st

from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import plain
from trackoracle.interfaces.web.ways import Way, go
from trackoracle.rendering import honesty_sentence

_DOORS = (
    (
        "recording",
        "I have a recording",
        "Drop a track. It is listened to here, predicted, explained, and deleted.",
        Way.PREDICT,
        ":material/mic:",
    ),
    (
        "link",
        "I have a link",
        "Paste the link of a track, and live services are asked what they know of it.",
        Way.PREDICT,
        ":material/link:",
    ),
    (
        "list",
        "I have a list",
        "Open a CSV or Parquet of tracks: what is wrong in it, who stands out, what to hear first.",
        Way.CATALOG,
        ":material/table_rows:",
    ),
)


def show() -> None:
    """Show the page."""
    st.html(
        '<div class="hero"><h1>How far could this track go?</h1><p>TrackOracle predicts the '
        "popularity of a track from its sound and what is known of it. It says how sure it is, "
        "why, and what would change the answer.</p></div>"
    )
    st.space("small")
    for place, door in zip(st.columns(3, gap="medium"), _DOORS, strict=True):
        with place:
            _door(*door)
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button("Try it with a made-up track", icon=":material/play_arrow:", key="sample"):
            from trackoracle.interfaces.web.sample import take_sample

            take_sample()
            go(Way.PREDICT)
        if st.button("Find the single of several", icon=Way.RANK.icon, key="several"):
            go(Way.RANK)
        if st.button("Set a track by hand", icon=":material/tune:", key="by-hand"):
            _begin("hand")
    st.space("small")
    st.caption(plain(honesty_sentence(session().oracle.report)))


def _door(name: str, title: str, text: str, way: Way, icon: str) -> None:
    with st.container(border=True, height="stretch", key=f"door-{name}"):
        st.markdown(f"### {icon} {title}")
        st.markdown(text)
        st.space("stretch")  # the buttons of all doors stand level
        if st.button("Open", key=f"open-{name}", type="primary", help=title, width="stretch"):
            if way is Way.PREDICT:
                _begin(name)
            go(way)


def _begin(how: str) -> None:
    """Open Predict one way; what it needs is imported then, and the first page waits for none."""
    from trackoracle.interfaces.web.views.predict import begin

    begin(how)
    go(Way.PREDICT)
