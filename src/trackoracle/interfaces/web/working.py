"""Long work as a user sees it: how far it is, its place in line, and a button that ends it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.web.jobs import Job
from trackoracle.interfaces.web.showing import show_error

_TURN = 0.4
"""Seconds between two looks at work that is under way."""
_FAILED = "Something went wrong here, and was noted. Try again, or with something else."


def show_job(job: Job[Any], what: str) -> bool:
    """Show work until it is over, then what was wrong with it; return whether it is over.

    Parameters
    ----------
    what
        What is being done, as "Listening".
    """
    if job.state in ("waiting", "running"):
        _watch(job, what)
        return False
    if job.state == "failed":
        error = job.error
        show_error(error.message if isinstance(error, TrackOracleError) else _FAILED)
    return True


@st.fragment(run_every=_TURN)
def _watch(job: Job[Any], what: str) -> None:
    """Look at the work again and again, without running the page."""
    if job.state not in ("waiting", "running"):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if job.state == "waiting":
            st.progress(0.0, f"In line: {job.place}. Others are being answered")
        else:
            _, total, name = job.progress
            of_all = f" of {total:,}" if total > 1 else ""
            done = f" {job.progress[0] + 1:,}{of_all}" if of_all else ""
            st.progress(job.share or 0.0, f"{what}{done} {name}".strip()[:120])
        if st.button("Cancel", icon=":material/close:", key=f"cancel-{what}"):
            job.cancel()
            st.rerun()
