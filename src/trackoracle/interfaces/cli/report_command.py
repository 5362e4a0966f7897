"""`report`: what a catalog is like, as one page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from trackoracle.atomic import check_writable, replacing
from trackoracle.errors import ConfigError, OutputError
from trackoracle.interfaces.cli.catalog_commands import (
    CatalogArgument,
    EncodingOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import Screen, check_outputs, column_map, write_text


def report(
    catalog: CatalogArgument,
    output: Annotated[
        Optional[Path],  # noqa: UP045 (typer reads it at run time)
        typer.Option("--output", "-o", metavar="F.html", help="Write the page there."),
    ] = None,
    figures: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="DIR", help="Write each figure as a file there; made if missing."),
    ] = None,
    kind: Annotated[
        Literal["svg", "png"], typer.Option("--as", help="What the figures are written as.")
    ] = "svg",
    json: JsonOption = None,
    audit: Annotated[
        bool, typer.Option(help="Look for leaks, too; without the models of `audit`.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="For the sample and shuffles of the audit.")] = 0,
    columns: MapOption = [],  # noqa: B006
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Describe a catalog on one page: quality, popularity, features, genres, moods, tests.

    The page works offline, prints well, and follows the light or dark of the reader. Impossible
    values are taken as missing. Needs the extra `report` for all but --json.

    Examples:

        trackoracle report dataset.csv -o report.html

        trackoracle report mine.csv --map popularity=plays_score -o report.html --figures figures

        trackoracle report dataset.csv --json - --no-audit
    """
    import trackoracle
    from trackoracle.optional import require
    from trackoracle.rendering import catalog_figures, catalog_report

    screen = Screen(quiet=quiet)
    if not (output or figures or json):
        raise ConfigError("report: expected -o F.html, --figures or --json, got none. Add one.")
    check_outputs((output, json), (catalog,))
    if figures:
        _check_folder(figures)
    if output or figures:
        require("vl_convert", extra="report")
    with screen.progress("exploring") as progress:
        found = trackoracle.explore(
            catalog,
            columns=column_map(columns),
            encoding=encoding,
            audit=audit,
            seed=seed,
            progress=progress,
        )
        if output:
            progress(0, 0, "drawing")
            write_text(output, catalog_report(found))
        if figures:
            progress(0, 0, "figures")
            n_figures = _write_figures(figures, catalog_figures(found, png=kind == "png"))
    if output:
        screen.note(f"wrote {output}")
    if figures:
        screen.note(f"wrote {n_figures} figures to {figures}")
    if json:
        screen.json(found.to_dict(), json)


def _check_folder(folder: Path) -> None:
    """Raise before any work when figures cannot be written into a folder."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(
            f"{folder}: expected a folder, got a file. Name another with --figures.",
            path=str(folder),
        )
    check_writable(folder / "figure" if folder.exists() else folder)


def _write_figures(folder: Path, figures: Iterable[tuple[str, bytes]]) -> int:
    folder.mkdir(exist_ok=True)
    n_written = 0
    for name, content in figures:
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
        n_written += 1
    return n_written
