"""`train`, `evaluate`, `predict` and `info`: make an oracle and ask it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import polars as pl
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
from trackoracle.interfaces.cli.console import (
    Screen,
    check_outputs,
    column_map,
    overrides,
    write_text,
)
from trackoracle.interfaces.cli.input_tracks import InputArgument, read_tracks
from trackoracle.interfaces.cli.recordings import TagsOption, are_recordings
from trackoracle.schema import check_table_path, write_table

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle
    from trackoracle.schema import Target
    from trackoracle.training import TrainingConfig

BaseRateOption = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(help="Of hits: the true share, as 0.03, where the catalog's own is artificial."),
]
_ORACLE_HELP = (
    "A trained oracle, or hub:OWNER/NAME@REVISION; left out, the starter oracle that ships with "
    "TrackOracle."
)
RightsOption = Annotated[
    bool,
    typer.Option(
        "--i-have-the-rights",
        help="States that you may learn from tracks of a live service, whose terms forbid it.",
    ),
]
# A list, since only an argument of any length may be left out before another; see `named_oracle`.
OracleArgument = Annotated[
    Optional[list[Path]],  # noqa: UP045
    typer.Argument(
        metavar="X.oracle",
        help=_ORACLE_HELP,
        show_default=False,
    ),
]


def train(
    catalog: CatalogArgument,
    target: Annotated[
        Literal["popularity", "hit", "tier"], typer.Option(help="What to predict.")
    ] = "popularity",
    hit_above: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            help="A hit is above this popularity (70); for --target hit, instead of a label."
        ),
    ] = None,
    base_rate: BaseRateOption = None,
    tiers: Annotated[str, typer.Option(help="Edges between popularity tiers.")] = "25,50,75",
    profile: Annotated[
        Optional[Literal["fast", "full"]],  # noqa: UP045
        typer.Option(help="How much to try.", show_default="fast"),
    ] = None,
    config: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="TOML with any setting; the reference's page of settings has all."),
    ] = None,
    settings: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Override one setting.")
    ] = [],  # noqa: B006
    seed: Annotated[Optional[int], typer.Option(help="For folds and candidates (0).")] = None,  # noqa: UP045
    folds: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Test parts under each protocol (5)."),
    ] = None,
    artists: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Table of artist popularity to join first."),
    ] = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Save the oracle here."),
    ] = None,
    report: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write the report as HTML."),
    ] = None,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve", help="Also show what more tracks bring: the chosen one's learning curve."
        ),
    ] = False,
    study: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Keep the trials of the search (--profile full) here; go on with them if there.",
        ),
    ] = None,
    i_have_the_rights: RightsOption = False,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Train an oracle and show the leaderboard: every candidate under every protocol.

    The catalog is audited first; -o saves the best candidate as one file.

    Examples:

        trackoracle train dataset.csv -o popularity.oracle

        trackoracle train hit-predictor/ --target hit --base-rate 0.02 -o hits.oracle

        trackoracle train dataset.csv --target tier --tiers 0,10,20,30,40,50,60,70,80,90

        trackoracle train mine.csv --map popularity=score --set n_folds=3
    """
    import trackoracle
    from trackoracle.rendering import leaderboard_table, training_report
    from trackoracle.training import check_search

    screen = Screen(quiet=quiet)
    chosen_config = _config(config, profile, settings, seed, folds)
    chosen_target = _target(target, hit_above, base_rate, tiers)
    check_search(chosen_config, study)
    check_outputs((output, report, json), (catalog,))
    loaded = trackoracle.load_catalog(
        catalog, columns=column_map(columns), on_invalid=on_invalid, encoding=encoding
    )
    if artists:
        loaded = trackoracle.join_artists(loaded, trackoracle.load_artists(artists))
    screen.note(
        f"{loaded.card.n_tracks:,} tracks, {loaded.card.n_recordings:,} recordings "
        f"({loaded.card.adapter}); trackoracle check says more"
    )
    if loaded.card.unused_columns:
        screen.note(f"columns not used: {', '.join(loaded.card.unused_columns)}; --map admits them")
    try:
        with screen.progress("training") as progress:
            oracle = trackoracle.train(
                loaded,
                target=chosen_target,
                config=chosen_config,
                progress=progress,
                curve=curve,
                study=study,
                i_have_the_rights=i_have_the_rights,
            )
    except KeyboardInterrupt:
        if not (study and study.exists()):
            raise
        screen.note(f"Stopped. {study} keeps the finished trials; the same command goes on.")
        raise typer.Exit(1) from None
    if output:
        oracle.save(output)
    if report:
        write_text(report, training_report(oracle.report, loaded.card))
    if json:
        screen.json(oracle.report.to_dict(), json)
    if json != "-":
        screen.answer(leaderboard_table(oracle.report, synthetic=loaded.card.synthetic))
    for path in (output, report):
        if path:
            screen.note(f"wrote {path}")
    if not output:
        screen.note("The oracle was not saved; add -o X.oracle.")


def _target(name: str, hit_above: float | None, base_rate: float | None, tiers: str) -> Target:
    from trackoracle.schema import Hit, Popularity, Tier

    if name == "hit":
        return Hit(above=hit_above, base_rate=base_rate)
    if base_rate is not None:
        raise ConfigError("--base-rate: expected beside --target hit, got it alone. Add that.")
    try:
        edges = tuple(float(edge) for edge in tiers.split(","))
    except ValueError as error:
        raise ConfigError(f"--tiers: expected numbers as in 25,50,75, got {tiers!r}.") from error
    if name == "tier":
        if hit_above is not None:
            raise ConfigError("--hit-above: expected no --target tier, got both. Leave it out.")
        return Tier(edges)
    return Popularity(70.0 if hit_above is None else hit_above, edges)


