"""`explain`: why an oracle predicts what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import typer

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.interfaces.cli.catalog_commands import (
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import (
    Screen,
    check_outputs,
    column_map,
    rows_from_standard_input,
    write_text,
)
from trackoracle.interfaces.cli.input_tracks import InputArgument, TrackOption, read_tracks
from trackoracle.interfaces.cli.oracle_commands import (
    BaseRateOption,
    OracleArgument,
    named_oracle,
)
from trackoracle.interfaces.cli.recordings import TagsOption
from trackoracle.rendering import (
    dependence_table,
    explanation_report,
    explanation_table,
    explanations_table,
    importance_report,
    importance_table,
)
from trackoracle.schema import check_table_path, write_table

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle
    from trackoracle.schema import Explanation

MOST_DRAWN = 20


def explain(
    oracle: OracleArgument = None,
    *,
    source: InputArgument,
    track: TrackOption = None,
    inputs: Annotated[
        bool, typer.Option("--inputs", help="Also tell every input of the model, for experts.")
    ] = False,
    interactions: Annotated[
        bool, typer.Option("--interactions", help="Also tell what two features tell together.")
    ] = False,
    dependence: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN",
            help="Also show predictions along a column: of one track, or with --global of all.",
        ),
    ] = [],  # noqa: B006
    overall: Annotated[
        bool,
        typer.Option("--global", help="Weigh features over all tracks of INPUT, a catalog."),
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
    tags: TagsOption = True,
    quiet: QuietOption = False,
) -> None:
    """Say what contributes to a prediction: a starting point and contributions that add up to it.

    Contributions are in points of popularity, log-odds of a hit, or tiers. They tell what went
    together in the tracks that the oracle learned from, not what causes popularity.

    Examples:

        trackoracle explain new_tracks.csv --track 3

        trackoracle explain x.oracle new_tracks.csv --html why.html -o why.csv

        trackoracle explain new_tracks.csv --track 3 --dependence tempo

        trackoracle explain x.oracle catalog.csv --global --dependence energy --html weighs.html

        echo '{"genre": "pop", "tempo": 120}' | trackoracle explain - --inputs
    """
    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, html, json), (source, *(oracle or ())))
    loaded = named_oracle(oracle, source)
    if overall:
        if track is not None or output or inputs or interactions or base_rate is not None:
            raise ConfigError(
                "--global: expected beside --dependence, --json or --html alone, got an option "
                "of single tracks. Leave it out."
            )
        read = {"columns": column_map(columns), "on_invalid": on_invalid, "encoding": encoding}
        _weigh(loaded, source, read, dependence, json, html, screen)
        return
    tracks = read_tracks(source, columns, on_invalid, encoding, screen=screen, tags=tags)
    for text in loaded.check(tracks.head(0)).notes:
        screen.note(text)
    if track is not None:
        tracks = loaded.pick(tracks, track)
        if len(tracks) > 1:
            screen.note(f"{len(tracks)} rows have the id {track}: each is explained.")
    if dependence and len(tracks) != 1:
        raise ConfigError(
            f"--dependence: expected one track or --global, got {len(tracks):,} tracks. "
            "Choose one by --track."
        )
    asked: dict[str, Any] = {"level": level, "base_rate": base_rate}
    asked["interactions"] = interactions
    drawn = list(loaded.explain_each(tracks.head(MOST_DRAWN), **asked))
    along = [loaded.dependence(tracks, column, level=level) for column in dependence]
    if html:
        write_text(html, explanation_report(drawn, len(tracks), along))
    if json and len(tracks) == 1:
        facts = drawn[0].to_dict()
        if along:
            facts["dependence"] = [one.to_dict() for one in along]
        screen.json(facts, json)
    elif json:
        each = loaded.explain_each(tracks, **asked)
        screen.json_each((_facts(told, inputs) for told in each), json)
    if output:
        by: Literal["feature", "input"] = "input" if inputs else "feature"
        write_table(loaded.explain_all(tracks, by=by, base_rate=base_rate), output)
    if json != "-" and len(tracks) == 1:
        screen.answer(explanation_table(drawn[0], inputs=inputs))
        for one in along:
            screen.answer(dependence_table(one))
    elif json != "-" and not output:
        screen.answer(explanations_table(drawn, len(tracks)))
    for path in (html, output):
        if path:
            screen.note(f"wrote {path}")


def _weigh(
    loaded: Oracle,
    source: str,
    read: dict[str, Any],
    columns: list[str],
    json: str | None,
    html: Path | None,
    screen: Screen,
) -> None:
    """Show what weighs over a catalog, and predictions along columns of it."""
    import trackoracle

    for column in columns:
        if column not in loaded.contract.names:
            raise UnknownNameError("--dependence", column, loaded.contract.names)
    rows = rows_from_standard_input() if source == "-" else source
    catalog = trackoracle.load_catalog(rows, **read)
    along = []
    for column in columns:
        along.append(loaded.partial_dependence(catalog, column))
        if loaded.contract[column].role == "number":
            along.append(loaded.accumulated_effects(catalog, column))
    found = loaded.importance(catalog)
    if html:
        write_text(html, importance_report(found, along, catalog.card.name))
    if json:
        facts = found.to_dict()
        screen.json({**facts, "dependence": [one.to_dict() for one in along]}, json)
    if json != "-":
        screen.answer(importance_table(found))
        for one in along:
            screen.answer(dependence_table(one))
    if html:
        screen.note(f"wrote {html}")


def _facts(told: Explanation, inputs: bool) -> dict[str, Any]:
    """Return an explanation among several as plain data, the model's inputs where asked for."""
    facts = told.to_dict()
    if not inputs:
        del facts["inputs"]
    return facts
