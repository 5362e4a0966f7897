"""`fetch`: a public data set onto this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from trackoracle.interfaces.cli.catalog_commands import JsonOption, QuietOption
from trackoracle.interfaces.cli.console import Screen, check_outputs


def fetch(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="NAME", help="Of a data set; left out, they are listed.", show_default=False
        ),
    ] = None,
    to: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="DIR", help="Folder for its files (one of its name, here)."),
    ] = None,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Download a public data set and verify it; a download that was cut off goes on.

    Files are held to the size and checksum that are published, where any are; without a NAME the
    data sets are listed, with their licences and where they come from.

    Examples:

        trackoracle fetch

        trackoracle fetch tracks-114k

        trackoracle fetch hit-predictor --to hit-predictor
    """
    import trackoracle
    from trackoracle.providers import DATA_SETS
    from trackoracle.rendering import data_sets_pages, data_sets_table, fetched_table

    screen = Screen(quiet=quiet)
    if name is None:
        data_sets = list(DATA_SETS.values())
        screen.answer(data_sets_table(data_sets))
        screen.lines(data_sets_pages(data_sets))
        return
    check_outputs((json,), ())
    try:
        with screen.progress("fetching", in_bytes=True) as progress:
            fetched = trackoracle.fetch(name, to=to, progress=progress)
    except KeyboardInterrupt:
        screen.note("Stopped. What has arrived is kept; the same command goes on.")
        raise typer.Exit(1) from None
    if json:
        screen.json(fetched.to_dict(), json)
    if json != "-":
        screen.answer(fetched_table(fetched))
    if DATA_SETS[fetched.name].loads:
        paths = [Path(file.path) for file in fetched.files]
        there = paths[0] if len(paths) == 1 else paths[0].parent
        screen.note(f"Next: trackoracle check {there}")
