"""A playlist: made from wishes or by hand, ordered, taken along; it lies in the session only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

import trackoracle
from trackoracle.exploration import MOODS, QUADRANTS, PlaylistWish, playlist_of
from trackoracle.interfaces.web.catalogs.opened import Opened
from trackoracle.interfaces.web.catalogs.parts import Part, turn_to
from trackoracle.interfaces.web.catalogs.tracks import MOST_IN_PLAYLIST
from trackoracle.interfaces.web.showing import as_csv, errors_shown, plain, save
from trackoracle.interfaces.web.uploads import safe_name
from trackoracle.rendering import playlist_m3u8, playlist_rows, playlist_uris
from trackoracle.schema import Playlist

_ANY = "any"
_BEFORE, _MADE = "playlist before", "playlist made"
_HEADS = ("tempo", "energy", "valence", "popularity")


def show_playlist(own: Opened) -> None:
    """Show the wishes beside the list."""
    wishes, listed = st.columns([0.36, 0.64], gap="large")
    with wishes:
        _show_wishes(own)
    with listed:
        _show_list(own)


def _show_wishes(own: Opened) -> None:
    st.subheader("Make one", anchor=False)
    tracks = own.catalog.tracks
    with st.form(own.key("wish"), border=False):
        n, most = st.columns(2)
        n_wanted = n.number_input("Tracks", 1, MOST_IN_PLAYLIST, 15)
        of_artist = most.number_input("Most of an artist", 1, 50, 1)
        mood = st.selectbox(
            "Mood",
            [_ANY, *QUADRANTS, *MOODS],
            help="Happy, angry, sad, calm by valence and energy; the others by fifths of valence.",
        )
        genre = st.selectbox("Genre", [_ANY, *own.loaded.sieve.genres])
        least = st.slider(
            "Popularity of at least", 0, 100, 0, disabled="popularity" not in tracks.columns
        )
        tempo = st.slider("Tempo, BPM", 0, 250, (0, 250), disabled="tempo" not in tracks.columns)
        energy = st.slider(
            "Energy", 0.0, 1.0, (0.0, 1.0), 0.01, disabled="energy" not in tracks.columns
        )
        alike = st.checkbox(
            "Like the tracks in the list",
            disabled=not own.playlist,
            help="Tracks that sound most like those that are in it now.",
        )
        drawn = st.checkbox("Draw by chance", help="Instead of the most popular ones.")
        filtered = own.wanted.asks and st.checkbox(
            f"Only of the {len(own.chosen()):,} filtered tracks", value=True
        )
        asked = st.form_submit_button(
            "Make the playlist", type="primary", width="stretch", icon=":material/playlist_add:"
        )
    if not asked:
        return
    turn = own.turns.get("draw", 0) + 1
    own.turns["draw"] = turn
    ranges = {
        name: _ends(given, whole)
        for name, given, whole in (("tempo", tempo, (0, 250)), ("energy", energy, (0.0, 1.0)))
        if given != whole
    }
    with errors_shown(), st.spinner("Choosing"):
        wish = PlaylistWish(
            n=int(n_wanted),
            mood=None if mood == _ANY else mood,
            genre=None if genre == _ANY else genre,
            min_popularity=float(least) if least else None,
            ranges=ranges,
            seeds=[_name(own, row) for row in own.playlist] if alike else (),
            most_of_artist=int(of_artist),
            seed=turn if drawn else None,
        )
        _make(own, wish, filtered=bool(filtered))
        st.rerun()


def _ends(given: Any, whole: Any) -> tuple[float | None, float | None]:
    low, high = given
    return (None if low == whole[0] else float(low), None if high == whole[1] else float(high))


def _name(own: Opened, row: int) -> str:
    """Return the name by which a seed track is asked for: its id, else its row's number."""
    tracks = own.catalog.tracks
    name = tracks["track_id"][row] if "track_id" in tracks.columns else None
    return str(row + 1) if name is None else name


def _make(own: Opened, wish: PlaylistWish, *, filtered: bool) -> None:
    catalog, index = own.catalog, own.loaded.found.get("index")
    if filtered:
        rows = own.chosen()
        if wish.seeds:  # they need not meet the filter, to be like them is what is asked
            rows = pl.Series([*own.playlist, *rows]).unique(maintain_order=True).to_numpy()
        made = trackoracle.make_playlist(catalog.take(rows), wish)
        chosen = [int(rows[track.row - 1]) for track in made.tracks]
    else:
        made = trackoracle.make_playlist(catalog, wish, index=index)
        chosen = [track.row - 1 for track in made.tracks]
    _set(own, chosen)
    own.found[_MADE] = made


def _set(own: Opened, rows: Sequence[int], selected: Sequence[int] = ()) -> None:
    """Change the list; the one before can be brought back."""
    own.found[_BEFORE] = list(own.playlist)
    own.found.pop(_MADE, None)
    own.playlist[:] = rows
    own.found["playlist selected"] = list(selected)
    own.renew("listed")


