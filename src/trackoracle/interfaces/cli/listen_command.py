"""`listen`: audio features of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from trackoracle.errors import RecordingError
from trackoracle.interfaces.cli.catalog_commands import JsonOption, QuietOption
from trackoracle.interfaces.cli.console import Screen, check_outputs
from trackoracle.interfaces.cli.recordings import TagsOption, hear
from trackoracle.schema import check_table_path, heard_rows, write_table


def listen(
    audio: Annotated[
        list[str],
        typer.Argument(metavar="AUDIO...", help="Recordings: files, folders or patterns."),
    ],
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write a row a recording: .csv, .parquet, .jsonl."),
    ] = None,
    tags: TagsOption = True,
    start: Annotated[
        float, typer.Option(metavar="SECONDS", help="Listen from here on.", min=0)
    ] = 0.0,
    seconds: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Listen for so long; by default to the end."),
    ] = None,
    estimators: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Estimators that `trackoracle audio train` wrote."),
    ] = None,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Measure and estimate the audio features of recordings, offline, each with its error.

    Several are heard in parallel. With -o, what was heard is kept beside the output until all is
    done: after Ctrl-C the same command goes on.

    Examples:

        trackoracle listen song.mp3

        trackoracle listen demos/ -o demos.csv

        trackoracle listen 'albums/**/*.flac' --start 60 --seconds 30 -o clips.parquet

        trackoracle predict demos.csv
    """
    from trackoracle.rendering import heard_view

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, json), audio)
    hearing: dict[str, Any] = {
        "start": start,
        "seconds": seconds,
        "estimators": None if estimators is None else str(estimators),
    }
    journal = output and output.with_name(f".{output.name}.heard")
    try:
        heard, unheard = hear(screen, audio, journal=journal, **hearing)
    except KeyboardInterrupt:
        if not (journal and journal.exists()):
            raise
        screen.note("Stopped. What was heard is kept; the same command goes on.")
        raise typer.Exit(1) from None
    if not heard:
        raise RecordingError(unheard[0].reason, unheard=[each.file for each in unheard])
    if json:
        told = {
            "heard": [each.to_dict() for each in heard],
            "unheard": [{"file": each.file, "reason": each.reason} for each in unheard],
        }
        screen.json(told, json)
    if output:
        write_table(heard_rows(heard, tags=tags), output)
        screen.note(f"wrote {len(heard):,} recordings to {output}")
        if journal:
            journal.unlink(missing_ok=True)
    elif json != "-":
        screen.answer(heard_view(heard, width=screen.out.width, tags=tags))
