"""`check`: a catalog in, a card and a cleaned catalog out; options of all that read one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from trackoracle.interfaces.cli.console import Screen, column_map
from trackoracle.schema import check_table_path, write_table

CatalogArgument = Annotated[
    str,
    typer.Argument(
        metavar="CATALOG",
        help="File of tracks (.csv, .tsv, .txt, .jsonl, .ndjson, .parquet, .arrow, .feather; also "
        "packed as .gz, .zst, .zip), folder, or 'sample'.",
    ),
]
MapOption = Annotated[
    list[str],
    typer.Option("--map", metavar="COLUMN=THEIRS", help="Name a column of yours; may be repeated."),
]
InvalidOption = Annotated[
    Optional[Literal["error", "null", "drop"]],  # noqa: UP045 (typer reads it at run time)
    typer.Option(
        "--on-invalid", help="Impossible values: refuse, take as missing, or drop the row."
    ),
]
EncodingOption = Annotated[str, typer.Option(help="Encoding of text files.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No notes, warnings or progress.")]
JsonOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--json", metavar="F", help="Write the result as JSON; - for standard output."),
]


def check(
    catalog: CatalogArgument,
    json: JsonOption = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write the cleaned catalog: .parquet, .csv, .jsonl."),
    ] = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Read a catalog and say what was wrong and what was done about it.

    With -o the cleaned catalog is written.

    Examples:

        trackoracle check dataset.csv

        trackoracle check mine.csv --map popularity=plays_score -o clean.parquet
    """
    from trackoracle.catalogs import load_catalog
    from trackoracle.rendering import catalog_table

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    loaded = load_catalog(
        catalog, columns=column_map(columns), on_invalid=on_invalid or "null", encoding=encoding
    )
    if json:
        screen.json(loaded.card.to_dict(), json)
    if json != "-":
        screen.answer(catalog_table(loaded.card))
    if on_invalid is None and loaded.card.refused:
        screen.note(
            "The other commands refuse impossible values in a table of your own; "
            "give them --on-invalid null, too."
        )
    if output:
        write_table(loaded.tracks, output)
        screen.note(f"wrote {len(loaded):,} tracks to {output}")
