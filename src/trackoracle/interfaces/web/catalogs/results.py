"""Results of long work: begun, looked at while it runs, and kept with what they are of."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.web.catalogs.opened import Opened
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


def latest_of(own: Opened, part: str, call: Callable[[Progress], Any] | None) -> Any:
    """Return what the oracle was last asked by a part of the page, None while there is none.

    Parameters
    ----------
    part
        By which question and answer are kept.
    call
        What is asked now, which lets go of what was asked before; None where nothing is.
    """
    question, n = f"{part} asked", turn_of(own, part)
    if call is not None:
        before = own.found.pop(question, None)
        if before is not None:
            own.found.pop(before.name, None)
            job = own.jobs.pop(before.name, None)
            if job is not None:
                job.cancel()
        own.found[f"{part} turn"] = n + 1
        own.found[question] = Work(f"{part} {n + 1}", f"Asking {session().oracle_name}", call)
    asked = own.found.get(question)
    if asked is None:
        return None
    return result_of(asked, own.found, own.jobs, begin=True, told=own.loaded.named)


def turn_of(own: Opened, part: str) -> int:
    """Return how often a part of the page has asked."""
    turn: int = own.found.get(f"{part} turn", 0)
    return turn


def choose_level(own: Opened, part: str) -> float:
    """Show how sure intervals are to be; return the level."""
    level: float = st.select_slider(
        "Intervals",
        [0.5, 0.8, 0.9, 0.95, 0.99],
        0.9,
        format_func=lambda share: f"{100 * share:.0f} %",
        key=own.key(f"{part}-level"),
        persist_state="session",
        width=220,
    )
    return level


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
