"""`explain`: why an oracle predicts what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import typer

from trackoracle.atomic import check_writable
from trackoracle.interfaces.cli.catalog_commands import (
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import (
    Screen,
    check_table_path,
    column_map,
    rows_from_standard_input,
    write_table,
    write_text,
)
from trackoracle.interfaces.cli.oracle_commands import (
    BaseRateOption,
    OracleArgument,
    named_oracle,
)

if TYPE_CHECKING:
    from trackoracle.schema import Explanation

MOST_DRAWN = 20


def explain(
    oracle: OracleArgument = None,
    *,
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="File of tracks, 'sample', or - for JSON lines on standard input."
        ),
    ],
    track: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="ID", help="Only this track: its id, or its row where it has none."),
    ] = None,
    inputs: Annotated[
        bool, typer.Option("--inputs", help="Also tell every input of the model, for experts.")
    ] = False,
    interactions: Annotated[
        bool, typer.Option("--interactions", help="Also tell what two features tell together.")
    ] = False,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output",
            "-o",
            help="Write a row a track, a column a feature: .csv, .parquet, .jsonl.",
        ),
    ] = None,
    level: Annotated[float, typer.Option(help="Probability of the interval.")] = 0.9,
    base_rate: BaseRateOption = None,
    json: JsonOption = None,
    html: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write a page with a waterfall a track, at most twenty."),
    ] = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Say what contributes to a prediction: a starting point and contributions that add up to it.

    Contributions are in points of popularity, log-odds of a hit, or tiers. They tell what went
    together in the tracks that the oracle learned from, not what causes popularity.

    Examples:

        trackoracle explain new_tracks.csv --track 3

        trackoracle explain x.oracle new_tracks.csv --html why.html -o why.csv

        echo '{"genre": "pop", "tempo": 120}' | trackoracle explain - --inputs
    """
    import trackoracle
    from trackoracle.rendering import explanation_report, explanation_table, explanations_table

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    for path in (output, html, Path(json) if json and json != "-" else None):
        if path:
            check_writable(path)
    loaded = named_oracle(oracle, source)
    if source == "-":
        tracks = rows_from_standard_input()
    else:
        tracks = trackoracle.load_tracks(
            source, columns=column_map(columns), on_invalid=on_invalid, encoding=encoding
        )
    for text in loaded.check(tracks.head(0)).notes:
        screen.note(text)
    if track is not None:
        tracks = loaded.pick(tracks, track)
    asked: dict[str, Any] = {"level": level, "base_rate": base_rate, "interactions": interactions}
    drawn = list(loaded.explain_each(tracks.head(MOST_DRAWN), **asked))
    if html:
        write_text(html, explanation_report(drawn, len(tracks)))
    if json and len(tracks) == 1:
        screen.json(drawn[0].to_dict(), json)
    elif json:
        each = loaded.explain_each(tracks, **asked)
        screen.json_each((_facts(told, inputs) for told in each), json)
    if output:
        by: Literal["feature", "input"] = "input" if inputs else "feature"
        write_table(loaded.explain_all(tracks, by=by, base_rate=base_rate), output)
    if json != "-" and len(tracks) == 1:
        screen.answer(explanation_table(drawn[0], inputs=inputs))
    elif json != "-" and not output:
        screen.answer(explanations_table(drawn, len(tracks)))
    for path in (html, output):
        if path:
            screen.note(f"wrote {path}")


def _facts(told: Explanation, inputs: bool) -> dict[str, Any]:
    """Return an explanation among several as plain data, the model's inputs where asked for."""
    facts = told.to_dict()
    if not inputs:
        del facts["inputs"]
    return facts