def _show_list(own: Opened) -> None:
    st.subheader("The list", anchor=False)
    if not own.playlist:
        with st.container(border=True):
            st.markdown("Nothing is in it yet. Make one here, or select tracks and add them.")
            if st.button("To the tracks", icon=":material/queue_music:"):
                turn_to(Part.TRACKS)
            _offer_undo(own)
        return
    made = playlist_of(own.catalog, own.playlist)
    _say(made)
    actions = st.container(horizontal=True)
    state = st.dataframe(
        _table(made),
        hide_index=True,
        key=own.key("listed"),
        alt="The playlist in its order",
        column_config=_config(),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": own.found.get("playlist selected", [])}},
        placeholder="",
    )
    places = sorted(i for i in state.selection.rows if i < len(own.playlist))
    with actions:
        _show_changes(own, places)
    before: Playlist | None = own.found.get(_MADE)
    if before is not None:
        for one in before.conditions:
            st.caption(plain(f"{one.what}: {one.n_tracks:,} tracks."))
        for note in before.notes:
            st.caption(plain(note))
    _show_files(own, made)
    st.caption("The list is yours alone: it is kept until you close this tab, and nowhere else.")


def _say(made: Playlist) -> None:
    n, minutes = len(made.tracks), made.minutes
    length = "" if minutes is None else f", **{_clock(minutes)}**"
    step = "" if n < 2 else f", mean step {made.roughness:.1f}"
    st.markdown(
        f"**{n:,}** track{'' if n == 1 else 's'}{length}{step}",
        help="A step from track to track: tenths of an octave of tempo and tenths of energy added "
        "up; half and double time are near.",
    )


def _clock(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _show_changes(own: Opened, places: list[int]) -> None:
    rows, none = own.playlist, not places
    last = len(rows) - 1
    if st.button("Up", icon=":material/arrow_upward:", disabled=none or places[0] == 0):
        _move(own, places, -1)
    if st.button("Down", icon=":material/arrow_downward:", disabled=none or places[-1] == last):
        _move(own, places, 1)
    if st.button(
        "Remove",
        icon=":material/playlist_remove:",
        disabled=none,
        help="Select tracks at their left edge." if none else None,
    ):
        _set(own, [row for i, row in enumerate(rows) if i not in places])
        st.rerun()
    if st.button(
        "Smooth the order",
        icon=":material/linear_scale:",
        disabled=last < 2,
        help="Keeps the steps of tempo and energy small.",
    ):
        smooth = playlist_of(own.catalog, rows, smooth=True)
        _set(own, [track.row - 1 for track in smooth.tracks])
        st.rerun()
    if st.button("Empty it", icon=":material/delete_sweep:", type="tertiary"):
        _set(own, [])
        st.rerun()
    _offer_undo(own)


def _offer_undo(own: Opened) -> None:
    before = own.found.get(_BEFORE)
    if before is not None and st.button("Undo", icon=":material/undo:", type="tertiary"):
        _set(own, before)
        st.rerun()


def _move(own: Opened, places: Sequence[int], by: int) -> None:
    """Move tracks a place up or down, together; they stay selected."""
    rows = list(own.playlist)
    for i in places if by < 0 else reversed(places):
        rows[i], rows[i + by] = rows[i + by], rows[i]
    _set(own, rows, [i + by for i in places])
    st.rerun()


def _table(made: Playlist) -> pl.DataFrame:
    rows = playlist_rows(made)
    return rows.select(
        "place",
        pl.col("track_name").fill_null(pl.col("track_id")).alias("title"),
        pl.col("artists").list.join(", "),
        (pl.col("duration_ms") * 1_000_000)
        .cast(pl.Int64)
        .cast(pl.Time, strict=False)
        .alias("length"),
        *_HEADS,
    )


def _config() -> dict[str, Any]:
    return {
        "place": st.column_config.NumberColumn("", width=50),
        "title": st.column_config.TextColumn("Title", width=190),
        "artists": st.column_config.TextColumn("Artists", width=160),
        "length": st.column_config.TimeColumn("Length", format="m:ss"),
        "tempo": st.column_config.NumberColumn("Tempo, BPM", format="%.0f"),
        "energy": st.column_config.NumberColumn("Energy", format="%.2f"),
        "valence": st.column_config.NumberColumn("Valence", format="%.2f"),
        "popularity": st.column_config.NumberColumn("Popularity", format="%.0f"),
    }


def _show_files(own: Opened, made: Playlist) -> None:
    title = st.text_input(
        "Its name, in files",
        "Playlist",
        max_chars=80,
        key=own.key("name"),
        persist_state="session",
        width=320,
    )
    stem = safe_name(title.strip() or "Playlist")
    key = own.key("list")
    uris = playlist_uris(made)
    with st.container(horizontal=True):
        save("CSV", lambda: as_csv(playlist_rows(made)), f"{stem}.csv", key)
        save("M3U8", lambda: playlist_m3u8(made, title).encode(), f"{stem}.m3u8", key)
        if uris:
            save("Spotify links", uris.encode, f"{stem}.txt", key)
    n = uris.count("\n")
    if 0 < n < len(made.tracks):
        st.caption(f"{len(made.tracks) - n:,} tracks have no id of Spotify: left out of the links.")
