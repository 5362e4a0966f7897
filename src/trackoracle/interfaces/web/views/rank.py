"""Rank: an album, a list of links or a table becomes an order, with how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from trackoracle.catalogs import TABLE_ENDINGS
from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.web.dropping import take_files
from trackoracle.interfaces.web.gathering import (
    MOST_LINKS,
    Lot,
    links_of,
    look_up_lot,
    lot_of_recordings,
    lot_of_sample,
    read_lot,
)
from trackoracle.interfaces.web.hearing import is_listening, show_hearing
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job
from trackoracle.interfaces.web.ordering import show_order
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown, show_error
from trackoracle.interfaces.web.working import show_job

_SOURCES = {
    "recordings": ":material/album: Recordings",
    "links": ":material/link: Links",
    "table": ":material/table_rows: A table",
}
_FIRST = {
    "recordings": "Drop an album above",
    "links": "Paste links above",
    "table": "Drop a table above",
}
_LONGEST_TEXT = 50_000
_PLACE = "rank"


@dataclass
class _Place:
    """What the page holds for a user.

    Parameters
    ----------
    lot, number, troubles
        The tracks that are ordered, how many lots there were, and what was wrong with what was
        sent last.
    job, what
        The reading or looking up under way, and what it is called.
    turn
        How often a table was dropped: the uploader is another one each time, so that it lets
        go of what it holds.
    """

    lot: Lot | None = None
    number: int = 0
    job: Job[Lot] | None = None
    what: str = ""
    turn: int = 0
    troubles: list[str] = field(default_factory=list)

    def put(self, lot: Lot) -> None:
        """Order other tracks, where there are any."""
        self.troubles = list(lot.troubles)
        if len(lot.tracks):
            self.lot, self.number = lot, self.number + 1


def begin_with(lot: Lot) -> None:
    """Come to the page with tracks to be ordered."""
    _own().put(lot)


def _own() -> _Place:
    own: _Place = session().kept.setdefault(_PLACE, _Place())
    return own


def show() -> None:
    """Show the page."""
    own = _own()
    st.title("Rank")
    place, failure = st.container(), ""
    if own.job is not None and show_job(own.job, own.what):
        failure = _finish(own)
    with place:
        source = _choose_source(own)
    for trouble in own.troubles:
        show_error(trouble)
    if failure:
        own.troubles.append(failure)  # this time the work's end showed it
    if own.lot is not None:
        show_order(own.lot, own.number)
    elif own.job is None and not is_listening(_PLACE):
        _nothing_yet(own, source)


def _choose_source(own: _Place) -> str:
    """Show the sources and what the chosen one asks for; return its name."""
    source: str | None = st.segmented_control(
        "Where the tracks come from",
        list(_SOURCES),
        format_func=_SOURCES.__getitem__,
        key="rank-source",
        default="recordings",
        persist_state="session",
        label_visibility="collapsed",
    )
    match source:
        case "recordings":
            heard = show_hearing(_PLACE, "Drop an album: its recordings, or their folder")
            if heard:
                own.put(lot_of_recordings(heard))
        case "links":
            _ask_links(own)
        case "table":
            _ask_table(own)
    return source or ""


def _ask_links(own: _Place) -> None:
    with st.form("links", border=False):
        text = st.text_area(
            "Links or ids of tracks, albums or playlists, one a line",
            max_chars=_LONGEST_TEXT,
            placeholder="https://open.spotify.com/album/...",
            help=f"At most {MOST_LINKS:,} lines. Live services are asked about them.",
        )
        asked = st.form_submit_button("Look up", type="primary", disabled=own.job is not None)
    if asked:
        own.troubles.clear()
        with errors_shown():
            _begin(own, "Looking up", held().board.submit(
                session().label, partial(look_up_lot, links_of(text))
            ))  # fmt: skip


def _ask_table(own: _Place) -> None:
    limits = held().limits
    dropped = st.file_uploader(
        "Drop a table of tracks: CSV, Parquet, JSON lines or Arrow",
        [ending.removeprefix(".") for ending in TABLE_ENDINGS],
        key=f"rank-table-{own.turn}",
        max_upload_size=limits.file_mb,
        help="A row a track. It is read on this machine, and then deleted.",
    )
    if dropped is not None and own.job is None:
        own.troubles.clear()
        own.turn += 1
        with errors_shown():
            uploads = take_files([dropped])
            _begin(own, "Reading", held().board.submit(
                session().label, partial(read_lot, uploads)
            ))  # fmt: skip


def _begin(own: _Place, what: str, job: Job[Lot]) -> None:
    own.what, own.job = what, job
    st.rerun()


def _finish(own: _Place) -> str:
    """Take the result of work that is over; return what was wrong with it."""
    job, own.job = own.job, None
    if job is not None and job.state == "done":
        own.put(job.result)
    error = job.error if job is not None else None
    return error.message if isinstance(error, TrackOracleError) else ""


def _nothing_yet(own: _Place, source: str) -> None:
    first = _FIRST.get(source, "Choose above where the tracks come from")
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"Nothing is ranked yet. {first}, or:", width="content")
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button("Try a made-up album", icon=":material/play_arrow:"):
                own.put(lot_of_sample())
                st.rerun()
