"""`lookup`: what live services know of a link, with who said it and when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from trackoracle.interfaces.cli.catalog_commands import JsonOption, QuietOption
from trackoracle.interfaces.cli.console import Screen, check_outputs
from trackoracle.schema import as_polars, check_table_path, write_table


def lookup(
    link: Annotated[
        str,
        typer.Argument(
            metavar="LINK_OR_ID",
            help="A link, URI or 22-character id of a track, album, playlist or artist at Spotify.",
        ),
    ],
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output",
            "-o",
            help="Write the tracks, terms included: .csv, .parquet, .jsonl.",
        ),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask anew, whatever the cache holds.")
    ] = False,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Look up a track, or the tracks of an album, at live services: each value with its source.

    Spotify (SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET) gives title, artists, album, date, length
    and genres, ReccoBeats (no key) the audio features. What neither has is missing. Their terms
    allow a prediction, not training: docs/sources.md.

    Examples:

        trackoracle lookup https://open.spotify.com/track/ID

        trackoracle lookup spotify:album:ID -o album.csv

        trackoracle lookup spotify:track:ID --json -
    """
    import trackoracle
    from trackoracle.rendering import lookup_notes, lookup_table

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, json), ())
    found = trackoracle.lookup(link, refresh=refresh)
    for text in lookup_notes(found):
        screen.note(text)
    if json:
        screen.json(found.to_dict(), json)
    if output:
        write_table(as_polars(found.tracks)[0], output)
        screen.note(f"wrote {len(found.tracks):,} tracks to {output}")
    elif json != "-":
        screen.answer(lookup_table(found))
