"""A playlist as a table, and as what players and spreadsheets read."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.schema import Playlist, PlaylistTrack

_UNKNOWN = ""


def playlist_table(made: Playlist) -> RenderableType:
    """Show the tracks in their order, and how they follow one another."""
    table = Table(title="Playlist", title_style="bold", title_justify="left", box=box.SIMPLE_HEAD,
                  pad_edge=False, padding=(0, 1, 0, 0))  # fmt: skip
    table.add_column("", justify="right")
    table.add_column("track", overflow="fold", min_width=12, max_width=44)
    for head in ("length", "BPM", "energy", "valence", "popularity"):
        table.add_column(head, justify="right", no_wrap=True)
    for track in made.tracks:
        name = escape(track.track_name or f"track {track.track}")
        by = escape(", ".join(track.artists))
        table.add_row(
            str(track.place),
            f"{name}\n[dim]{by}[/]" if by else name,
            _minutes(track.duration_ms),
            _number(track.tempo, 0),
            _number(track.energy, 2),
            _number(track.valence, 2),
            _number(track.popularity, 0),
        )
    lines = [f"{one.what}: {one.n_tracks:,} tracks" for one in made.conditions]
    minutes = "" if made.minutes is None else f", {made.minutes:.0f} minutes"
    lines.append(
        f"{len(made.tracks):,} of {made.n_candidates:,} recordings that meet every condition"
        f"{minutes}. Half and double time count as one tempo. Mean step, in tenths of an octave of "
        f"tempo and tenths of energy: {made.roughness:.2f}; in the order of choice "
        f"{made.unordered_roughness:.2f}."
    )
    return Group(table, *(Text(line, style="dim") for line in (*lines, *made.notes)))


def _minutes(ms: float | None) -> str:
    if ms is None:
        return _UNKNOWN
    seconds = round(ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02}"


def _number(value: float | None, digits: int) -> str:
    return _UNKNOWN if value is None else f"{value:.{digits}f}"


def playlist_rows(made: Playlist) -> pl.DataFrame:
    """Return the tracks as rows, with the Spotify URI of those that have one."""
    texts = dict.fromkeys(("track_id", "spotify_uri", "track_name"), pl.String)
    lists = {name: pl.List(pl.String) for name in ("artists", "genres")}
    numbers = ("duration_ms", "tempo", "energy", "valence", "popularity", "tempo_step",
               "energy_step")  # fmt: skip
    schema: dict[str, Any] = {
        "place": pl.Int64,
        **texts,
        **lists,
        **dict.fromkeys(numbers, pl.Float64),
    }
    rows = [
        {
            "place": track.place,
            "track_id": track.track,
            "spotify_uri": track.spotify_uri,
            "track_name": track.track_name,
            "artists": list(track.artists),
            "genres": list(track.genres),
            **{name: getattr(track, name) for name in numbers},
        }
        for track in made.tracks
    ]
    return pl.DataFrame(rows, schema=schema)


def playlist_m3u8(made: Playlist, title: str) -> str:
    """Write an extended M3U in UTF-8: each track's length and name, then where it is.

    That is a Spotify URI where the id is one of Spotify, else the id itself: of recordings that
    were listened to, their files.
    """
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(title)}"]
    for track in made.tracks:
        seconds = -1 if track.duration_ms is None else round(track.duration_ms / 1000)
        by = f"{', '.join(track.artists)} - " if track.artists else ""
        lines.append(f"#EXTINF:{seconds},{_line(by + (track.track_name or track.track))}")
        lines.append(_place(track))
    return "\n".join(lines) + "\n"


def _place(track: PlaylistTrack) -> str:
    place = track.spotify_uri or _line(track.track)
    return f"./{place}" if place.startswith("#") else place  # which would be a comment


def _line(text: str) -> str:
    """Bring text into one line: what breaks lines could smuggle entries in."""
    return " ".join(text.split())


def playlist_uris(made: Playlist) -> str:
    """Write the Spotify URIs, one a line, as the desktop player takes them from the clipboard."""
    return "".join(f"{track.spotify_uri}\n" for track in made.tracks if track.spotify_uri)
