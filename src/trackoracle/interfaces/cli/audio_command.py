"""`audio train`: estimators of audio features from recordings of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackoracle.interfaces.cli.catalog_commands import JsonOption, QuietOption
from trackoracle.interfaces.cli.console import Screen, check_outputs
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.audio import Learned

app = typer.Typer(
    name="audio",
    help="Train what estimates audio features from sound.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _root() -> None:
    """Keep `train` a command of its own, although it is the only one."""


@app.command()
def train(
    recordings: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Recordings; folders within count too.")
    ],
    labels: Annotated[
        Path,
        typer.Option(
            metavar="CSV",
            help="A column `file` and any of acousticness, danceability, energy, "
            "instrumentalness, liveness, speechiness, valence, 0 to 1; `artist`, where there "
            "is one, holds whole artists out of the folds.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="X.estimators", help="Write them here.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="Of folds and of the fit.")] = 0,
    network: Annotated[
        bool,
        typer.Option(
            "--network",
            help="Also try a network on log-mel spectrograms (extra neural): it answers what it "
            "measures better at.",
        ),
    ] = False,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fit estimators of audio features to recordings whose features are known.

    A file is named by its path in FOLDER, by its name, or by what stands before the ending.
    What cannot be heard, or has no label, is told and left out. The card in the file says how
    good they are, in folds that hold out artists.

    Examples:

        trackoracle audio train --recordings music/ --labels features.csv -o mine.estimators

        trackoracle listen new.mp3 --estimators mine.estimators
    """
    from trackoracle.audio import learn
    from trackoracle.rendering import learned_view

    screen = Screen(quiet=quiet)
    check_outputs((output, json), (labels, recordings))
    with screen.progress("listening") as progress:
        learned = learn(
            recordings,
            labels,
            seed=seed,
            network=network,
            n_jobs=Settings.from_environment().n_jobs,
            progress=progress,
        )
    _note_left_out(screen, learned)
    learned.estimators.save(output)
    screen.note(f"wrote {output}")
    if json:
        screen.json(learned.to_dict(), json)
    if json != "-":
        screen.answer(learned_view(learned.estimators.facts, learned.n_recordings))


def _note_left_out(screen: Screen, learned: Learned) -> None:
    for each in learned.skipped:
        screen.note(f"left out: {each.reason}")
    if learned.skipped:
        n_all = learned.n_recordings + len(learned.skipped)
        screen.note(f"{len(learned.skipped):,} of {n_all:,} recordings were left out")
    if learned.n_without_file:
        screen.note(f"{learned.n_without_file:,} rows of the labels are of no recording there")
