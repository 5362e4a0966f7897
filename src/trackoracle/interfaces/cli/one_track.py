"""Tracks that a command is asked about, and the one of them that is meant."""

from __future__ import annotations

from typing import Annotated, Optional

import polars as pl
import typer

from trackoracle.errors import ConfigError, examples_of
from trackoracle.interfaces.cli.console import column_map, rows_from_standard_input

InputArgument = Annotated[
    str,
    typer.Argument(
        metavar="INPUT", help="File of tracks, 'sample', or - for JSON lines on standard input."
    ),
]
TrackOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--track", metavar="ID", help="Which of several: its id, or its row number."),
]


def read_tracks(
    source: str, columns: list[str], on_invalid: str | None, encoding: str
) -> pl.DataFrame:
    """Read the tracks of a file, or of standard input."""
    import trackoracle

    if source == "-":
        return rows_from_standard_input()
    return trackoracle.load_tracks(
        source,
        columns=column_map(columns),
        on_invalid=on_invalid,  # type: ignore[arg-type]
        encoding=encoding,
    )


def one_track(tracks: pl.DataFrame, named: str | None) -> pl.DataFrame:
    """Return the row that is meant: the only one, or the one of an id or a row number."""
    if named is None:
        if len(tracks) != 1:
            raise ConfigError(
                f"--track: expected one track, got {len(tracks):,}. Say which, by id or row number."
            )
        return tracks
    if "track_id" in tracks.columns:
        found = tracks.filter(pl.col("track_id").cast(pl.String) == named)
        if len(found):
            return found[:1]
    if named.isdecimal() and 1 <= int(named) <= len(tracks):
        return tracks[int(named) - 1 : int(named)]
    known = ""
    if "track_id" in tracks.columns:
        known = f", or an id as {examples_of(tracks['track_id'].drop_nulls())}"
    raise ConfigError(
        f"--track: expected a row from 1 to {len(tracks):,}{known}, got {named!r}. Correct it."
    )
