"""`similar`: the tracks of a catalog that sound most like one track."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from trackoracle.errors import ConfigError
from trackoracle.interfaces.cli.catalog_commands import (
    CatalogArgument,
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import Screen, check_outputs, column_map
from trackoracle.interfaces.cli.input_tracks import read_tracks
from trackoracle.interfaces.cli.recordings import TagsOption
from trackoracle.rendering import similar_rows, similar_table
from trackoracle.schema import check_table_path, write_sheet

MOST_SHOWN = 5
IndexOption = Annotated[
    bool,
    typer.Option("--index/--no-index", help="Whether to keep the index beside the catalog."),
]


def similar(
    catalog: CatalogArgument,
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="INPUT",
            help="What to find tracks for: a file of tracks, a recording or a folder of them, a "
            "Spotify link or id, or - for JSON lines. Left out, a track of CATALOG: see --track.",
            show_default=False,
        ),
    ] = None,
    track: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--track", metavar="ID", help="Which track of INPUT or CATALOG: its id or row's number."
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", help="Tracks wanted.")] = 10,
    within_genre: Annotated[
        bool, typer.Option("--within-genre", help="Only tracks that share a genre.")
    ] = False,
    genre_weight: Annotated[
        float,
        typer.Option(help="Count another genre as so many standard deviations in every feature."),
    ] = 0.0,
    era_weight: Annotated[
        float, typer.Option(help="Count so much for each decade between the releases.")
    ] = 0.0,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write a row a track found: .csv, .parquet, .jsonl."),
    ] = None,
    json: JsonOption = None,
    index: IndexOption = True,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    tags: TagsOption = True,
    quiet: QuietOption = False,
) -> None:
    """Find the tracks of a catalog that sound most like one track, and say in what they do.

    Compared are ten audio features in standard deviations of the catalog; what a track misses is
    left out. Never the same recording, nor one twice. Of 20,000 tracks or more the index is kept
    as CATALOG.index. In written CSV, text that a spreadsheet may take for a formula begins with
    an apostrophe.

    Examples:

        trackoracle similar dataset.csv --track ID

        trackoracle similar dataset.csv demo.mp3 -k 20 --genre-weight 0.5

        trackoracle similar dataset.csv new_tracks.csv --track 3 --within-genre

        trackoracle similar dataset.csv https://open.spotify.com/track/ID -o alike.csv

        echo '{"energy": 0.9, "tempo": 174}' | trackoracle similar dataset.csv -
    """
    import trackoracle
    from trackoracle.oracle import open_index, similar_each

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, json), (catalog, *([source] if source else [])))
    if source is None and track is None:
        raise ConfigError(
            "similar: expected INPUT, or --track ID for a track of the catalog, got neither. "
            "Name one."
        )
    with screen.progress("index") as progress:
        opened = open_index(
            catalog,
            columns=column_map(columns),
            on_invalid=on_invalid,
            encoding=encoding,
            keep=index,
            progress=progress,
            note=screen.note,
        )
    asked: dict[str, Any] = {
        "k": k,
        "within_genre": within_genre,
        "genre_weight": genre_weight,
        "era_weight": era_weight,
    }
    if source is None:
        answers = [trackoracle.similar(opened, track or "", **asked)]
    else:
        tracks = read_tracks(source, columns, on_invalid, encoding, screen=screen, tags=tags)
        answers = similar_each(opened, tracks, named=track, **asked)
    if json:
        facts = [told.to_dict() for told in answers]
        screen.json(facts[0] if len(facts) == 1 else facts, json)
    if output:
        write_sheet(similar_rows(answers), output)
        screen.note(f"wrote {output}")
    if json != "-":
        for told in answers[:MOST_SHOWN]:
            screen.answer(similar_table(told))
        if len(answers) > MOST_SHOWN:
            screen.note(f"... and {len(answers) - MOST_SHOWN:,} more tracks; -o F.csv writes all")
