"""`triage`: which tracks of a catalog deserve a listen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

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
from trackoracle.interfaces.cli.oracle_commands import OracleArgument, named_oracle
from trackoracle.rendering import triage_rows, triage_table
from trackoracle.schema import check_table_path, write_sheet


def triage(
    oracle: OracleArgument = None,
    *,
    catalog: CatalogArgument,
    by: Annotated[
        Literal["gems", "novelty", "likeness"],
        typer.Option(
            help="gems: predicted high, popular little; novelty: unlike the training tracks; "
            "likeness: like the references."
        ),
    ] = "gems",
    reference: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Tracks to be like: a file of tracks, recordings, a link, or - for JSON lines.",
        ),
    ] = None,
    n: Annotated[int, typer.Option("-n", help="Tracks wanted.")] = 50,
    level: Annotated[float, typer.Option(help="Probability of the intervals.")] = 0.9,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write the list: .csv, .parquet, .jsonl."),
    ] = None,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Rank a catalog by what deserves a listen, and say what such a list is worth.

    Each recording stands once, by its most popular release; tracks that the oracle was trained on
    are left out of gems and novelty. Below the list stands how many of the tracks on top are
    really popular, on tracks that the oracle has not seen. In written CSV, text that a spreadsheet
    may take for a formula begins with an apostrophe.

    Examples:

        trackoracle triage x.oracle catalog.csv

        trackoracle triage x.oracle catalog.csv --by likeness --reference favourites.csv

        trackoracle triage catalog.csv --by novelty -n 20 -o strange.csv
    """
    import trackoracle

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, json), (catalog, *(oracle or ()), *([reference] if reference else [])))
    if (reference is not None) != (by == "likeness"):
        raise ConfigError(
            "--reference: expected with --by likeness, got one without the other. Give both."
        )
    loaded = named_oracle(oracle, catalog)
    read = trackoracle.load_catalog(
        catalog, columns=column_map(columns), on_invalid=on_invalid, encoding=encoding
    )
    references = None
    if reference is not None:
        references = read_tracks(reference, columns, on_invalid, encoding, screen=screen)
    listed = trackoracle.triage(loaded, read, by=by, references=references, n=n, level=level)
    if output:
        write_sheet(triage_rows(listed), output)
        screen.note(f"wrote {output}")
    if json:
        screen.json(listed.to_dict(), json)
    if json != "-":
        screen.answer(triage_table(listed))
