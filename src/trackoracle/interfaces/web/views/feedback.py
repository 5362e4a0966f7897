"""Feedback: what this user said of predictions, and a place to say more."""

from __future__ import annotations

import polars as pl
import streamlit as st

from trackoracle.interfaces.web.answering import headline
from trackoracle.interfaces.web.flagging import show_form
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown, plain, show_table
from trackoracle.interfaces.web.ways import Way, link
from trackoracle.rendering import told_answer

_SHOWN = ("answer", "verdict", "actual", "comment", "oracle", "when")
_FORMATS = {
    "answer": "Answer",
    "verdict": "You said",
    "actual": st.column_config.NumberColumn("What it became", format="%g"),
    "comment": "Comment",
    "oracle": "Oracle",
    "when": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm"),
}


def show() -> None:
    """Show the page."""
    st.title("Feedback")
    st.markdown(
        "Say where a prediction was wrong, or right: it is how the people who run this learn of it."
    )
    said, kept = st.columns([0.42, 0.58], gap="large")
    with said:
        st.subheader("The answer at hand", anchor=False)
        with errors_shown():
            _say()
    with kept:
        st.subheader("What you said", anchor=False)
        with errors_shown():
            _show_own()
    with st.expander("For whoever runs this server", icon=":material/terminal:"):
        st.markdown("What all users said is exported at the command line, nowhere else:")
        st.code("trackoracle feedback export -o feedback.csv", language="bash")
        st.caption(
            "Where it was started with --feedback, name the same place with --store. Nothing that "
            "tells who a user is stands in it, but what they wrote themselves."
        )


def _say() -> None:
    own = session()
    if own.in_hand is None:
        st.markdown("Nothing was asked yet in this visit.")
        link(Way.PREDICT, "Ask about a track")
        return
    row = own.in_hand.asked()
    answer = own.oracle.predict([row]).row(0, named=True)
    number, what = headline(answer, own.oracle)
    with st.container(border=True):
        st.markdown(f"{plain(own.in_hand.title)}: **{plain(number)}** {plain(what)}")
        show_form(row, answer, "say")


def _show_own() -> None:
    from trackoracle.feedback import feedback_frame

    feedback = held().store.rows(session=session().label)
    if not feedback:
        st.markdown("Nothing yet. Only what you say in this visit is shown here, and only to you.")
        return
    answers = pl.Series("answer", list(map(told_answer, feedback)))
    rows = feedback_frame(feedback).with_columns(answers).rename({"at": "when"})
    show_table(
        rows.drop("session"), "feedback", "feedback", column_order=_SHOWN, column_config=_FORMATS,
        placeholder="not known",
    )  # fmt: skip
    st.caption("The newest first, of this visit alone. The saved table also has what was asked.")
