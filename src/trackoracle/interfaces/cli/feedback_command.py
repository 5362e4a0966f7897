"""`feedback list` and `feedback export`: what people said of predictions in the app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from trackoracle.interfaces.cli.catalog_commands import JsonOption, QuietOption
from trackoracle.interfaces.cli.console import Screen, check_outputs
from trackoracle.rendering import feedback_table
from trackoracle.schema import check_table_path

app = typer.Typer(
    name="feedback",
    help="What people said of predictions in the app.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
StoreOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="URL",
        help="File or database URL where it is kept. Left out, TRACKORACLE_FEEDBACK, else the "
        "file in your own folder. A URL with a password is better given by the variable.",
        show_default=False,
    ),
]
OracleOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(metavar="NAME", help="Of this oracle alone.", show_default=False),
]


@app.command("list")
def list_feedback(
    store: StoreOption = None,
    oracle: OracleOption = None,
    most: Annotated[int, typer.Option("-n", min=1, help="So many at most.")] = 20,
    json: JsonOption = None,
) -> None:
    """Show feedback, the newest first.

    Examples:

        trackoracle feedback list

        trackoracle feedback list --oracle starter -n 5 --json -
    """
    from trackoracle.feedback import open_feedback

    screen = Screen()
    with open_feedback(store, create=False) as kept:
        rows, n_all = kept.rows(oracle=oracle, most=most), kept.count(oracle=oracle)
    if json:
        screen.json({"feedback": [row.to_dict() for row in rows], "n": n_all}, json)
    if json != "-":
        screen.answer(feedback_table(rows, n_all))


@app.command()
def export(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="F",
            help="Its ending says the format: .csv, .tsv, .jsonl or .parquet.",
        ),
    ],
    store: StoreOption = None,
    oracle: OracleOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write all feedback as a table; what was asked and answered stands in it as JSON.

    Text for spreadsheets holds nothing that they take for a formula.

    Examples:

        trackoracle feedback export -o feedback.csv

        TRACKORACLE_FEEDBACK=postgresql+psycopg://... trackoracle feedback export -o all.parquet
    """
    from trackoracle.feedback import open_feedback

    check_table_path(output)
    check_outputs([output], [store] if store and "://" not in store else [])
    with open_feedback(store, create=False) as kept:
        n = kept.export(output, oracle=oracle)
    Screen(quiet=quiet).note(f"wrote {output}: {n:,} rows")
