"""Recordings that a user drops: heard in processes of their own, then deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st

from trackoracle.audio import ENDINGS
from trackoracle.interfaces.web.dropping import take_files
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job, Progress
from trackoracle.interfaces.web.session import Row, session
from trackoracle.interfaces.web.showing import errors_shown, show_error
from trackoracle.interfaces.web.uploads import Uploads
from trackoracle.interfaces.web.working import show_job
from trackoracle.rendering import shown_value
from trackoracle.schema import Heard, Unheard, heard_rows


@dataclass
class _Place:
    """What one page has heard.

    Parameters
    ----------
    turn
        How often files were dropped: the uploader is another one each time, so that it lets go
        of what it holds.
    job
        The listening under way.
    heard, unheard
        Of the files dropped last.
    """

    turn: int = 0
    job: Job[list[Heard | Unheard]] | None = None
    heard: list[Heard] = field(default_factory=list)
    unheard: list[Unheard] = field(default_factory=list)


def show_hearing(place: str, label: str) -> list[Heard] | None:
    """Take recordings and listen; return what was heard once, when it has been.

    Parameters
    ----------
    place
        Which page asks.
    label
        What the uploader is called.
    """
    own: _Place = session().kept.setdefault(f"hearing-{place}", _Place())
    limits = held().limits
    dropped = st.file_uploader(
        label,
        [ending.removeprefix(".") for ending in sorted(ENDINGS)],
        accept_multiple_files=True,
        key=f"recordings-{place}-{own.turn}",
        max_upload_size=limits.file_mb,
        help=f"At most {limits.files} files. Each is heard on this machine, for at most "
        f"{limits.audio_seconds / 60:.0f} minutes of it, and then deleted.",
    )
    if dropped and own.job is None:
        with errors_shown():
            _begin(own, dropped)
            st.rerun()
    if own.job is not None:
        return _finish(own) if show_job(own.job, "Listening") else None
    for each in own.unheard:
        show_error(each.reason)
    return None


def is_listening(place: str) -> bool:
    """Whether what was dropped on a page is being heard."""
    own: _Place | None = session().kept.get(f"hearing-{place}")
    return own is not None and own.job is not None


def heard_row(heard: Heard) -> Row:
    """Return what was heard as the row that is asked about, as the command line asks."""
    row = heard_rows([heard]).row(0, named=True)
    return {name: value for name, value in row.items() if value is not None}


def heard_title(heard: Heard) -> str:
    """Return what a recording is called."""
    return str(heard.tags.get("track_name") or heard.file)


def _begin(own: _Place, dropped: Sequence[Any]) -> None:
    own.turn += 1
    uploads = take_files(dropped)
    own.heard, own.unheard = [], []
    own.job = held().board.submit(session().label, partial(_hear, uploads))


def _hear(uploads: Uploads, progress: Progress) -> list[Heard | Unheard]:
    """Listen to what was dropped, one recording after the other, and delete it."""
    listeners, answers = held().listeners, list[Heard | Unheard]()
    with uploads:
        for i, file in enumerate(uploads.files):
            progress(i, len(uploads.files), file.name)
            answer = listeners.hear(file.path, turn=progress.check)
            if isinstance(answer, Unheard):
                answers.append(Unheard(file.name, uploads.told(answer.reason)))
            else:
                answers.append(replace(answer, file=file.name))
    return answers


def _finish(own: _Place) -> list[Heard] | None:
    """Take the result of listening that is over."""
    job, own.job = own.job, None
    assert job is not None
    if job.state != "done":
        return None
    answers = job.result
    own.heard = [answer for answer in answers if isinstance(answer, Heard)]
    own.unheard = [answer for answer in answers if isinstance(answer, Unheard)]
    if own.unheard:
        for each in own.unheard:
            show_error(each.reason)
    return own.heard or None


def heard_here(place: str) -> list[Heard]:
    """Return what was heard of the files dropped last on a page."""
    own: _Place = session().kept.setdefault(f"hearing-{place}", _Place())
    return own.heard


def heard_note(heard: Heard) -> str:
    """Say what was measured, in a line."""
    told = {name: heard.measured.get(name) for name in ("duration_ms", "tempo", "loudness")}
    parts = [shown_value(name, value) for name, value in told.items() if value is not None]
    key = heard.measured.get("key")
    if key is not None:
        mode = heard.measured.get("mode")
        named = "" if mode is None else f" {shown_value('mode', mode)}"
        parts.append(shown_value("key", key) + named)
    return ", ".join(parts)
