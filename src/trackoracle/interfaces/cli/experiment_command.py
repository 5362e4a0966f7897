"""`experiment`: a grid of candidates and arms on a hit target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import typer

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
)
from trackoracle.interfaces.cli.oracle_commands import RightsOption
from trackoracle.schema import check_table_path, write_table

if TYPE_CHECKING:
    from trackoracle.experiments import ExperimentSettings

_Names = Optional[str]  # noqa: UP045 (typer reads it at run time)


def experiment(
    catalog: CatalogArgument,
    target: Annotated[Literal["hit"], typer.Option(help="What to predict.")] = "hit",
    hit_above: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="A hit is above this popularity; instead of a label."),
    ] = None,
    candidates: Annotated[
        _Names, typer.Option(metavar="NAMES", help="As linear,forest,lightgbm (these).")
    ] = None,
    resampling: Annotated[
        _Names,
        typer.Option(
            metavar="NAMES",
            help="Of none, class_weights, undersample, smote, adasyn, smote_tomek, "
            "balanced_forest (the first four).",
        ),
    ] = None,
    outliers: Annotated[
        _Names, typer.Option(metavar="NAMES", help="Of none, iqr_capping, z_removal (none).")
    ] = None,
    transforms: Annotated[
        _Names,
        typer.Option(
            metavar="NAMES", help="Of none, log, sqrt, box_cox, yeo_johnson (none); skewed inputs."
        ),
    ] = None,
    threshold: Annotated[
        _Names,
        typer.Option(metavar="RULE", help="One of f1, cost, precision_at_k, fixed (f1)."),
    ] = None,
    protocol: Annotated[
        _Names, typer.Option(metavar="NAME", help="Of the folds (new_artist).")
    ] = None,
    folds: Annotated[Optional[int], typer.Option(help="Test parts (5).")] = None,  # noqa: UP045
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="For folds, arms and candidates (0)."),
    ] = None,
    config: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="TOML with any setting."),
    ] = None,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Override one setting, as cost_miss=10."),
    ] = [],  # noqa: B006
    study: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Keep every finished cell here; the same command goes on from it."),
    ] = None,
    i_have_the_rights: RightsOption = False,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write a row a cell: .csv, .parquet, .jsonl."),
    ] = None,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Try resampling, outlier and transform arms, and see what they bring at the true rate.

    Every arm is fitted inside the folds, and judged on rows as they are.

    Examples:

        trackoracle experiment dataset.csv --hit-above 50

        trackoracle experiment hit-predictor/ --candidates forest --resampling none,smote,adasyn

        trackoracle experiment mine.csv --hit-above 70 --threshold cost --set cost_miss=20
        --study grid.json -o grid.csv
    """
    import trackoracle
    from trackoracle.rendering import experiment_table
    from trackoracle.schema import Hit

    screen = Screen(quiet=quiet)
    chosen = _settings(
        config,
        overrides(settings),
        candidates=candidates,
        resampling=resampling,
        outliers=outliers,
        transforms=transforms,
        threshold=threshold,
        protocol=protocol,
        n_folds=folds,
        seed=seed,
    )
    hit = Hit(above=hit_above)
    if output:
        check_table_path(output)
    check_outputs((output, study, json), (catalog,))
    loaded = trackoracle.load_catalog(
        catalog, columns=column_map(columns), on_invalid=on_invalid, encoding=encoding
    )
    screen.note(f"{loaded.card.n_tracks:,} tracks, {len(chosen.cells)} cells")
    try:
        with screen.progress("experiment") as progress:
            found = trackoracle.run_experiments(
                loaded,
                chosen,
                target=hit,
                study=study,
                progress=progress,
                i_have_the_rights=i_have_the_rights,
            )
    except KeyboardInterrupt:
        if not (study and study.exists()):
            raise
        screen.note(f"Stopped. {study} keeps the finished cells; the same command goes on.")
        raise typer.Exit(1) from None
    if json:
        screen.json(found.to_dict(), json)
    if json != "-":
        screen.answer(experiment_table(found, synthetic=loaded.card.synthetic))
    if output:
        write_table(found.to_frame(), output)
        screen.note(f"wrote {len(found.cells)} cells to {output}")


def _settings(path: Path | None, told: dict[str, str], **options: Any) -> ExperimentSettings:
    from trackoracle.experiments import ExperimentSettings, load_experiment_settings

    settings = load_experiment_settings(path) if path else ExperimentSettings()
    given = {name: value for name, value in options.items() if value is not None}
    return settings.with_overrides({**given, **told})
