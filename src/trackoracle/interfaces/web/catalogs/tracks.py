"""The tracks of a catalog: filtered, ordered, selected, and passed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import streamlit as st
from numpy.typing import NDArray

from trackoracle.exploration import TrackFilter
from trackoracle.interfaces.web.catalogs.filters import choose_filter
from trackoracle.interfaces.web.catalogs.opened import Opened
from trackoracle.interfaces.web.catalogs.parts import Part, turn_to
from trackoracle.interfaces.web.gathering import lot_of_catalog
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import as_csv, errors_shown, save
from trackoracle.interfaces.web.views.rank import begin_with
from trackoracle.interfaces.web.ways import Way, go
from trackoracle.oracle import MOST_RANKED
from trackoracle.rendering import label
from trackoracle.schema import TARGET_COLUMNS

Rows = NDArray[np.int64]
MOST_SHOWN = 1_000
MOST_IN_PLAYLIST = 500
_HOUR = 3_600_000
_TEXTS = {"track_name": "title", "artists": "artists", "genres": "genres"}
_ALBUM = "album_name"
_WIDTHS = {"title": 230, "artists": 190}
_HIGH = 560
"""Pixels."""
_SHARES = (
    "energy", "valence", "danceability", "acousticness", "instrumentalness", "speechiness",
    "liveness",
)  # fmt: skip
_AS_IN_FILE = "As in the file"
_POPULAR = "Most popular first"
_ORDERS = {
    _POPULAR: ("popularity", True),
    "Least popular first": ("popularity", False),
    "Newest first": ("year", True),
    "Oldest first": ("year", False),
    "Longest first": ("duration_ms", True),
    "Shortest first": ("duration_ms", False),
    "Fastest first": ("tempo", True),
    "Most energy first": ("energy", True),
    "Least energy first": ("energy", False),
    "Brightest first": ("valence", True),
    "Darkest first": ("valence", False),
}


@st.fragment
def show_tracks(own: Opened) -> None:
    """Show the filter, what is left, and the first of it."""
    with errors_shown():
        wanted = choose_filter(own)
        if wanted != own.wanted or own.rows is None:
            own.wanted, own.rows = wanted, own.loaded.sieve.rows(wanted)
    rows = own.chosen()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _show_count(own, rows, wanted)
        st.space("stretch")
        order = _choose_order(own) if len(rows) else _AS_IN_FILE
    if not len(rows):
        st.info(
            "No track meets all of it. Widen a range, or clear the filter.",
            icon=":material/filter_alt_off:",
        )
        return
    shown = ordered(own, rows, order)[:MOST_SHOWN]
    actions = st.container(horizontal=True)
    selected = select_tracks(own, shown, f"table-{order}-{hash(repr(wanted))}")
    with actions:
        show_actions(own, selected, "tracks")
        _offer_order(own, rows)
    if len(rows) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN:,} of {len(rows):,} in this order; the file has all.")
    chosen = own.catalog.tracks
    save(f"All {len(rows):,} (CSV)", lambda: as_csv(chosen[rows]), "tracks.csv", own.key("all"))


def _show_count(own: Opened, rows: Rows, wanted: TrackFilter) -> None:
    n_recordings = len(np.unique(own.catalog.keys.recording[rows]))
    s = "" if n_recordings == 1 else "s"
    st.markdown(
        f"**{len(rows):,}** of {len(own.catalog):,} tracks, {n_recordings:,} recording{s}",
        width="content",
    )
    if wanted.asks:
        st.button(
            "Clear the filter",
            icon=":material/filter_alt_off:",
            type="tertiary",
            on_click=_clear,
            args=(own,),
        )


def _clear(own: Opened) -> None:
    own.renew("filter")
    own.rows = None


def _choose_order(own: Opened) -> str:
    tracks = own.catalog.tracks
    known = [
        order
        for order, (name, _) in _ORDERS.items()
        if (name == "year" and own.catalog.keys.has_dates)
        or (name in tracks.columns and tracks[name].null_count() < len(tracks))
    ]
    return st.selectbox(
        "Order", [*known, _AS_IN_FILE], key=own.key("order"), persist_state="session", width=240
    )


def ordered(own: Opened, rows: Rows, order: str) -> Rows:
    """Return rows in an order; those that do not know the value last."""
    if order == _AS_IN_FILE:
        return rows
    name, falling = _ORDERS[order]
    values = own.loaded.sieve.values(name)[rows]
    by: Rows = np.argsort(-values if falling else values, kind="stable")
    return rows[by]


def select_tracks(own: Opened, rows: Rows, key: str) -> list[int]:
    """Show tracks as a table; return the rows of the catalog that the user selected in it."""
    table = track_table(own, rows)
    state = st.dataframe(
        table,
        height=min(_HIGH, 36 * (len(table) + 1) + 4),
        hide_index=True,
        key=own.key(key),
        alt="Tracks of the catalog",
        column_config=_config(table),
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
    )
    return [int(rows[i]) for i in state.selection.rows if i < len(rows)]


def track_table(own: Opened, rows: Rows) -> pl.DataFrame:
    """Return rows of a catalog as people read them."""
    tracks = own.catalog.tracks[rows]
    told: dict[str, pl.Series] = {}
    for name, head in _TEXTS.items():
        if name in tracks.columns:
            column = tracks[name]
            told[head] = column.list.join(", ") if column.dtype == pl.List(pl.String) else column
    if "popularity" in tracks.columns:
        told["popularity"] = tracks["popularity"]
    if own.catalog.keys.has_dates:
        years = pl.Series(own.loaded.sieve.years[rows], nan_to_null=True)
        told["year"] = years.cast(pl.Int64)
    if "duration_ms" in tracks.columns:
        told["length"] = (
            (tracks["duration_ms"] * 1_000_000).cast(pl.Int64).cast(pl.Time, strict=False)
        )
    for name in ("tempo", *_SHARES):
        if name in tracks.columns:
            told[label(name)] = tracks[name]
    if _ALBUM in tracks.columns:
        told["album"] = tracks[_ALBUM]
    if not told.keys() & {"title", "artists"}:
        told = {"row": pl.Series(rows + 1), **told}
    return pl.DataFrame(told)


def _config(table: pl.DataFrame) -> dict[str, Any]:
    config: dict[str, Any] = {}
    shares = {label(name) for name in _SHARES}
    for head in table.columns:
        title = head.capitalize()
        if head in shares:
            config[head] = st.column_config.NumberColumn(title, format="%.2f")
        elif head in ("popularity", "tempo"):
            unit = ", BPM" if head == "tempo" else ""
            config[head] = st.column_config.NumberColumn(f"{title}{unit}", format="%.0f")
        elif head == "year":
            config[head] = st.column_config.NumberColumn(title, format="%d")
        elif head == "length":
            config[head] = st.column_config.TimeColumn(title, format="m:ss")
        else:
            config[head] = st.column_config.TextColumn(title, width=_WIDTHS.get(head, 140))
    return config


def show_actions(own: Opened, rows: Sequence[int], key: str) -> None:
    """Show what can be done with the tracks that are selected."""
    one = len(rows) == 1
    help_one = None if one else "Select one track at its left edge."
    if st.button(
        "Predict it",
        icon=":material/insights:",
        disabled=not one,
        help=help_one,
        key=f"predict-{key}",
    ):
        take_track(own, rows[0])
        go(Way.PREDICT)
    if st.button(
        "Find similar",
        icon=":material/join_inner:",
        disabled=not one,
        help=help_one,
        key=f"similar-{key}",
    ):
        own.alike = rows[0]
        own.renew("alike")
        turn_to(Part.SIMILAR)
    n = f" ({len(rows):,})" if len(rows) > 1 else ""
    if st.button(
        f"Add to the playlist{n}",
        icon=":material/playlist_add:",
        disabled=not rows,
        help=None if rows else "Select tracks at their left edge.",
        key=f"add-{key}",
    ):
        add_to_playlist(own, rows)
    several = 2 <= len(rows) <= MOST_RANKED
    if st.button(
        f"Rank them{n}",
        icon=Way.RANK.icon,
        disabled=not several,
        help=None if several else "Select two tracks or more.",
        key=f"rank-{key}",
    ):
        _rank(own, np.array(rows))


def _offer_order(own: Opened, rows: Rows) -> None:
    """Offer to rank all that the filter leaves, where they are not too many."""
    n = len(rows)
    fits = 2 <= n <= MOST_RANKED
    if st.button(
        f"Rank all {n:,}",
        icon=Way.RANK.icon,
        disabled=not fits,
        help=None if fits else f"Rank orders 2 to {MOST_RANKED:,} tracks: set the filter.",
        key=own.key("rank-all"),
    ):
        _rank(own, rows)


def _rank(own: Opened, rows: Rows) -> None:
    """Turn to Rank with tracks of the catalog."""
    tracks = own.catalog.tracks[rows].drop(TARGET_COLUMNS, strict=False)
    begin_with(lot_of_catalog(f"{len(rows):,} tracks of the catalog", tracks))
    go(Way.RANK)


def take_track(own: Opened, row: int) -> None:
    """Put a track of the catalog in hand, without what is to be predicted."""
    facts = own.catalog.tracks.row(row, named=True)
    asked = {name: value for name, value in facts.items() if name not in TARGET_COLUMNS}
    known = facts.get("popularity")
    notes = () if known is None else (f"Its popularity in the catalog is {known:.0f}.",)
    session().take(named(own, row), "catalog", asked, notes=notes)


def named(own: Opened, row: int) -> str:
    """Return what a track is called: its title, else its row."""
    tracks = own.catalog.tracks
    title = tracks["track_name"][row] if "track_name" in tracks.columns else None
    return title or f"Track {row + 1:,}"


def add_to_playlist(own: Opened, rows: Sequence[int]) -> None:
    """Put tracks at the end of the user's playlist, each once."""
    new = [row for row in rows if row not in own.playlist]
    room = MOST_IN_PLAYLIST - len(own.playlist)
    own.playlist += new[:room]
    n = len(new[:room])
    said = f"{n:,} track{'' if n == 1 else 's'} added: the playlist has {len(own.playlist):,}."
    if len(rows) > len(new):
        said += f" {len(rows) - len(new):,} stood in it already."
    if len(new) > room:
        said += f" It holds {MOST_IN_PLAYLIST:,} at most."
    # A toast of Streamlit has no name that a screen reader could say.
    st.caption(f":material/playlist_add_check: {said}", width="content")
