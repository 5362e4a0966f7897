"""Long work as a user sees it: how far it is, its place in line, and a button that ends it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.web.jobs import Job
from trackoracle.interfaces.web.showing import plain, show_error

_TURN = 0.4
"""Seconds between two looks at work that is under way."""
_LONGEST = 120
"""Letters of what is being done."""
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
            st.status(f"In line: {job.place}. Others are being answered", state="running")
        else:
            done, total, name = job.progress
            if total > 1:
                said = f"{what} {min(done + 1, total):,} of {total:,} {name}"
                st.progress(job.share or 0.0, said.strip()[:_LONGEST])
            else:
                # A bar of one piece of work would stand at 0 until it is done.
                st.status(plain(f"{what} {name}".strip()[:_LONGEST]), state="running")
        if st.button("Cancel", icon=":material/close:", key=f"cancel-{what}"):
            job.cancel()
            st.rerun()
