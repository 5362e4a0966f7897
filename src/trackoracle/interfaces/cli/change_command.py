"""`change`: which plausible edits would change the prediction of a track."""

from __future__ import annotations

from typing import Annotated

import typer

from trackoracle.interfaces.cli.catalog_commands import (
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import Screen, check_outputs, column_range
from trackoracle.interfaces.cli.input_tracks import (
    InputArgument,
    TrackOption,
    one_track,
    read_tracks,
)
from trackoracle.interfaces.cli.oracle_commands import (
    BaseRateOption,
    OracleArgument,
    named_oracle,
    track_names,
)
from trackoracle.interfaces.cli.recordings import TagsOption


def change(
    oracle: OracleArgument = None,
    *,
    source: InputArgument,
    track: TrackOption = None,
    goal: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="VALUE",
            help="At least this: points (60), 'hit', 'p_hit=0.3', 'tier=2'; or 'best'.",
        ),
    ] = "best",
    lock: Annotated[
        list[str], typer.Option(metavar="COLUMN", help="Must not move; may be repeated.")
    ] = [],  # noqa: B006
    unlock: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN",
            help="May move although no producer alters it, as liveness, explicit or genres.",
        ),
    ] = [],  # noqa: B006
    ranges: Annotated[
        list[str],
        typer.Option(
            "--range",
            metavar="COLUMN=LOW:HIGH",
            help="Edits of the column stay within; an end left out is the genre's.",
        ),
    ] = [],  # noqa: B006
    n: Annotated[int, typer.Option("-n", help="Counterfactuals wanted.")] = 5,
    most_edits: Annotated[int, typer.Option(help="Features that one may edit.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of what is tried at random besides.")] = 0,
    level: Annotated[float, typer.Option(help="Probability of the intervals.")] = 0.9,
    base_rate: BaseRateOption = None,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    tags: TagsOption = True,
    quiet: QuietOption = False,
) -> None:
    """Find plausible edits of one track by which another popularity is predicted.

    Tempo, duration, loudness, energy, danceability, valence, acousticness, instrumentalness,
    speechiness, key, mode and time signature move, within what real tracks of the genre have;
    artist, genre, title, date and history do not. Associations, not causes.

    Examples:

        trackoracle change new.csv --track 3

        trackoracle change x.oracle new.csv --track 3 --to 60 --lock tempo --range energy=:0.8

        echo '{"genre": "pop", "tempo": 120, "energy": 0.8}' | trackoracle change - --to hit
    """
    from trackoracle.rendering import counterfactuals_table

    screen = Screen(quiet=quiet)
    check_outputs((json,), (source, *(oracle or ())))
    bounds = dict(column_range(text) for text in ranges)
    loaded = named_oracle(oracle, source)
    row = one_track(
        loaded, read_tracks(source, columns, on_invalid, encoding, screen=screen, tags=tags), track
    )
    result = loaded.counterfactuals(
        row,
        goal=goal,
        lock=lock,
        unlock=unlock,
        ranges=bounds,
        n=n,
        most_edits=most_edits,
        seed=seed,
        level=level,
        base_rate=base_rate,
    )
    for text in loaded.check(row.head(0)).notes:
        screen.note(text)
    if json:
        screen.json(result.to_dict(), json)
    if json != "-":
        names = track_names(row)
        screen.answer(counterfactuals_table(result, None if names is None else names[0]))
