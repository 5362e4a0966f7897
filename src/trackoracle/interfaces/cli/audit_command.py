"""`audit`: leaks in a catalog, or across the border of a split."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from trackoracle.errors import ConfigError
from trackoracle.interfaces.cli.catalog_commands import (
    CatalogArgument,
    EncodingOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import Screen, check_outputs, column_map, write_text


def audit(
    catalog: CatalogArgument,
    target: Annotated[
        Optional[Literal["popularity", "hit", "tier"]],  # noqa: UP045
        typer.Option(help="What is predicted; by default what the catalog has."),
    ] = None,
    hit_above: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="With --target hit: a hit is above this popularity."),
    ] = None,
    base_rate: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="The true share of hits, as 0.03, to hold the catalog's against."),
    ] = None,
    test: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Audit a split instead: CATALOG is trained on, this is tested on."),
    ] = None,
    split_column: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="COLUMN", help="Audit a split that a column of CATALOG tells."),
    ] = None,
    protocols: Annotated[
        bool, typer.Option(help="Fit a quick model under each protocol (most of the time).")
    ] = True,
    fail_on: Annotated[
        Optional[Literal["error", "warning"]],  # noqa: UP045
        typer.Option(help="Exit with 1 when anything as severe is found."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="For folds and the shuffled target.")] = 0,
    json: JsonOption = None,
    html: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write the report as HTML."),
    ] = None,
    columns: MapOption = [],  # noqa: B006
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Find what would make a score on this catalog untrue: leaks, copies, labels, splits.

    Every row is audited as it stands in the file. Nothing is changed.

    Examples:

        trackoracle audit dataset.csv --html audit.html

        trackoracle audit mine.csv --map popularity=streams_score --target hit --hit-above 70

        trackoracle audit train.csv --test test.csv --fail-on error
    """
    import trackoracle
    from trackoracle.rendering import audit_report, audit_table
    from trackoracle.schema import Hit, Popularity, Target, Tier

    screen = Screen(quiet=quiet)
    if hit_above is not None and target != "hit":
        raise ConfigError("--hit-above: expected beside --target hit, got it alone. Add that.")
    if test is not None and split_column is not None:
        raise ConfigError("audit: expected --test or --split-column, got both. Leave one out.")
    check_outputs((html, json), (catalog,))
    targets: dict[str | None, Target | None] = {
        None: None,
        "popularity": Popularity(),
        "hit": Hit(above=hit_above),
        "tier": Tier(),
    }
    if test is not None or split_column is not None:
        report = trackoracle.audit_split(
            catalog,
            test,
            split_column=split_column,
            target=targets[target],
            columns=column_map(columns),
            encoding=encoding,
        )
    else:
        with screen.progress("auditing") as progress:
            report = trackoracle.audit_catalog(
                catalog,
                target=targets[target],
                columns=column_map(columns),
                encoding=encoding,
                base_rate=base_rate,
                protocols=protocols,
                seed=seed,
                progress=progress,
            )
    if json:
        screen.json(report.to_dict(), json)
    if html:
        write_text(html, audit_report(report))
    if json != "-":
        screen.answer(audit_table(report))
    if html:
        screen.note(f"wrote {html}")
    worst = {None: 0, "error": report.count("error")}
    found = worst.get(fail_on, report.count("error") + report.count("warning"))
    if found:
        raise typer.Exit(1)