def _config(
    path: Path | None,
    profile: str | None,
    settings: list[str],
    seed: int | None,
    folds: int | None,
) -> TrainingConfig:
    from trackoracle.training import TrainingConfig, load_config

    config = load_config(path, TrainingConfig()) if path else TrainingConfig()
    options = {"profile": profile, "seed": seed, "n_folds": folds}
    config = config.with_overrides({k: v for k, v in options.items() if v is not None})
    return config.with_overrides(overrides(settings))


def predict(
    oracle: OracleArgument = None,
    *,
    source: InputArgument,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write all rows: .csv, .parquet, .jsonl."),
    ] = None,
    level: Annotated[
        float, typer.Option(help="Probability of the interval, the shortest about the median.")
    ] = 0.9,
    base_rate: BaseRateOption = None,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    tags: TagsOption = True,
    quiet: QuietOption = False,
) -> None:
    """Predict tracks: one row each, in the input's order.

    Without an oracle the starter oracle answers, which judges every artist as a new one.

    Examples:

        trackoracle predict new_tracks.csv

        trackoracle predict x.oracle new_tracks.csv -o predictions.csv

        trackoracle predict https://open.spotify.com/track/ID

        echo '{"genre": "pop", "tempo": 120}' | trackoracle predict -
    """
    from trackoracle.catalogs import stream_tracks
    from trackoracle.rendering import predictions_table

    screen = Screen(quiet=quiet)
    if output:
        check_table_path(output)
    check_outputs((output, json), (source, *(oracle or ())))
    loaded = named_oracle(oracle, source)
    if output and not json and source.lower().endswith(".parquet"):
        asked: dict[str, Any] = {"columns": column_map(columns), "on_invalid": on_invalid}
        first = next(stream_tracks(Path(source), 1, **asked))
        for text in loaded.check(first.head(0)).notes:
            screen.note(text)
        with screen.progress("predicting") as progress:
            n_tracks = loaded.predict_file(
                source, output, level=level, base_rate=base_rate, progress=progress, **asked
            )
        screen.note(f"wrote {n_tracks:,} predictions to {output}")
        return
    tracks = read_tracks(source, columns, on_invalid, encoding, screen=screen, tags=tags)
    predictions = loaded.predict(tracks, level=level, base_rate=base_rate)
    # The notes are about columns; the rows were checked by predict.
    for text in loaded.check(tracks.head(0)).notes:
        screen.note(text)
    if json:
        screen.json(predictions.to_dicts(), json)
    if output:
        write_table(predictions, output)
        screen.note(f"wrote {len(predictions):,} predictions to {output}")
    elif json != "-":
        screen.answer(predictions_table(predictions, track_names(tracks), warn=not quiet))


def named_oracle(named: list[Path] | None, tracks: str) -> Oracle:
    """Load the oracle that stands before the tracks, or the starter oracle."""
    import trackoracle

    if not named and tracks.endswith(".oracle"):
        raise ConfigError(f"expected tracks, got the oracle {tracks}. Name the tracks after it.")
    if named and all(are_recordings(str(path)) for path in named):
        raise ConfigError(
            f"expected one recording, got {len(named) + 1}. Name their folder, or put a pattern "
            "in quotes, as 'demos/*.mp3'."
        )
    if named and len(named) > 1:
        listed = " ".join(map(str, named))
        raise ConfigError(f"expected one oracle before {tracks}, got {listed}. Name one.")
    return trackoracle.load_oracle(named[0] if named else None)


def track_names(tracks: pl.DataFrame) -> pl.Series | None:
    """Return what people call the tracks, where the table says."""
    if "track_name" not in tracks.columns:
        return None
    return tracks["track_name"].cast(pl.String)


def evaluate(
    oracle: OracleArgument = None,
    *,
    catalog: CatalogArgument,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Score an oracle on labelled tracks that it has never seen; seen ones are left out.

    Every score stands beside its interval.

    Examples:

        trackoracle evaluate x.oracle other_catalog.csv

        trackoracle evaluate other_catalog.csv
    """
    import trackoracle
    from trackoracle.rendering import evaluation_table

    screen = Screen(quiet=quiet)
    check_outputs((json,), (catalog, *(oracle or ())))
    loaded = named_oracle(oracle, catalog)
    tracks = trackoracle.load_catalog(
        catalog, columns=column_map(columns), on_invalid=on_invalid, encoding=encoding
    )
    evaluation = loaded.evaluate(tracks)
    for text in evaluation.notes:
        screen.note(text)
    if json:
        screen.json(evaluation.to_dict(), json)
    if json != "-":
        screen.answer(evaluation_table(evaluation))


def info(
    oracle: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(metavar="X.oracle", help=_ORACLE_HELP, show_default=False),
    ] = None,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show an oracle's model card: data, protocols, scores, limits, inputs, versions.

    Without an oracle that of the starter oracle.

    Examples:

        trackoracle info

        trackoracle info x.oracle
    """
    import trackoracle
    from trackoracle.rendering import oracle_table

    screen = Screen(quiet=quiet)
    loaded = trackoracle.load_oracle(oracle)
    if json:
        bundle = loaded.bundle
        screen.json(
            {
                "target": bundle.target.to_dict(),
                "candidate": bundle.candidate,
                "settings": bundle.settings,
                "catalog": bundle.catalog.to_dict(),
                "contract": bundle.contract.to_dict(),
                "report": bundle.report.to_dict(),
                "config": bundle.config,
                "versions": bundle.versions,
            },
            json,
        )
    if json != "-":
        screen.answer(oracle_table(loaded))
