"""How a user opens a catalog: drops a file, says how it is to be read, or takes the server's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from trackoracle.errors import ConfigError, TrackOracleError
from trackoracle.interfaces.web.catalogs.opened import (
    SAMPLE,
    open_shared,
    open_upload,
    opened,
)
from trackoracle.interfaces.web.dropping import take_files
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown, plain, show_error
from trackoracle.interfaces.web.uploads import Uploads
from trackoracle.rendering import label
from trackoracle.schema import TRACK_COLUMNS

ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16", "shift_jis", "gb18030")
_USUAL = "usual"
_INVALID = {
    _USUAL: "As the format asks",
    "null": "Take as missing",
    "drop": "Drop the row",
    "error": "Refuse the file",
}
OPENING = "catalog-opening"
"""What tells that the user looks for another catalog than the open one."""
_SENT = "catalog-sent"
_TURN = "catalog-turn"
_MOST_MAPPED = 40
_UNUSED = "not used"
_KINDS = "CSV, TSV, JSON lines, Parquet or Arrow; also packed as .gz, .zst or .zip."


@dataclass
class Sent:
    """A file that was dropped and could not be opened as it was read.

    Parameters
    ----------
    uploads
        Where it lies.
    error
        Why not.
    columns
        Its columns, where none was recognised.
    """

    uploads: Uploads
    error: str
    columns: Sequence[str] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.uploads.files[0].name


def show_opening() -> None:
    """Show the ways to a catalog; opening one begins the page anew."""
    drop, ready = st.columns([0.62, 0.38], gap="large")
    with drop:
        _drop()
    with ready:
        st.markdown("**Or take one that is here**")
        own = held().catalog
        if own != SAMPLE:
            _offer(own, Path(own).name, "The catalog of this server.", ":material/database:")
        _offer(
            SAMPLE,
            "The sample",
            "Made-up tracks: nobody's, and always there.",
            ":material/science:",
        )
        if opened() is not None:
            st.caption("The catalog that is open now is let go of, with its playlist.")


def _offer(source: str, title: str, text: str, icon: str) -> None:
    if st.button(
        plain(title),
        icon=icon,
        key="open-sample" if source == SAMPLE else "open-server",
        width="stretch",
    ):
        with errors_shown(), st.spinner("Reading"):
            open_shared(source)
            _forget()
            st.rerun()
    st.caption(text)


def _drop() -> None:
    kept = session().kept
    turn = kept.get(_TURN, 0)
    file = st.file_uploader(
        "A table of tracks",
        key=f"catalog-file-{turn}",
        help=f"{_KINDS} At most {held().limits.file_mb:,} MB; it is deleted when you leave.",
    )
    sent: Sent | None = kept.get(_SENT)
    is_open = sent is not None
    with st.expander("Reading options", expanded=is_open, icon=":material/tune:"):
        reading = _reading_options()
    if file is not None:
        kept[_TURN] = turn + 1
        kept.pop(_SENT, None)
        with errors_shown(), st.spinner("Reading"):
            _open(take_files([file], 1), reading)
            return
    if sent is not None:
        _read_again(sent, reading)


def _open(uploads: Uploads, reading: Mapping[str, Any]) -> None:
    """Open a file; what is wrong with it is kept, so that it can be read in another way."""
    try:
        open_upload(uploads, reading)
    except TrackOracleError as error:
        columns = error.facts.get("columns", ())
        session().kept[_SENT] = Sent(uploads, uploads.told(error.message), list(columns))  # type: ignore[call-overload]
    else:
        _forget()
    st.rerun()


def _forget() -> None:
    """Let go of what could not be opened, and of the search."""
    for name in (_SENT, OPENING):
        session().kept.pop(name, None)


def _reading_options() -> dict[str, Any]:
    """Show how a file may be read; return what is set otherwise than usual."""
    encoding, invalid = st.columns(2)
    chosen = encoding.selectbox(
        "Encoding of text",
        ENCODINGS,
        key="catalog-encoding",
        accept_new_options=True,
        persist_state="session",
        help="utf-8 is usual; spreadsheets often save latin-1 or cp1252.",
    )
    on_invalid = invalid.selectbox(
        "Impossible values",
        list(_INVALID),
        format_func=_INVALID.__getitem__,
        key="catalog-on-invalid",
        persist_state="session",
        help="As an energy of 7. Published formats take them as missing, your own tables are "
        "refused.",
    )
    return {
        "encoding": chosen or ENCODINGS[0],
        "on_invalid": None if on_invalid == _USUAL else on_invalid,
    }


def _read_again(sent: Sent, reading: dict[str, Any]) -> None:
    """Say why a file could not be opened, and offer to read it in another way."""
    st.markdown(f"**{plain(sent.name)}** was not opened.")
    show_error(sent.error)
    columns: dict[str, str] = {}
    with errors_shown():
        if sent.columns:
            st.markdown("**Which of your columns is which?**")
            columns = choose_columns(sent.columns, (), "sent")
        with st.container(horizontal=True):
            if st.button("Read it again", type="primary", icon=":material/replay:"):
                _open(sent.uploads, reading | ({"columns": columns} if columns else {}))
            if st.button("Forget the file", icon=":material/delete:", type="tertiary"):
                _forget()
                st.rerun()


def choose_columns(theirs: Sequence[str], taken: Sequence[str], key: str) -> dict[str, str]:
    """Show a choice for each of a file's columns; return track column to theirs.

    Raises
    ------
    ConfigError
        When two of them are to be one.
    """
    offered = [_UNUSED, *(name for name in TRACK_COLUMNS if name not in taken)]
    places = st.columns(2, gap="medium")
    chosen: dict[str, str] = {}
    for i, name in enumerate(theirs[:_MOST_MAPPED]):
        wanted = places[i % 2].selectbox(
            plain(name),
            offered,
            format_func=lambda one: one if one == _UNUSED else label(one),
            key=f"map-{key}-{i}-{name}",
        )
        if wanted == _UNUSED:
            continue
        if wanted in chosen:
            raise ConfigError(
                f"{wanted}: expected one column of yours, got {chosen[wanted]!r} and {name!r}. "
                "Choose one of them."
            )
        chosen[wanted] = name
    if len(theirs) > _MOST_MAPPED:
        st.caption(f"The first {_MOST_MAPPED} of {len(theirs):,} columns.")
    return chosen
