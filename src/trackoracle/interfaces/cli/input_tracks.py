"""Tracks that a command is asked about, and the one of them that is meant."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Optional

import polars as pl
import typer

from trackoracle.errors import ConfigError, RecordingError
from trackoracle.interfaces.cli.console import Screen, column_map, rows_from_standard_input
from trackoracle.interfaces.cli.recordings import are_recordings, hear
from trackoracle.rendering import lookup_notes
from trackoracle.schema import ESTIMATED, as_polars, heard_rows

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

InputArgument = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help="File of tracks, 'sample', a recording or a folder of them, a Spotify link or id, or "
        "- for JSON lines on standard input.",
    ),
]
TrackOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--track", metavar="ID", help="Which of several: its id, or its row's number."),
]


def read_tracks(
    source: str,
    columns: list[str],
    on_invalid: str | None,
    encoding: str,
    *,
    screen: Screen,
    tags: bool = True,
) -> pl.DataFrame:
    """Read the tracks of a file, of standard input, of recordings, or of a link.

    Recordings are heard; of a link it is noted who gave what.
    """
    import trackoracle

    if are_recordings(source):
        heard, unheard = hear(screen, [source])
        if not heard:
            raise RecordingError(unheard[0].reason, unheard=[each.file for each in unheard])
        rows = heard_rows(heard, tags=tags)
        given = [name for name in rows.columns if rows[name].null_count() < len(rows)]
        estimated = [name for name in ESTIMATED if name in given]
        if estimated:
            screen.note(f"Estimated from the sound, with errors: {', '.join(estimated)}.")
        return rows.select(given)
    if source == "-":
        return rows_from_standard_input()
    if is_service_link(source):
        found = trackoracle.lookup(source)
        for text in lookup_notes(found):
            screen.note(text)
        return as_polars(found.tracks)[0]
    return trackoracle.load_tracks(
        source,
        columns=column_map(columns),
        on_invalid=on_invalid,  # type: ignore[arg-type]
        encoding=encoding,
    )


def is_service_link(source: str) -> bool:
    """Tell whether an input is a link or id of a live service; a file of that name goes first."""
    from trackoracle.providers import is_link

    # A link may be longer than the name of any file, which Path.exists() takes for an error.
    return is_link(source) and not os.path.exists(source)  # noqa: PTH110


def one_track(loaded: Oracle, tracks: pl.DataFrame, named: str | None) -> pl.DataFrame:
    """Return the row that is meant: the only one, or the first of an id or row number."""
    if named is not None:
        picked: pl.DataFrame = loaded.pick(tracks, named)
        return picked[:1]
    if len(tracks) != 1:
        raise ConfigError(
            f"--track: expected one track, got {len(tracks):,}. Say which, by id or row number."
        )
    return tracks
