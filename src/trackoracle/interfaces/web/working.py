"""Long work on a page: begun, looked at while it runs, cancelled, and its result kept."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job, Progress
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown, plain, show_error

_EVERY = 0.5
_UNKNOWN = "Something failed here that is no fault of yours. It was noted; try again, or go on."


@dataclass(frozen=True)
class Work:
    """One long piece of work.

    Parameters
    ----------
    name
        By which its job and its result are kept.
    title
        What is being done, for the user.
    call
        Does it.
    """

    name: str
    title: str
    call: Callable[[Progress], Any]


def result_of(
    work: Work,
    found: MutableMapping[str, Any],
    jobs: MutableMapping[str, Job[Any]],
    *,
    told: Callable[[str], str] = str,
    begin: bool = False,
) -> Any:
    """Return what was found; while it is not there, show how the work goes on.

    Parameters
    ----------
    found, jobs
        Where results, and what is under way, are kept by name.
    told
        Changes the sentence of an error before it is shown.
    begin
        Whether to begin with it where it was not begun.

    Returns
    -------
    The result; None while there is none.
    """
    if work.name in found:
        return found[work.name]
    if begin and work.name not in jobs:
        with errors_shown():
            jobs[work.name] = held().jobs.submit(session().label, work.call)
    job = jobs.get(work.name)
    if job is None:
        return None
    match job.state:
        case "done":
            found[work.name] = job.result
            del jobs[work.name]
            return found[work.name]
        case "failed":
            error = job.error
            show_error(told(error.message) if isinstance(error, TrackOracleError) else _UNKNOWN)
            _offer_again(work, jobs)
        case "cancelled":
            st.info(f"{work.title}: cancelled.", icon=":material/cancel:")
            _offer_again(work, jobs)
        case _:
            _watch(work, job)
    return None


def _offer_again(work: Work, jobs: MutableMapping[str, Job[Any]]) -> None:
    if st.button("Begin again", icon=":material/replay:", key=f"again-{work.name}"):
        jobs[work.name] = held().jobs.submit(session().label, work.call)
        st.rerun()


@st.fragment(run_every=_EVERY)
def _watch(work: Work, job: Job[Any]) -> None:
    """Show how far it is; when it is over, show the page anew."""
    if job.state not in ("waiting", "running"):
        st.rerun()
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.progress(job.share or 0.0, plain(_said(work, job)))
        if st.button("Cancel", key=f"cancel-{work.name}"):
            job.cancel()
            st.rerun()


def _said(work: Work, job: Job[Any]) -> str:
    if job.state == "waiting":
        return f"{work.title}: waits for its turn, number {job.place} in line"
    last = job.progress[2]
    return f"{work.title}: {job.seconds:.0f} s" + (f", {last}" if last else "")
