"""`rank`: order the tracks of an album, and say how sure the order is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from trackoracle.interfaces.cli.catalog_commands import (
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import Screen, check_outputs
from trackoracle.interfaces.cli.input_tracks import InputArgument, read_tracks
from trackoracle.interfaces.cli.oracle_commands import (
    BaseRateOption,
    OracleArgument,
    named_oracle,
    track_names,
)
from trackoracle.interfaces.cli.recordings import TagsOption
from trackoracle.schema import check_table_path, write_sheet


def rank(
    oracle: OracleArgument = None,
    *,
    source: InputArgument,
    together: Annotated[
        Optional[Literal["artist", "album"]],  # noqa: UP045
        typer.Option(help="All tracks are of one artist, or of one album, whatever they say."),
    ] = None,
    level: Annotated[float, typer.Option(help="Probability of the intervals.")] = 0.9,
    base_rate: BaseRateOption = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write the order: .csv, .parquet, .jsonl."),
    ] = None,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    tags: TagsOption = True,
    quiet: QuietOption = False,
) -> None:
    """Order tracks by expected popularity, and say with which probability each order is right.

    Tracks of one artist or album share what is not known of these; what their order is worth was
    counted on tracks that were not seen. Below two to one it is too close to call. In written CSV,
    text that a spreadsheet may take for a formula begins with an apostrophe.

    Examples:

        trackoracle rank x.oracle album.csv

        trackoracle rank demos.csv --together album -o order.csv

        trackoracle rank spotify:album:ID

        trackoracle rank x.oracle album.csv --json -
    """
    from trackoracle.rendering import ranking_rows, ranking_table

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, json), (source, *(oracle or ())))
    loaded = named_oracle(oracle, source)
    tracks = read_tracks(source, columns, on_invalid, encoding, screen=screen, tags=tags)
    ranking = loaded.rank(tracks, together=together, level=level, base_rate=base_rate)
    for text in loaded.check(tracks.head(0)).notes:
        screen.note(text)
    told = track_names(tracks)
    names = None if told is None else told.to_list()
    if output:
        write_sheet(ranking_rows(ranking, names), output)
        screen.note(f"wrote {output}")
    if json:
        screen.json(ranking.to_dict(), json)
    if json != "-":
        screen.answer(ranking_table(ranking, names))
