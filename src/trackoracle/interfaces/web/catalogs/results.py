"""Results of long work: begun, looked at while it runs, and kept with what they are of."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job, Progress
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown
from trackoracle.interfaces.web.working import show_job

_STILL_HERE = 20.0


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
            jobs[work.name] = held().board.submit(session().label, partial(_do, work.call, told))
    job = jobs.get(work.name)
    if job is None:
        return None
    if not show_job(job, work.title):
        return None
    match job.state:
        case "done":
            found[work.name] = job.result
            del jobs[work.name]
            return found[work.name]
        case "cancelled":
            st.info(f"{work.title}: cancelled.", icon=":material/cancel:")
    if st.button("Begin again", icon=":material/replay:", key=f"again-{work.name}"):
        with errors_shown():
            jobs[work.name] = held().board.submit(session().label, partial(_do, work.call, told))
            st.rerun()
    return None


def _do(call: Callable[[Progress], Any], told: Callable[[str], str], progress: Progress) -> Any:
    """Do it; where it fails, the sentence is put into the user's words."""
    try:
        return call(progress)
    except TrackOracleError as error:
        raise TrackOracleError(told(error.message)) from None


@st.fragment(run_every=_STILL_HERE)
def stay(jobs: MutableMapping[str, Job[Any]]) -> None:
    """Look at what is under way while its user looks at something else: who does not has gone."""
    for job in jobs.values():
        job.state  # noqa: B018 (reading it is looking at it)
